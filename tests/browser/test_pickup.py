"""An order from the hub into its customer's hands, seen on all pages that take part."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import expect

from tests.browser.errands import arrival_on, expect_state, order_on, pick, place_at_hub
from tests.browser.visit import Visit

NEAR_THE_LOCKER = {"x": 20.0, "y": 7.0}
"""Just outside the pickup zone, so that the way to the locker is short (metres)."""

DOORS = range(1, 17)
"""Of the demo's one bank, A."""


async def test_an_order_goes_from_the_hub_through_the_locker_to_its_customer(visit: Visit) -> None:
    customer = visit.store.located(1)
    hub, staff, console = await visit.hub(), await visit.staff(), await visit.console()
    phone = await visit.phone(customer)
    order = await place_at_hub(hub, collector="Baek Areum", shopper=customer)
    door = console.locator(f'[data-testid^="door-"][aria-label*="{order}"]')

    await expect(staff.get_by_test_id("board-pick").locator(order_on(staff, order))).to_be_visible()
    await pick(staff, order)
    await order_on(staff, order).get_by_test_id("stage-locker").click()
    await visit.store.pull(f"people/{customer.id}/walk", NEAR_THE_LOCKER)
    await expect(door).to_have_attribute("data-door", "open")
    await expect_state(phone, order, "ready")
    await expect(door).to_have_attribute("data-door", "closed")
    code = order_on(phone, order).get_by_test_id("pass").get_by_role("img")
    await expect(code).to_be_visible()
    assert await code.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0

    await console.get_by_test_id(f"choose-{customer.id}").click()
    await console.get_by_test_id("show-pass").click()
    await expect(arrival_on(staff, order)).to_be_visible()
    await expect(door).to_have_attribute("data-door", "open")
    for page in (phone, staff, hub):
        await expect_state(page, order, "collected")
    await expect(arrival_on(staff, order)).to_have_count(0)
    await expect(door).to_have_count(0)


async def test_a_handover_at_the_desk_is_confirmed_by_a_button(visit: Visit) -> None:
    customer = visit.store.refuser
    staff, phone = await visit.staff(), await visit.phone(customer)
    order = str((await visit.store.pull(f"people/{customer.id}/order"))["order"])
    await pick(staff, order)
    await order_on(staff, order).get_by_test_id("stage-desk").click()
    await order_on(phone, order).get_by_test_id("i-am-here").click()
    await expect(arrival_on(staff, order)).to_contain_text("Tapped")
    await arrival_on(staff, order).get_by_test_id("handover").click()
    await expect_state(phone, order, "collected")
    await expect(arrival_on(staff, order)).to_have_count(0)


async def test_staff_are_told_of_an_open_door_when_it_is_open_and_not_when_it_was_asked_for(
    visit: Visit,
) -> None:
    staff = await visit.staff()
    order = str((await visit.store.pull(f"people/{visit.store.refuser.id}/order"))["order"])
    card = order_on(staff, order)
    staging = card.get_by_test_id("staging")
    await pick(staff, order)
    async with _every_door_jammed(visit):
        await card.get_by_test_id("stage-locker").click()
        await expect(staging).to_have_text(re.compile(r"^Opening A-\d+…$"))
        await expect(card.get_by_test_id("problem")).to_contain_text("Put it in a locker again")
    await card.get_by_test_id("stage-locker").click()
    await expect(staging).to_have_attribute("data-door", "open")
    await expect(staging).to_have_text("The door is open. Put the bag in and close it.")
    await expect_state(staff, order, "ready")

    mended = staff.locator('[data-testid^="in-service-"]')
    await mended.click()
    await expect(mended).to_have_count(0)


@asynccontextmanager
async def _every_door_jammed(visit: Visit) -> AsyncIterator[None]:
    for door in DOORS:
        await visit.store.pull(f"doors/A/{door}", {"jammed": True})
    try:
        yield
    finally:
        for door in DOORS:
            await visit.store.pull(f"doors/A/{door}", {"jammed": False})
