"""The hub's page: what the cloud knows of the store, and what it sends there."""

from playwright.async_api import Page, expect

from tests.browser.floor import middle_of, send_by_keyboard, someone_outside
from tests.browser.visit import Visit

STORE = "seongsu-1"
CAMPAIGN = "jeans-today"


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


async def test_a_campaign_of_the_hub_is_offered_to_who_is_sent_there_by_keyboard(
    visit: Visit,
) -> None:
    hub, console = await visit.hub(), await visit.console()
    await _publish(hub)
    await expect(
        hub.locator(f'[data-testid="campaign"][data-campaign="{CAMPAIGN}"]')
    ).to_be_visible()
    shelf = middle_of(visit.store.plan, "denim")
    person = visit.store.person(await someone_outside(console, shelf))
    phone = await visit.phone(person)
    await send_by_keyboard(console, person.id, shelf)
    coupon = phone.locator(f'[data-testid="coupon"][data-campaign="{CAMPAIGN}"]')
    await expect(coupon).to_have_attribute("data-state", "offered")


async def _publish(hub: Page) -> None:
    """Fill in the campaign form, for the zone that it proposes."""
    await hub.get_by_test_id("open-campaign-form").click()
    for field, text in {
        "id": CAMPAIGN,
        "titleKo": "오늘의 청바지",
        "titleEn": "Jeans today",
        "textKo": "(광고) 오늘 하루만",
        "textEn": "(Advertisement) Today only",
    }.items():
        await hub.get_by_test_id(f"campaign-{field}").fill(text)
    await hub.get_by_test_id("goods-slim-jean").click()
    await hub.get_by_label("Runs for (days)").fill("1")  # what ends first is offered first
    await hub.get_by_test_id("campaign-publish").click()
    await expect(hub.get_by_test_id("campaign-form")).to_have_count(0)
