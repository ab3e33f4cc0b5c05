"""The mirror: idle, what lies before it, and nothing of it once the room is left."""

from playwright.async_api import Page, expect

from tests.browser.visit import Visit

FITTING = "fitting-1"
"""No campaign runs there: what it shows are goods."""

RUNNER_240 = "8800000001012"
RUNNER_250 = "8800000001029"


async def test_goods_before_a_mirror_are_shown_with_sizes_in_stock_until_the_room_is_left(
    visit: Visit,
) -> None:
    mirror = await visit.mirror(FITTING)
    await expect(mirror.get_by_test_id("mirror-idle")).to_be_visible()
    assert mirror.url == f"{visit.store.agent}/mirror/"

    await visit.store.pull(f"mirrors/{FITTING}/items", {"gtins": [RUNNER_240]})
    item = mirror.get_by_test_id("mirror-item")
    await expect(item).to_have_attribute("data-gtin", RUNNER_240)
    available = await _available(await visit.staff(), RUNNER_250)
    await expect(item.get_by_test_id(f"size-{RUNNER_250}")).to_have_attribute(
        "data-available", available
    )
    await expect(mirror.get_by_test_id("mirror")).not_to_have_attribute("data-session", "")

    await visit.store.pull(f"mirrors/{FITTING}/items", {"gtins": []})
    await expect(mirror.get_by_test_id("mirror-idle")).to_be_visible()
    await expect(item).to_have_count(0)
    await expect(mirror.get_by_test_id("mirror")).to_have_attribute("data-session", "")


async def test_a_mirror_in_the_console_shows_what_is_brought_there(visit: Visit) -> None:
    console = await visit.console()
    await console.get_by_test_id(f"plan-mirror-{FITTING}").click()
    await console.get_by_test_id("open-mirror").click()
    mirror = console.get_by_test_id("mirror-frame").frame_locator("iframe")
    await expect(mirror.get_by_test_id("mirror-idle")).to_be_visible()
    bring = console.get_by_test_id("hand").locator('[data-testid^="bring-"]').first
    await bring.click()
    await expect(mirror.get_by_test_id("mirror-item")).to_be_visible()
    await bring.click()
    await expect(mirror.get_by_test_id("mirror-idle")).to_be_visible()


async def _available(staff: Page, gtin: str) -> str:
    """How many the staff page says can be sold."""
    await staff.get_by_test_id("show-stock").click()
    await staff.get_by_test_id("stock-search").fill(gtin)
    await expect(staff.get_by_test_id(f"stock-{gtin}")).to_be_visible()
    return await staff.get_by_test_id(f"stock-{gtin}").get_by_role("cell").last.inner_text()
