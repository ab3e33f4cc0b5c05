"""The cloud goes away and comes back, while people go on."""

from playwright.async_api import Page, expect

from tests.browser.errands import arrival_on, expect_state, order_on, pick
from tests.browser.visit import Visit


async def test_without_the_cloud_the_store_goes_on_and_with_it_the_hub_has_it_all(
    visit: Visit,
) -> None:
    customer = visit.store.refuser
    console, staff, hub = await visit.console(), await visit.staff(), await visit.hub()
    phone = await visit.phone(customer)
    order = str((await visit.store.pull(f"people/{customer.id}/order"))["order"])
    await expect(order_on(staff, order)).to_be_visible()

    await console.get_by_test_id("cut-cloud").click()
    for page in (console, staff, phone):
        await _expect_badge(page, "offline")
    await pick(staff, order)
    await order_on(staff, order).get_by_test_id("stage-desk").click()
    await order_on(phone, order).get_by_test_id("i-am-here").click()
    await expect(arrival_on(staff, order)).to_be_visible()
    waiting = console.get_by_test_id("facts-waiting")
    await expect(waiting).not_to_have_attribute("data-waiting", "0")
    lane = console.get_by_test_id("lane-pickup")
    await expect(lane).not_to_have_attribute("data-waiting", "0")
    await expect(console.get_by_test_id("link-error")).to_be_visible()
    had = int(await lane.get_attribute("data-acknowledged") or 0)
    await expect_state(hub, order, "accepted")

    await console.get_by_test_id("restore-cloud").click()
    for page in (console, staff):
        await _expect_badge(page, "online")
    await expect(phone.get_by_test_id("cloud-badge")).to_have_count(0)
    await expect(waiting).to_have_attribute("data-waiting", "0")
    assert int(await lane.get_attribute("data-acknowledged") or 0) > had
    await expect_state(hub, order, "arrived")


async def _expect_badge(page: Page, cloud: str) -> None:
    await expect(page.get_by_test_id("cloud-badge")).to_have_attribute("data-cloud", cloud)
