"""Which zones the receivers left can tell from their neighbours."""

import numpy as np
import pytest

from edge_agent.capabilities.presence.decide.coverage import MOST_CELLS, Coverage
from edge_agent.capabilities.presence.decide.estimator import Estimator
from edge_agent.capabilities.presence.decide.expectations import USUAL_POWER_DBM
from edge_agent.capabilities.presence.decide.zones import zone_at
from edge_agent.capabilities.presence.model import Floor, Receiver, Zone
from tests.capabilities.radio_world import FLOOR


def coverage_of(floor: Floor) -> Coverage:
    estimator = Estimator(floor)
    return Coverage(
        [zone_at(floor.zones, (float(x), float(y))) for x, y in estimator.cells],
        [receiver.id for receiver in floor.receivers],
        estimator.expected + USUAL_POWER_DBM,
        estimator.variance,
    )


def room(receivers: list[tuple[float, float]]) -> Floor:
    """Twenty metres by ten, in two halves."""
    return Floor(
        20.0,
        10.0,
        (
            Zone("left", ((0, 0), (10, 0), (10, 10), (0, 10)), 5.0),
            Zone("right", ((10, 0), (20, 0), (20, 10), (10, 10)), 5.0),
        ),
        tuple(Receiver(f"r{n}", place) for n, place in enumerate(receivers)),
    )


TWELVE = room([(x, y) for x in (2.0, 6.0, 10.0, 14.0, 18.0, 19.5) for y in (1.0, 9.0)])


@pytest.mark.parametrize("dead", range(12))
def test_one_dead_receiver_of_twelve_makes_no_zone_unknown(dead: int) -> None:
    hearing = {receiver.id for receiver in TWELVE.receivers} - {f"r{dead}"}
    assert coverage_of(TWELVE).untold(hearing) == frozenset()


@pytest.mark.parametrize("dead", [receiver.id for receiver in FLOOR.receivers])
def test_nor_does_one_of_the_six_in_a_shop(dead: str) -> None:
    hearing = {receiver.id for receiver in FLOOR.receivers} - {dead}
    assert coverage_of(FLOOR).untold(hearing) == frozenset()


def test_zones_that_only_one_receiver_is_left_to_tell_are_unknown() -> None:
    coverage = coverage_of(FLOOR)
    untold = coverage.untold({"pickup-omg"})
    assert {"shoes", "denim", "entrance"} <= untold
    assert coverage.untold({receiver.id for receiver in FLOOR.receivers}) == frozenset()
    assert coverage.untold(()) == {None, *(zone.id for zone in FLOOR.zones)}


def test_halves_told_by_receivers_on_both_sides_stay_known_and_mirror_images_do_not() -> None:
    across = room([(1.0, 5.0), (19.0, 5.0), (10.0, 0.5)])
    assert coverage_of(across).untold({"r0", "r1"}) == frozenset()
    assert coverage_of(across).untold({"r2"}) == {"left", "right"}


def test_more_receivers_tell_no_worse() -> None:
    coverage = coverage_of(TWELVE)
    some = coverage.shares({"r0", "r6", "r11"})
    more = coverage.shares({receiver.id for receiver in TWELVE.receivers})
    assert all(more[zone] > some[zone] for zone in some)


def test_a_zone_out_of_all_earshot_is_unknown_even_where_nothing_else_is_like_it() -> None:
    levels = np.array([[-60.0, -99.0], [-99.0, -60.0]])
    coverage = Coverage(["near", "far"], ["a", "b"], levels, np.full_like(levels, 16.0))
    assert coverage.untold({"a"}) == {"far"}
    assert coverage.needed("far", {"a", "b"}) == ("b",)


def test_a_zone_that_was_never_told_well_is_not_called_unknown_for_it() -> None:
    same = np.full((1, 4), -60.0)
    coverage = Coverage(["a", "b", "c", "d"], ["r"], same, np.full_like(same, 16.0))
    assert coverage.untold({"r"}) == frozenset()


def test_a_large_floor_is_looked_at_through_some_of_its_cells_of_each_zone_one() -> None:
    cells = 10 * MOST_CELLS
    zones = ["large"] * (cells - 1) + ["kiosk"]
    levels = np.linspace(-50.0, -90.0, cells)[None]
    coverage = Coverage(zones, ["r"], levels, np.full_like(levels, 16.0))
    assert set(coverage.shares({"r"})) == {"large", "kiosk"}
