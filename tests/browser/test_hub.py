"""The hub's page: what the cloud knows of the store."""

from playwright.async_api import expect

from tests.browser.visit import Visit

STORE = "seongsu-1"


async def test_the_hub_shows_the_store_online_and_its_facts(visit: Visit) -> None:
    visit.expect_refusal("/v1/session")
    hub = await visit.window("hub", f"{visit.store.hub}/")
    await hub.get_by_test_id("sign-in-key").fill(visit.store.key)
    await hub.get_by_test_id("sign-in").click()
    await expect(hub.get_by_test_id(f"store-{STORE}")).to_have_attribute("data-online", "true")
    movements = hub.locator('[data-testid="fact"][data-type^="store.presence."]')
    await expect(movements.first).to_be_visible()
    await hub.get_by_test_id("lane-pickup").click()
    accepted = hub.locator('[data-testid="fact"][data-type="store.order.accepted.v1"]')
    await expect(accepted.first).to_be_visible()
    await expect(movements).to_have_count(0)
