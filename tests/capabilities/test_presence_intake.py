"""Overload: the newest per beacon and receiver is kept, what is shed is counted, all recovers."""

from device_profiles.sighting import Sighting
from edge_agent.capabilities.presence.decide.estimator import TICK_S
from edge_agent.capabilities.presence.decide.intake import TAKEN_A_TURN, Intake
from edge_agent.capabilities.presence.decide.tracker import MOST_TRACKED
from edge_agent.capabilities.presence.service import TURN_S
from edge_agent.storage import Storage
from tests.capabilities.radio_world import FLOOR, Day, People
from tests.capabilities.world import StillClock


def sighting(receiver: str, rssi: float, at: float, beacon: str = "anna") -> Sighting:
    return Sighting(receiver, f"ibeacon:{beacon}", rssi, -59, at)


def test_below_the_bound_everything_is_taken_as_it_comes() -> None:
    intake = Intake(most=3)
    assert [intake.admit("anna", sighting("a", -60, n)) for n in range(3)] == [True] * 3
    assert (list(intake.turn()), intake.shed) == ([], 0)


def test_above_it_the_newest_of_each_beacon_and_receiver_waits_for_the_turn() -> None:
    intake = Intake(most=0)
    newest = sighting("a", -70, 12.0)
    other = sighting("b", -50, 10.0)
    for one in (sighting("a", -60, 10.0), newest, sighting("a", -61, 11.0), other):
        assert not intake.admit("anna", one)
    assert list(intake.turn()) == [("anna", newest), ("anna", other)]
    assert intake.shed == 2


def test_after_the_turn_it_takes_again() -> None:
    intake = Intake(most=1)
    assert intake.admit("anna", sighting("a", -60, 1.0))
    assert not intake.admit("anna", sighting("a", -60, 2.0))
    assert len(list(intake.turn())) == 1
    assert intake.admit("anna", sighting("a", -60, 3.0))
    assert list(intake.turn()) == []


def test_what_waits_of_somebody_who_withdraws_is_dropped() -> None:
    intake = Intake(most=0)
    for who in ("anna", "ben"):
        intake.admit(who, sighting("a", -60, 1.0))
    intake.forget("anna")
    assert [who for who, _ in intake.turn()] == ["ben"]


async def test_an_overload_costs_sightings_that_are_counted_and_nobody_is_lost(
    storage: Storage, clock: StillClock
) -> None:
    day = Day(storage, clock, People("anna", "ben"))
    for n in range(2 * TAKEN_A_TURN):
        day.presence.heard(sighting("ceiling-shoes", -50, clock.now().monotonic + n / 1e5))
    for receiver in FLOOR.receivers:
        day.presence.heard(sighting(receiver.id, -60, clock.now().monotonic, beacon="ben"))
    for _ in range(2):
        clock.advance(TICK_S)
        await day.presence.tick()
    assert day.presence.counted["shed"] == TAKEN_A_TURN - 1
    assert {seen.shopper for seen in day.presence.positions().shoppers} == {"anna", "ben"}
    shed = day.presence.counted["shed"]
    await day.stand(5, anna=(3.0, 2.5))
    assert day.presence.counted["shed"] == shed
    assert day.presence.zone_of("anna") == "shoes"


async def test_no_more_are_tracked_than_a_store_can_hold(
    storage: Storage, clock: StillClock
) -> None:
    crowd = [f"shopper-{n}" for n in range(MOST_TRACKED + 3)]
    day = Day(storage, clock, People(*crowd))
    for start in range(0, len(crowd), TAKEN_A_TURN):
        for who in crowd[start : start + TAKEN_A_TURN]:
            day.presence.heard(sighting("ceiling-shoes", -60, clock.now().monotonic, beacon=who))
        clock.advance(TURN_S)
        await day.presence.tick()
    assert day.presence.counted["crowded"] == 3


async def test_tracks_of_those_who_left_are_given_back(storage: Storage, clock: StillClock) -> None:
    day = Day(storage, clock, People(*(f"shopper-{n}" for n in range(200))))
    for n in range(200):
        await day.stand(1, **{f"shopper-{n}": (3.0, 2.5)})
        assert len(day.presence.positions().shoppers) <= 40
