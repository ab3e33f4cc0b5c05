"""The shopper's own page: how it is joined, and what its owner decides there."""

from playwright.async_api import expect

from tests.browser.floor import colour_of
from tests.browser.visit import Visit

AT_ONCE_MS = 12_000
"""Well before the 30 s after which anybody who is no longer heard is believed to be gone."""


async def test_a_code_opens_one_phone_and_leaves_the_address(visit: Visit) -> None:
    visit.expect_refusal("/v1/join")
    link = await visit.phone_link(visit.store.located(0))
    phone = await visit.window("shopper", link)
    await expect(phone.get_by_test_id("consents")).to_be_visible()
    assert phone.url == f"{visit.store.agent}/shopper/"
    await phone.reload()
    await expect(phone.get_by_test_id("consents")).to_be_visible()
    second = await visit.window("shopper", link)
    await expect(second.get_by_test_id("outside").get_by_role("alert")).not_to_be_empty()


async def test_who_takes_location_back_is_believed_nowhere(visit: Visit) -> None:
    person = visit.store.located(-1)
    console = await visit.console()
    phone = await visit.phone(person)
    believed = console.locator(
        f'[data-testid="believed"][style*="{await colour_of(console, person.id)}"]'
    )
    await expect(believed).to_be_visible()
    await phone.get_by_test_id("consents").click()
    location = phone.get_by_test_id("consent-location")
    await location.click()
    await expect(location).to_have_attribute("aria-checked", "false")
    await expect(believed).to_have_count(0, timeout=AT_ONCE_MS)
    await location.click()
    await expect(believed).to_be_visible()
