"""A campaign of the hub's reaches who is sent to its shelf, by mouse or by keyboard."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.floor import drag, send_by_keyboard, someone_outside
from tests.browser.visit import Visit
from tests.support.open_store import OpenStore

CAMPAIGN = "sneakers-today"
"""Published here, so that nobody who strolled by has its coupon already."""

SHELF = "shoes"
BESIDE_IT = "shoes-mirror"

ASIDE_M = 1.5
"""From the one to the other at the shelf: two bodies in one place shade each other's cards."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The windows that show what comes of sending two people to the shelf.

    Attributes:
        dragged, steered: the phones of who was sent by mouse and by keyboard.
    """

    console: Page
    mirror: Page
    dragged: Page
    steered: Page


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sent(store: OpenStore, browser: Browser) -> AsyncIterator[Sent]:
    """Publish the campaign, and send two people at once: one visit takes a quarter of a minute."""
    visit = Visit(browser, store)
    await _publish(await visit.hub())
    console, mirror = await visit.console(), await visit.mirror(BESIDE_IT)
    shelf = store.plan.zone(SHELF).centre
    first = store.person(await someone_outside(console, shelf))
    dragged = await visit.phone(first)
    await drag(console, first.id, shelf)
    second = store.person(await someone_outside(console, shelf, other_than=first.id))
    steered = await visit.phone(second)
    await send_by_keyboard(console, second.id, (shelf[0] - ASIDE_M, shelf[1]))
    yield Sent(console, mirror, dragged, steered)
    await visit.leave()


async def test_who_is_dragged_to_the_shelf_is_offered_a_coupon(sent: Sent) -> None:
    coupon = _coupon_on(sent.dragged)
    await expect(coupon).to_have_attribute("data-state", "offered")
    await expect(coupon.get_by_test_id("coupon-code")).not_to_be_empty()


async def test_who_is_steered_there_by_keyboard_is_offered_one_too(sent: Sent) -> None:
    await expect(_coupon_on(sent.steered)).to_have_attribute("data-state", "offered")


async def test_the_console_lists_the_coupon_that_was_issued(sent: Sent) -> None:
    issued = sent.console.get_by_test_id("issued-coupon").filter(has_text="Sneakers today")
    await expect(issued.first).to_have_attribute("data-state", "offered")


async def test_the_mirror_beside_the_shelf_shows_the_offer_without_its_code(sent: Sent) -> None:
    offer = sent.mirror.locator(f'[data-testid="mirror-offer"][data-campaign="{CAMPAIGN}"]')
    await expect(offer).to_contain_text("Sneakers today")
    for phone in (sent.dragged, sent.steered):
        code = await _coupon_on(phone).get_by_test_id("coupon-code").inner_text()
        await expect(offer).not_to_contain_text(code)


def _coupon_on(phone: Page) -> Locator:
    return phone.locator(f'[data-testid="coupon"][data-campaign="{CAMPAIGN}"]')


async def _publish(hub: Page) -> None:
    """Fill in the campaign form."""
    await hub.get_by_test_id("open-campaign-form").click()
    for field, text in {
        "id": CAMPAIGN,
        "titleKo": "오늘의 스니커즈",
        "titleEn": "Sneakers today",
        "textKo": "(광고) 오늘 하루만",
        "textEn": "(Advertisement) Today only",
    }.items():
        await hub.get_by_test_id(f"campaign-{field}").fill(text)
    await hub.get_by_label("Zone").select_option(SHELF)
    await hub.get_by_test_id("goods-runner").click()
    await hub.get_by_label("Runs for (days)").fill("1")  # what ends first is offered first
    await hub.get_by_test_id("campaign-publish").click()
    published = hub.locator(f'[data-testid="campaign"][data-campaign="{CAMPAIGN}"]')
    await expect(published).to_contain_text("Sneakers today")
