"""From the code that staff show to the receipt of who has left, on the person's own phone."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from tests.browser.visit import Visit
from tests.support.open_store import OpenStore

CARD = "ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e:77:6"
"""Nobody in the demo carries it."""

PURPOSES = ("location", "advertising", "night_advertising")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who was invited and has joined, for the tests in their order; the last one leaves.

    Attributes:
        ticked: which boxes were ticked before the person touched any.
        unfolded: what stood under the first box once it was unfolded.
    """

    phone: Page
    visit: Visit
    ticked: tuple[bool, ...]
    unfolded: str


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def newcomer(store: OpenStore, browser: Browser) -> AsyncIterator[Newcomer]:
    """Scan what a clerk shows, read, tick one box, type the card's code, join."""
    visit = Visit(browser, store)
    phone = await visit.window("shopper", await _invitation(await visit.staff()))
    await expect(phone.get_by_test_id("joining")).to_be_visible()
    ticked = [await phone.get_by_test_id(f"agree-{one}").is_checked() for one in PURPOSES]
    text = phone.get_by_test_id("text-location")
    await text.locator("summary").click()
    unfolded = await text.inner_text()
    await phone.get_by_test_id("agree-location").check()
    await phone.get_by_test_id("card-code").fill(CARD)
    await phone.get_by_test_id("join").click()
    await expect(phone.get_by_test_id("seen")).to_have_attribute("data-state", "located")
    yield Newcomer(phone, visit, tuple(ticked), unfolded)
    await visit.leave()


async def test_nothing_is_ticked_beforehand(newcomer: Newcomer) -> None:
    assert newcomer.ticked == (False, False, False)


async def test_the_whole_text_stands_under_its_box(newcomer: Newcomer) -> None:
    assert "Location Information Act" in newcomer.unfolded
    assert "2026-11" in newcomer.unfolded


async def test_what_was_ticked_is_given_with_its_term_and_nothing_else_is(
    newcomer: Newcomer,
) -> None:
    phone = newcomer.phone
    await phone.get_by_test_id("consents").click()
    given = [phone.get_by_test_id(f"consent-{purpose}") for purpose in PURPOSES]
    for switch, on in zip(given, ("true", "false", "false"), strict=True):
        await expect(switch).to_have_attribute("aria-checked", on)
    await expect(phone.get_by_test_id("term-location")).to_contain_text("until")
    await expect(phone.get_by_test_id("term-advertising")).to_have_count(0)
    await given[2].click()
    await expect(phone.get_by_test_id("term-night_advertising")).to_be_visible()
    await phone.keyboard.press("Escape")


async def test_one_tap_pauses_and_one_goes_on(newcomer: Newcomer) -> None:
    seen = newcomer.phone.get_by_test_id("seen")
    await newcomer.phone.get_by_test_id("pause").click()
    await expect(seen).to_have_attribute("data-state", "paused")
    await newcomer.phone.get_by_test_id("resume").click()
    await expect(seen).to_have_attribute("data-state", "located")


async def test_the_page_is_still_the_persons_in_a_new_tab(newcomer: Newcomer) -> None:
    tab = await newcomer.phone.context.new_page()
    await tab.goto(f"{newcomer.visit.store.agent}/shopper/")
    await expect(tab.get_by_test_id("seen")).to_be_visible()
    await tab.close()


async def test_what_is_held_can_be_read_and_downloaded(newcomer: Newcomer) -> None:
    phone = newcomer.phone
    await phone.get_by_test_id("consents").click()
    await phone.get_by_test_id("record").click()
    await expect(phone.get_by_test_id("held")).to_contain_text(CARD)
    async with phone.expect_download() as download:
        await phone.get_by_test_id("record-save").click()
    assert CARD in (await (await download.value).path()).read_text(encoding="utf-8")
    await phone.keyboard.press("Escape")


async def test_who_leaves_gets_a_receipt_though_the_network_swallows_it_and_is_unknown_afterwards(
    newcomer: Newcomer,
) -> None:
    phone = newcomer.phone
    for path in ("/v1/live/shopper", "/v1/me/leave"):
        newcomer.visit.expect_refusal(path)
    await phone.route("**/v1/me/leave", _swallow_answer, times=2)
    await phone.get_by_test_id("consents").click()
    await phone.get_by_test_id("leave").click()
    await phone.get_by_test_id("leave-now").click()
    await expect(phone.get_by_test_id("farewell")).to_be_visible()
    await phone.reload()
    await phone.get_by_test_id("receipt-verify").click()
    await expect(phone.get_by_test_id("receipt-verified")).to_contain_text("about your leaving")
    await phone.get_by_test_id("receipt-done").click()
    await expect(phone.get_by_test_id("outside")).to_be_visible()
    kept = await phone.evaluate("({...localStorage, ...sessionStorage})")
    assert not [name for name in kept if name.startswith(("aisle.pass", "aisle.receipt"))]


async def _swallow_answer(route: Route) -> None:
    """The server gets the request, the page never hears of it."""
    await route.fetch()
    await route.abort()


async def _invitation(staff: Page) -> str:
    """The address in the QR code on the staff page."""
    await staff.get_by_test_id("invite").click()
    shown = staff.get_by_test_id("invitation")
    await expect(shown.get_by_role("img")).to_be_visible()
    return str(await shown.get_attribute("data-url"))
