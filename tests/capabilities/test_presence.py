import asyncio
from datetime import datetime, timedelta
from functools import partial

import pytest

from cloud_bridge.wire.facts.presence import StoreEntered
from device_profiles.sighting import Sighting
from edge_agent.capabilities.presence.decide.estimator import TICK_S
from edge_agent.capabilities.presence.decide.tracker import EARLY_S, GATHER_S
from edge_agent.capabilities.presence.decide.zones import zone_at
from edge_agent.capabilities.presence.model import Hearing
from edge_agent.capabilities.presence.service import AT_ONCE, Presence
from edge_agent.kernel.clock import SystemClock
from edge_agent.kernel.facts import Fact
from edge_agent.storage import Storage, StorageUnavailable, Tx
from tests.capabilities.radio_world import FLOOR, POLICY, Air, Day, People
from tests.capabilities.world import MORNING, StillClock, facts, names

SHOES, DENIM, FITTING, TILLS, PICKUP, DOOR = (
    (3.0, 2.5),
    (11.0, 2.5),
    (19.0, 2.0),
    (11.5, 11.5),
    (21.0, 11.5),
    (2.5, 12.0),
)


async def said(storage: Storage) -> list[str]:
    """Facts of presence as ``what zone``, oldest first."""
    return [
        name if name.startswith("store_") else f"{name} {data.get('zone', data.get('receiver'))}"
        for kind, data in await facts(storage, "store.presence")
        for name in [kind.removeprefix("presence.")]
    ]


@pytest.mark.parametrize("seed", range(5))
async def test_who_stands_at_the_shoes_is_there_dwells_once_and_does_not_flap(
    storage: Storage, clock: StillClock, seed: int
) -> None:
    day = Day(storage, clock, People("anna"), Air(seed))
    await day.stand(60, anna=SHOES)
    assert await said(storage) == ["store_entered", "zone_entered shoes", "zone_dwelled shoes"]


@pytest.mark.parametrize(
    ("zone", "place"),
    [("denim", DENIM), ("fitting", FITTING), ("tills", TILLS), ("pickup", PICKUP)],
)
async def test_every_zone_is_found(
    storage: Storage, clock: StillClock, zone: str, place: tuple[float, float]
) -> None:
    day = Day(storage, clock, People("anna"))
    await day.stand(15, anna=place)
    assert day.zone_of("anna") == day.presence.zone_of("anna") == zone
    assert day.presence.zone_of("nobody") is None


async def test_a_walk_through_the_store_is_told_in_order(
    storage: Storage, clock: StillClock
) -> None:
    day = Day(storage, clock, People("anna"))
    await day.stand(12, anna=DOOR)
    await day.walk("anna", DOOR, SHOES)
    await day.stand(12, anna=SHOES)
    await day.walk("anna", SHOES, PICKUP)
    await day.stand(6, anna=PICKUP)
    entered = [word for word in await said(storage) if word.startswith("zone_entered")]
    assert entered[0] == "zone_entered entrance"
    assert entered[1] == "zone_entered shoes"
    assert entered[-1] == "zone_entered pickup"
    assert len(entered) <= 5
    assert (await said(storage)).count("zone_dwelled shoes") == 1


async def test_coming_back_is_another_stay_with_another_dwell(
    storage: Storage, clock: StillClock
) -> None:
    day = Day(storage, clock, People("anna"))
    for _ in range(2):
        await day.stand(12, anna=SHOES)
        await day.stand(12, anna=TILLS)
    assert (await said(storage)).count("zone_dwelled shoes") == 2


async def test_unequal_receivers_still_find_the_shelf(storage: Storage, clock: StillClock) -> None:
    deaf = {"ceiling-shoes": 5.0, "ceiling-denim": -3.0, "fitting-omg": 3.0}
    day = Day(storage, clock, People("anna"), Air(deaf=deaf))
    await day.stand(20, anna=(2.5, 2.0))
    assert day.zone_of("anna") == "shoes"


async def test_who_falls_silent_while_receivers_hear_others_has_left(
    storage: Storage, clock: StillClock
) -> None:
    day = Day(storage, clock, People("anna", "ben"))
    await day.stand(12, anna=SHOES, ben=TILLS)
    await day.stand(POLICY.gone_after_s - 1, ben=TILLS)
    assert "store_left" not in await said(storage)
    await day.stand(2, ben=TILLS)
    assert (await said(storage))[-2:] == ["zone_left shoes", "store_left"]
    left = (await facts(storage, "store.presence.store_left"))[0][1]
    assert left["shopper"] == "anna"
    assert left["stayed_s"] == pytest.approx(12, abs=1)


async def test_nobody_leaves_because_a_radio_died(storage: Storage, clock: StillClock) -> None:
    day = Day(storage, clock, People("anna"))
    await day.stand(12, anna=SHOES)
    for receiver in FLOOR.receivers:
        day.presence.receiver_health(receiver.id, Hearing.BLIND, "silent")
    await day.stand(POLICY.gone_after_s * 4)
    assert "store_left" not in await said(storage)
    for receiver in FLOOR.receivers:
        day.presence.receiver_health(receiver.id, Hearing.HEARING)
    await day.stand(POLICY.gone_after_s - 1)
    assert "store_left" not in await said(storage)
    await day.stand(2)
    assert (await said(storage))[-1] == "store_left"


async def test_a_visit_of_which_nothing_is_known_is_forgotten_and_no_departure_claimed(
    storage: Storage, clock: StillClock
) -> None:
    day = Day(storage, clock, People("anna"))
    await day.stand(3, anna=SHOES)
    for receiver in FLOOR.receivers:
        day.presence.receiver_health(receiver.id, Hearing.BLIND, "silent")
    clock.advance(POLICY.lost_after_s)
    await day.presence.tick()
    assert day.presence.positions().shoppers == ()
    assert "store_left" not in await said(storage)


async def test_one_dead_receiver_does_not_lose_the_shelf(
    storage: Storage, clock: StillClock
) -> None:
    air = Air()
    air.dead = {"ceiling-middle"}
    day = Day(storage, clock, People("anna"), air)
    await day.stand(20, anna=SHOES)
    assert day.zone_of("anna") == "shoes"


async def test_a_receivers_blindness_is_said_once_and_so_is_its_recovery(
    storage: Storage, clock: StillClock
) -> None:
    day = Day(storage, clock, People())
    await day.presence.tick()
    for hearing in (Hearing.BLIND, Hearing.STARTING, Hearing.BLIND):
        day.presence.receiver_health("ceiling-middle", hearing, "silent")
        clock.advance(10)
    day.presence.receiver_health("ceiling-middle", Hearing.HEARING)
    await day.presence.tick()
    assert await facts(storage, "store.presence.receiver") == [
        ("presence.receiver_blind", {"receiver": "ceiling-middle", "reason": "silent"}),
        ("presence.receiver_recovered", {"receiver": "ceiling-middle", "blind_s": 30.0}),
    ]


async def test_one_receiver_of_many_makes_no_zone_unknown_and_all_of_them_make_every_zone(
    storage: Storage, clock: StillClock
) -> None:
    day = Day(storage, clock, People())
    day.presence.receiver_health("ceiling-middle", Hearing.BLIND, "silent")
    await day.presence.tick()
    assert all(zone.known for zone in day.presence.positions().zones)
    for receiver in FLOOR.receivers:
        day.presence.receiver_health(receiver.id, Hearing.BLIND, "silent")
    clock.advance(60)
    for receiver in FLOOR.receivers:
        day.presence.receiver_health(receiver.id, Hearing.HEARING)
    await day.presence.tick()
    said_of_shoes = [data for _, data in await facts(storage, "store.presence.zone_")]
    unknown, known = (data for data in said_of_shoes if data["zone"] == "shoes")
    assert "ceiling-shoes" in unknown["blind"]
    assert known["unknown_s"] == 60.0
    assert {data["zone"] for data in said_of_shoes} == {zone.id for zone in FLOOR.zones}
    assert all(zone.known for zone in day.presence.positions().zones)


async def test_who_is_in_an_unknown_zone_is_neither_moved_nor_gone(
    storage: Storage, clock: StillClock
) -> None:
    air = Air()
    day = Day(storage, clock, People("anna", "ben"), air)
    await day.stand(12, anna=SHOES, ben=PICKUP)
    before = await said(storage)
    air.dead = {receiver.id for receiver in FLOOR.receivers} - {"pickup-omg"}
    for receiver in air.dead:
        day.presence.receiver_health(receiver, Hearing.BLIND, "silent")
    await day.stand(90, anna=SHOES, ben=PICKUP)
    assert day.presence.zone_of("anna") == "shoes"
    since = [word for word in await said(storage) if word not in before]
    assert "zone_unknown shoes" in since
    assert not [word for word in since if word.startswith(("zone_left", "zone_entered", "store_"))]


async def test_what_is_said_of_a_visit_says_when_and_how_surely(
    storage: Storage, clock: StillClock
) -> None:
    day = Day(storage, clock, People("anna", "ben"))
    began = clock.now().wall
    await day.stand(12, anna=SHOES, ben=TILLS)
    await day.stand(POLICY.gone_after_s + 1, ben=TILLS)
    told = [
        (name, data)
        for name, data in await facts(storage, "store.presence")
        if data["shopper"] == "anna"
    ]
    assert [name for name, _ in told][-2:] == ["presence.zone_left", "presence.store_left"]
    for _, data in told:
        assert 0.5 < data["confidence"] <= 1.0
        at = datetime.fromisoformat(data["at"])
        assert timedelta(0) < at - began <= timedelta(seconds=12)


async def test_after_a_restart_nobody_is_known_and_who_is_there_enters_anew(
    storage: Storage, clock: StillClock
) -> None:
    people = People("anna")
    day = Day(storage, clock, people)
    await day.stand(12, anna=SHOES)
    before = await said(storage)
    again = Day(storage, clock, people)
    assert again.presence.positions().shoppers == ()
    await again.stand(4, anna=SHOES)
    assert (await said(storage))[len(before) :] == ["store_entered", "zone_entered shoes"]


async def test_each_is_reckoned_at_a_phase_of_their_own_and_told_in_that_turn(
    storage: Storage, clock: StillClock
) -> None:
    day = Day(storage, clock, People("anna", "ben"))
    for who in ("anna", "ben"):
        for sighting in day.air.packets(who, SHOES, clock.now().monotonic):
            day.presence.heard(sighting)
        clock.advance(TICK_S / 2)
        await day.presence.tick()
    assert (day.presence.zone_of("anna"), day.presence.zone_of("ben")) == ("shoes", None)
    clock.advance(TICK_S / 2)
    await day.presence.tick()
    entered = await facts(storage, "store.presence.store_entered")
    assert [data["shopper"] for _, data in entered] == ["anna", "ben"]


async def test_a_tick_is_reckoned_right_after_the_sighting_that_comes_for_it(
    storage: Storage, clock: StillClock
) -> None:
    day = Day(storage, clock, People("anna"))
    for seconds in (0.0, TICK_S - EARLY_S, GATHER_S):
        assert day.presence.zone_of("anna") is None
        clock.advance(seconds)
        if seconds != GATHER_S:
            for sighting in day.air.packets("anna", SHOES, clock.now().monotonic):
                day.presence.heard(sighting)
        await day.presence.tick()
    assert day.presence.zone_of("anna") == "shoes"
    (entered,) = await facts(storage, "store.presence.zone_entered")
    assert datetime.fromisoformat(entered[1]["at"]) == MORNING.plus(TICK_S - EARLY_S).wall


async def test_the_running_service_wakes_for_sightings_and_for_silence(storage: Storage) -> None:
    clock = SystemClock()
    people = People("anna")
    day = Presence(storage, clock, POLICY, FLOOR, directory=people, consents=people)
    air = Air()
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(day.run())
        while day.zone_of("anna") is None:
            for sighting in air.packets("anna", SHOES, clock.now().monotonic):
                day.heard(sighting)
            await asyncio.sleep(0.05)
        day.receiver_health("ceiling-shoes", Hearing.BLIND, "silent")
        while not await facts(storage, "store.presence.receiver_blind"):
            pass
        running.cancel()


async def test_withdrawn_consent_forgets_at_once_and_no_fact_follows(
    storage: Storage, clock: StillClock
) -> None:
    people = People("anna")
    day = Day(storage, clock, people)
    await day.stand(12, anna=SHOES)
    before = await names(storage)
    people.agreed.clear()
    await day.stand(1, anna=TILLS)
    day.presence.forget("anna")
    assert day.presence.positions().shoppers == ()
    await day.stand(60, anna=TILLS)
    assert await names(storage) == before


async def test_others_get_their_turn_while_many_are_reckoned_and_may_withdraw(
    storage: Storage, clock: StillClock
) -> None:
    everybody = [f"shopper-{number}" for number in range(3 * AT_ONCE)]
    day = Day(storage, clock, People(*everybody))
    for who in everybody:
        for sighting in day.air.packets(who, SHOES, clock.now().monotonic):
            day.presence.heard(sighting)
    clock.advance(TICK_S)
    begun: list[int] = []

    async def withdraw() -> None:
        begun.append(len(day.presence.positions().shoppers))
        for who in everybody:
            day.presence.forget(who)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(day.presence.tick())
        tasks.create_task(withdraw())
    assert 0 < begun[0] < len(everybody)
    assert day.presence.positions().shoppers == ()


async def test_a_strangers_beacon_is_counted_and_nothing_is_kept_of_it(
    storage: Storage, clock: StillClock
) -> None:
    day = Day(storage, clock, People())
    for at in range(1000):
        day.presence.heard(Sighting("ceiling-shoes", f"ibeacon:{at}", -60.0, None, float(at)))
    await day.presence.tick()
    assert day.presence.counted == {"stranger": 1000}
    assert day.presence.positions().shoppers == ()
    assert await names(storage) == []


def test_zones_are_polygons_and_the_rest_is_floor() -> None:
    assert zone_at(FLOOR.zones, (3.0, 3.0)) == "shoes"
    assert zone_at(FLOOR.zones, (7.5, 3.0)) is None


async def test_a_fact_that_a_withdrawal_has_overtaken_is_not_recorded(
    storage: Storage, clock: StillClock
) -> None:
    people = People("anna")
    day = Day(storage, clock, people)
    for sighting in day.air.packets("anna", SHOES, clock.now().monotonic):
        day.presence.heard(sighting)
    people.agreed.clear()
    clock.advance(TICK_S)
    await day.presence.tick()
    assert await names(storage) == []


async def test_a_full_disk_costs_facts_that_are_counted_and_presence_goes_on(
    storage: Storage, clock: StillClock
) -> None:
    day = Day(storage, clock, People("anna"))
    (row,) = await storage.read("PRAGMA page_count")
    await limit_pages(storage, row[0])
    for name in ("ben" * 300, "ben"):
        with pytest.raises(StorageUnavailable):
            await record_for_ever(storage, name, clock)
    await day.stand(12, anna=SHOES)
    assert day.presence.counted["unrecorded"] == 3
    assert day.zone_of("anna") == "shoes"
    await limit_pages(storage, row[0] + 100)
    await day.stand(20, anna=TILLS)
    assert "zone_entered tills" in await said(storage)


async def record_for_ever(storage: Storage, name: str, clock: StillClock) -> None:
    while True:
        filler = Fact("shoppers/ben", StoreEntered(shopper=name))
        await storage.run(partial(Tx.record, fact=filler, now=clock.now()))


async def limit_pages(storage: Storage, pages: int) -> None:
    await storage.run(lambda tx: tx.execute(f"PRAGMA max_page_count = {pages}").fetchall() and None)
