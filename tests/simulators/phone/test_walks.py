"""Where a phone's reports come from: a walk through a mall, a stroll through the example store."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from simulators.phone.mall import Floor, NoSuchWalk
from simulators.phone.stroll import NothingToHear, stroll
from simulators.phone.tables import tables
from simulators.world.plan import EXAMPLE, load_plan

MALL = Path(__file__).parents[4] / "shared" / "data" / "ble_mall"
recordings = pytest.mark.skipif(not MALL.exists(), reason="the recordings of ble_mall are not here")


def test_a_stroll_hears_the_plans_reference_beacons_and_is_the_same_for_a_seed() -> None:
    plan = load_plan(EXAMPLE)
    steps = [*stroll(plan, seconds=20, seed=3)]
    references = {one.identity for one in plan.beacons if one.role == "reference"}
    heard = [entry for _, entries, _ in steps for entry in entries]
    assert {entry.identity for entry in heard} == references
    assert all(second - 1 <= e.at <= second for second, entries, _ in steps for e in entries)
    assert steps == [*stroll(plan, seconds=20, seed=3)]
    assert steps != [*stroll(plan, seconds=20, seed=4)]


def test_a_store_without_reference_beacons_says_so() -> None:
    with pytest.raises(NothingToHear, match="role reference"):
        next(stroll(replace(load_plan(EXAMPLE), beacons=()), seconds=1, seed=1))


@recordings
def test_a_floor_of_the_mall_is_a_plan_with_shops_and_beacons_inside_it() -> None:
    floor = Floor(MALL, "site2", "B1")
    tree = tomllib.loads("\n".join(tables(floor)))
    size = (tree["floor"]["width_m"], tree["floor"]["height_m"])
    points = [point for zone in tree["zones"] for point in zone["polygon"]]
    points += [beacon["position"] for beacon in tree["beacons"]]
    assert len(tree["zones"]) > 10
    assert all(0 <= x <= size[0] and 0 <= y <= size[1] for x, y in points)
    ids = [beacon["id"] for beacon in tree["beacons"]]
    assert len(ids) == len(set(ids)) > 5


@recordings
def test_a_walk_hears_beacons_of_its_floor_in_time_order() -> None:
    floor = Floor(MALL, "site2", "B1")
    steps = [*floor.walk(floor.paths[0])]
    known = {identity for identity, _ in floor.beacons()}
    entries = [entry for _, heard, _ in steps for entry in heard]
    assert entries
    assert {entry.identity for entry in entries} <= known
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    assert any(place is not None for _, _, place in steps)


@recordings
def test_a_floor_or_walk_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(NoSuchWalk, match="there are B1, F1"):
        Floor(MALL, "site1", "F9")
    with pytest.raises(NoSuchWalk, match="the longest are"):
        next(Floor(MALL, "site2", "B1").walk("nowhere"))
