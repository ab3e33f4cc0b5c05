"""The console when radios fail: what is blind, what is unknown, and what is done about it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from playwright.async_api import Page, Route, expect

from tests.browser.visit import Visit

GATEWAYS = ("entrance-omg", "fitting-omg", "pickup-omg")
"""Receivers on the store broker, at three sides of the floor."""

COLUMNS, ROWS = 24, 14


def _hour(begin: str, seconds: Mapping[tuple[int, int], float]) -> dict[str, object]:
    rows = [[seconds.get((column, row)) for column in range(COLUMNS)] for row in range(ROWS)]
    return {"from": begin, "seconds": rows}


HEAT = {
    "cell_m": 1.0,
    "columns": COLUMNS,
    "rows": ROWS,
    "at_least": 5,
    "hours": [
        _hour("2026-11-22T05:00:00Z", {(2, 2): 900.0, (3, 2): 300.0}),
        _hour("2026-11-22T04:00:00Z", {}),
        _hour("2026-11-22T03:00:00Z", {(10, 2): 2700.0}),
    ],
}
"""What an agent answers after three hours: shoes now, nobody before, denim first."""


@asynccontextmanager
async def _broken(visit: Visit, fault: str) -> AsyncIterator[None]:
    """A fault that is ended whatever becomes of the test."""
    await visit.store.pull(f"faults/{fault}", {"on": True})
    try:
        yield
    finally:
        await visit.store.pull(f"faults/{fault}", {"on": False})


async def test_blind_receivers_make_zones_unknown_until_they_hear_again(visit: Visit) -> None:
    console, staff = await visit.console(), await visit.staff()
    await console.get_by_test_id("open-faults").click()
    switch = console.get_by_test_id("fault-store-broker-dead")
    await expect(switch).to_have_attribute("aria-checked", "false")
    async with _broken(visit, "store-broker-dead"):
        await expect(switch).to_have_attribute("aria-checked", "true")
        await expect(console.get_by_test_id("faults-on")).to_contain_text("Store broker dead")
        for receiver in GATEWAYS:
            await _expect_receiver(console, receiver, "blind")
        card = console.get_by_test_id("receiver-pickup-omg")
        await expect(card).to_contain_text("The store broker is not reached")
        pickup = console.get_by_test_id("zone-pickup")
        await expect(pickup).to_have_attribute("data-state", "unknown")
        named = console.get_by_role("img", name="Pickup: unknown", exact=False)
        await expect(named).to_have_accessible_name(
            "Pickup: unknown, " + ", ".join(GATEWAYS) + " hear nothing"
        )
        await expect(console.get_by_test_id("unknown-zones")).to_contain_text("Pickup")
        await expect(staff.get_by_test_id("cannot-see")).to_contain_text("Pickup")
        await expect(console.get_by_test_id("zone-shoes")).to_have_attribute("data-state", "known")

        await switch.press("Space")
        await expect(switch).to_have_attribute("aria-checked", "false")
    for receiver in GATEWAYS:
        await _expect_receiver(console, receiver, "hearing")
    await expect(pickup).to_have_attribute("data-state", "known")
    await expect(console.get_by_test_id("sight")).to_have_count(0)
    await expect(staff.get_by_test_id("sight-notice")).to_have_count(0)


async def test_a_fault_is_begun_and_ended_by_keyboard_at_one_receiver(visit: Visit) -> None:
    console = await visit.console()
    await console.get_by_test_id("open-faults").press("Enter")
    fault = console.get_by_test_id("fault-receiver-screened")
    await fault.locator("summary").press("Enter")
    one = console.get_by_test_id("fault-receiver-screened-ceiling-denim")
    await one.press("Enter")
    await expect(one).to_have_attribute("aria-pressed", "true")
    await expect(console.get_by_test_id("open-faults")).to_contain_text("1 on")
    end = console.get_by_test_id("end-receiver-screened-ceiling-denim")
    await end.press("Enter")
    await expect(console.get_by_test_id("faults-on")).to_have_attribute("data-count", "0")
    await console.get_by_test_id("close-faults").press("Enter")
    await expect(console.get_by_test_id("faults")).to_have_count(0)


async def test_references_hang_on_the_plan_and_say_who_hears_them(visit: Visit) -> None:
    console = await visit.console()
    await expect(console.get_by_test_id("plan-beacon-reference-middle")).to_be_visible()
    card = console.get_by_test_id("beacon-reference-middle")
    await expect(card).to_contain_text("ceiling-middle")
    await expect(card).to_contain_text("dBm")


async def test_the_heat_map_of_the_running_store_is_shown_instead_of_its_people(
    visit: Visit,
) -> None:
    console = await visit.console()
    someone = console.get_by_test_id(f"person-{visit.store.located(0).id}")
    await expect(someone).to_be_visible()
    await console.get_by_test_id("show-heat").click()
    await expect(console.get_by_test_id("heat-layer")).to_be_visible()
    await expect(console.get_by_test_id("heat-words")).to_contain_text("until now")
    await expect(console.get_by_test_id("heat-summary")).not_to_be_empty()
    await expect(someone).to_have_count(0)
    await console.get_by_test_id("show-now").click()
    await expect(someone).to_be_visible()


async def test_an_hour_of_the_heat_map_is_chosen_by_keyboard(visit: Visit) -> None:
    console = await visit.console()
    await console.route("**/v1/floor/heat*", _answer_heat)
    await console.get_by_test_id("show-heat").press("Enter")
    summary = console.get_by_test_id("heat-summary")
    coloured = console.locator('[data-testid="heat-layer"] [class^="heat-"]')
    await expect(summary).to_have_text("Shoes 20 min")
    await expect(coloured).to_have_count(2)
    slider = console.get_by_role("slider", name="Hour")
    await slider.press("ArrowLeft")
    await expect(summary).to_have_text("In this hour no place was visited by 5 people.")
    await expect(coloured).to_have_count(0)
    await slider.press("Home")
    await expect(summary).to_have_text("Denim 45 min")
    await expect(console.locator(".heat .heat-5")).to_have_count(1)
    await expect(slider).to_have_attribute("aria-valuetext", await _words(console))
    await slider.press("End")
    await expect(summary).to_have_text("Shoes 20 min")
    legend = console.get_by_text("fewer than 5 people: not shown")
    await expect(legend).to_be_visible()


async def test_a_heat_map_that_cannot_be_had_says_so_and_is_tried_again(visit: Visit) -> None:
    visit.expect_refusal("/v1/floor/heat")
    console = await visit.console()
    await console.route("**/v1/floor/heat*", lambda route: route.fulfill(status=503))
    await console.get_by_test_id("show-heat").click()
    await expect(console.get_by_text("This did not work.")).to_be_visible()
    await console.unroute("**/v1/floor/heat*")
    await console.get_by_role("button", name="Try again").click()
    await expect(console.get_by_test_id("heat-layer")).to_be_visible()


async def _answer_heat(route: Route) -> None:
    await route.fulfill(json=HEAT)


async def _words(console: Page) -> str:
    return await console.get_by_test_id("heat-words").inner_text()


async def _expect_receiver(console: Page, receiver: str, state: str) -> None:
    for test_id in (f"receiver-{receiver}", f"plan-receiver-{receiver}"):
        await expect(console.get_by_test_id(test_id)).to_have_attribute("data-state", state)
