"""The store console: who may see it, and what follows when somebody is sent to the shelf."""

from playwright.async_api import expect

from tests.browser.floor import drag, middle_of, someone_outside
from tests.browser.visit import Visit

SHOES = "shoes"
CAMPAIGN = "sneaker-week"
BESIDE_THE_SHOES = "shoes-mirror"


async def test_a_wrong_key_is_refused_in_words_and_the_right_one_opens_the_floor(
    visit: Visit,
) -> None:
    visit.expect_refusal("/v1/session")
    page = await visit.window("console", f"{visit.store.agent}/console/")
    await page.get_by_test_id("sign-in-key").fill("not-the-key")
    await page.get_by_test_id("sign-in").click()
    await expect(page.get_by_role("alert")).to_have_text("This key does not fit.")
    await expect(page.get_by_test_id("floor-plan")).to_have_count(0)
    await page.get_by_test_id("sign-in-key").fill(visit.store.key)
    await page.get_by_test_id("sign-in").click()
    for person in visit.store.people:
        await expect(page.get_by_test_id(f"person-{person.id}")).to_be_visible()
    await expect(page.get_by_test_id("believed").first).to_be_visible()
    await page.get_by_test_id("sign-out").click()
    await expect(page.get_by_test_id("sign-in-key")).to_be_visible()


async def test_who_is_dragged_to_the_shelf_is_offered_a_coupon_on_phone_and_mirror(
    visit: Visit,
) -> None:
    console = await visit.console()
    mirror = await visit.mirror(BESIDE_THE_SHOES)
    shelf = middle_of(visit.store.plan, SHOES)
    person = visit.store.person(await someone_outside(console, shelf))
    phone = await visit.phone(person)
    offered = f'[data-testid="coupon"][data-campaign="{CAMPAIGN}"][data-state="offered"]'
    await expect(phone.locator(offered)).to_have_count(0)
    await drag(console, person.id, shelf)
    await expect(phone.locator(offered)).to_be_visible()
    await expect(phone.locator(offered).get_by_test_id("coupon-code")).not_to_be_empty()
    await expect(console.get_by_test_id("issued-coupon").first).to_be_visible()
    await expect(mirror.get_by_test_id("mirror-offer")).to_have_attribute("data-campaign", CAMPAIGN)
