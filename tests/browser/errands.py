"""What is done with an order on the pages, step by step, as people do it."""

from playwright.async_api import Locator, Page, expect

from tests.support.open_store import Person


async def place_at_hub(hub: Page, *, collector: str, shopper: Person) -> str:
    """Fill in the order form; the order's number."""
    await hub.get_by_test_id("open-order-form").click()
    await hub.get_by_test_id("order-collector").fill(collector)
    await hub.get_by_test_id("order-phone").fill("0417")
    await hub.get_by_test_id("order-shopper").fill(shopper.shopper)
    await hub.get_by_test_id("order-place").click()
    await expect(hub.get_by_test_id("order-form")).to_have_count(0)
    placed = hub.get_by_test_id("order").filter(has_text=collector)
    await expect(placed).to_be_visible()
    return str(await placed.get_attribute("data-order"))


def order_on(page: Page, order: str) -> Locator:
    """An order, on any page that lists orders."""
    return page.locator(f'[data-testid="order"][data-order="{order}"]')


async def expect_state(page: Page, order: str, state: str) -> None:
    """Wait until a page says so of an order."""
    badge = order_on(page, order).get_by_test_id("order-state")
    await expect(badge).to_have_attribute("data-state", state)


async def pick(staff: Page, order: str) -> None:
    """Put its goods into a bag."""
    await order_on(staff, order).get_by_test_id("pick").click()
    await order_on(staff, order).get_by_test_id("picked").click()


def arrival_on(staff: Page, order: str) -> Locator:
    """The customer of an order, on the strip of those who wait."""
    return staff.locator(f'[data-testid="arrival"][data-order="{order}"]')
