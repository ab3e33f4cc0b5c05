"""What holds for each of the five pages, and for their doors."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.visit import Visit
from tests.support.open_store import OpenStore


@dataclass(frozen=True, slots=True)
class Sample:
    """How one page is known.

    Attributes:
        ready: the test id of what is there once it has got its data.
        english, korean: the same words of it.
    """

    ready: str
    english: str
    korean: str


SAMPLES = {
    "console": Sample("floor-plan", "What just happened", "방금 일어난 일"),
    "staff": Sample("board-waiting", "Waiting for pickup", "픽업 대기"),
    "hub": Sample("store-seongsu-1", "Last facts", "최근 사실"),
    "shopper": Sample("consents", "My coupons", "내 쿠폰"),
    "mirror": Sample("mirror-idle", "Bring something you like", "상품을 가까이 가져와 보세요"),
    "sign-in": Sample("sign-in-key", "Sign-in key", "로그인 키"),
    "outside": Sample("outside", "Join in the store", "매장에서 참여하세요"),
}
"""Five pages, and the two doors of those who are not in yet."""

MIRROR = "fitting-1"
"""No campaign runs there: it idles."""

WIDTHS = ((320, 640), (390, 844), (820, 1180), (1080, 1920), (1440, 900))
"""The narrowest phone (a desk at 400 %: WCAG 1.4.10), phone, tablet, mirror, desk (CSS pixels)."""

CONTROLS = {
    *("button", "switch", "checkbox", "radio", "link", "tab", "DisclosureTriangle"),
    *("textbox", "searchbox", "spinbutton", "combobox", "PopUpButton", "dialog"),
}
"""Roles, in Chromium's words, of what a person operates."""


@dataclass(frozen=True, slots=True)
class Opened:
    """One page in a browser that prefers English, and what its visit made of it."""

    name: str
    page: Page
    visit: Visit


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=SAMPLES)
async def opened(
    store: OpenStore, browser: Browser, request: pytest.FixtureRequest
) -> AsyncIterator[Opened]:
    """Each page, opened once for all that is asked of it."""
    visit = Visit(browser, store)
    page = await _openings(visit)[request.param]()
    await expect(page.get_by_test_id(SAMPLES[request.param].ready)).to_be_visible()
    yield Opened(request.param, page, visit)
    await visit.leave()


def _openings(visit: Visit) -> Mapping[str, Callable[[], Awaitable[Page]]]:
    agent = visit.store.agent
    visit.expect_refusal("/v1/session")  # a page asks who we are before it shows its door
    return {
        "console": visit.console,
        "staff": visit.staff,
        "hub": visit.hub,
        "shopper": lambda: visit.phone(visit.store.located(0)),
        "mirror": lambda: visit.mirror(MIRROR),
        "sign-in": lambda: visit.window("staff", f"{agent}/staff/"),
        "outside": lambda: visit.window("shopper", f"{agent}/shopper/"),
    }


async def test_a_page_loads_nothing_from_elsewhere_and_breaks_no_policy(opened: Opened) -> None:
    assert opened.visit.elsewhere == []
    assert opened.visit.complaints == []


async def test_a_page_never_scrolls_sideways(opened: Opened) -> None:
    for width, height in WIDTHS:
        await opened.page.set_viewport_size({"width": width, "height": height})
        content = await opened.page.evaluate("document.scrollingElement.scrollWidth")
        assert content <= width, f"{content} pixels of content on a screen of {width}"


async def test_everything_that_is_operated_has_a_name(opened: Opened) -> None:
    assert await _nameless(opened.page) == []


async def test_the_language_button_changes_words_and_document(opened: Opened) -> None:
    sample, body = SAMPLES[opened.name], opened.page.locator("body")
    button = opened.page.get_by_test_id("language")
    if opened.name == "mirror":  # nobody presses anything on a mirror
        return await expect(button).to_have_count(0)
    for language, words in (("en", sample.english), ("ko", sample.korean), ("en", sample.english)):
        await expect(opened.page.locator("html")).to_have_attribute("lang", language)
        await expect(body).to_contain_text(words)
        await button.click()
    return None


async def test_a_mirror_speaks_korean_when_its_browser_does(visit: Visit) -> None:
    mirror = await visit.mirror(MIRROR, language="ko")
    await expect(mirror.locator("html")).to_have_attribute("lang", "ko")
    await expect(mirror.locator("body")).to_contain_text(SAMPLES["mirror"].korean)


async def test_the_hubs_forms_fit_a_phone_and_name_their_fields(visit: Visit) -> None:
    hub = await visit.hub()
    await hub.set_viewport_size({"width": 390, "height": 844})
    for form in ("open-order-form", "open-campaign-form", "open-claim-form", "open-quarantine"):
        await hub.get_by_test_id(form).click()
        dialog = hub.get_by_role("dialog")
        await expect(dialog).to_be_visible()
        assert await dialog.evaluate("(it) => it.scrollWidth <= it.clientWidth")
        assert await _nameless(hub) == []
        await hub.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)


async def _nameless(page: Page) -> list[str]:
    """What a screen reader would call by its role only."""
    devtools = await page.context.new_cdp_session(page)
    tree = await devtools.send("Accessibility.getFullAXTree")
    await devtools.detach()
    return [
        f"{node['role']['value']} {node.get('description', {}).get('value', '')}".strip()
        for node in tree["nodes"]
        if not node["ignored"]
        and node["role"]["value"] in CONTROLS
        and not node["name"]["value"].strip()
    ]
