"""The store console: who may see it, and what stands on its floor."""

from playwright.async_api import expect

from tests.browser.visit import Visit


async def test_a_wrong_key_is_refused_in_words_and_the_right_one_opens_floor_and_parked_facts(
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
    await page.get_by_test_id("open-parked").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Nothing is parked")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.get_by_test_id("sign-out").click()
    await expect(page.get_by_test_id("sign-in-key")).to_be_visible()
