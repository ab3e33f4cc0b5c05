"""What holds for each of the five pages, and for their doors."""

import re
from collections.abc import Awaitable, Callable, Mapping

import pytest
from playwright.async_api import Page, expect

from tests.browser.visit import Visit

READY = {
    "console": "floor-plan",
    "staff": "board-waiting",
    "hub": "store-seongsu-1",
    "shopper": "consents",
    "mirror": "mirror",
    "sign-in": "sign-in-key",
    "outside": "outside",
}
"""What is there once a page has got its data."""

WITH_LANGUAGE_BUTTON = sorted(READY.keys() - {"mirror"})
"""A mirror has nothing to press: it speaks as its browser does."""

WIDTHS = ((390, 844), (820, 1180), (1080, 1920), (1440, 900))
"""Phone, tablet, mirror, desk; in CSS pixels."""

CONTROLS = {
    *("button", "switch", "checkbox", "radio", "link", "tab", "DisclosureTriangle"),
    *("textbox", "searchbox", "spinbutton", "combobox", "PopUpButton", "dialog"),
}
"""Roles, in Chromium's words, of what a person operates."""

HANGUL = re.compile("[가-힣]")


async def open_page(visit: Visit, name: str, language: str = "en") -> Page:
    """One of `READY`, with its data."""
    page = await _openings(visit, language)[name]()
    await expect(page.get_by_test_id(READY[name])).to_be_visible()
    return page


def _openings(visit: Visit, language: str) -> Mapping[str, Callable[[], Awaitable[Page]]]:
    agent = visit.store.agent
    visit.expect_refusal("/v1/session")  # a page asks who we are before it shows its door
    return {
        "console": lambda: visit.console(language=language),
        "staff": lambda: visit.staff(language=language),
        "hub": lambda: visit.hub(language=language),
        "shopper": lambda: visit.phone(visit.store.located(0), language=language),
        "mirror": lambda: visit.mirror("fitting-1", language=language),
        "sign-in": lambda: visit.window("staff", f"{agent}/staff/", language=language),
        "outside": lambda: visit.window("shopper", f"{agent}/shopper/", language=language),
    }


@pytest.mark.parametrize("name", READY)
async def test_no_page_scrolls_sideways(visit: Visit, name: str) -> None:
    page = await open_page(visit, name)
    for width, height in WIDTHS:
        await page.set_viewport_size({"width": width, "height": height})
        content = await page.evaluate("document.scrollingElement.scrollWidth")
        assert content <= width, f"{content} pixels of content on a screen of {width}"


@pytest.mark.parametrize("name", READY)
async def test_everything_to_operate_has_a_name(visit: Visit, name: str) -> None:
    page = await open_page(visit, name)
    assert await _nameless(page) == []


@pytest.mark.parametrize("form", ["open-order-form", "open-campaign-form"])
async def test_every_field_of_the_hubs_forms_has_a_name(visit: Visit, form: str) -> None:
    hub = await open_page(visit, "hub")
    await hub.get_by_test_id(form).click()
    await expect(hub.get_by_role("dialog")).to_be_visible()
    assert await _nameless(hub) == []


@pytest.mark.parametrize("name", WITH_LANGUAGE_BUTTON)
async def test_the_language_button_changes_words_and_document(visit: Visit, name: str) -> None:
    page = await open_page(visit, name)
    document = page.locator("html")
    await expect(document).to_have_attribute("lang", "en")
    await page.get_by_test_id("language").click()
    await expect(document).to_have_attribute("lang", "ko")
    await expect(page.locator("main")).to_contain_text(HANGUL)
    await page.get_by_test_id("language").click()
    await expect(document).to_have_attribute("lang", "en")


async def test_a_mirror_speaks_as_its_browser_does(visit: Visit) -> None:
    mirror = await open_page(visit, "mirror", language="ko")
    await expect(mirror.locator("html")).to_have_attribute("lang", "ko")
    await expect(mirror.locator("main")).to_contain_text(HANGUL)


async def _nameless(page: Page) -> list[str]:
    """What a screen reader would call by its role only."""
    devtools = await page.context.new_cdp_session(page)
    tree = await devtools.send("Accessibility.getFullAXTree")
    return [
        f"{node['role']['value']} {node.get('description', {}).get('value', '')}".strip()
        for node in tree["nodes"]
        if not node["ignored"]
        and node["role"]["value"] in CONTROLS
        and not node["name"]["value"].strip()
    ]
