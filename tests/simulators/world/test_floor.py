"""The floor plan and the ways on it."""

import math
from itertools import pairwise

import pytest

from simulators.world.bodies import Body, somewhere_in
from simulators.world.chance import seeded
from simulators.world.paths import Ways, crosses
from simulators.world.plan import FloorPlan, Zone

SHELF = Zone("shoes", "shelf", ((0, 0), (4, 0), (4, 4), (0, 4)), 5.0)
DESK = Zone("desk", "till", ((6, 0), (10, 0), (10, 4), (6, 4)), None)
WALL = (5.0, 0.0, 5.0, 6.0)


@pytest.fixture
def plan() -> FloorPlan:
    return FloorPlan(10.0, 8.0, (WALL,), (SHELF, DESK), (), (), {})


def test_a_place_is_in_the_zone_that_is_drawn_around_it(plan: FloorPlan) -> None:
    assert plan.zone_at((2, 2)) == SHELF
    assert plan.zone_at((9, 3)) == DESK
    assert plan.zone_at((5, 7)) is None


def test_a_way_goes_around_a_wall_and_ends_where_it_was_meant_to(plan: FloorPlan) -> None:
    corners = [(2.0, 2.0), *Ways(plan).between((2.0, 2.0), (8.0, 2.0))]
    assert corners[-1] == (8.0, 2.0)
    assert not any(crosses(here, there, WALL) for here, there in pairwise(corners))
    length = sum(math.dist(here, there) for here, there in pairwise(corners))
    assert 10.0 < length < 12.5


def test_a_straight_way_has_one_corner(plan: FloorPlan) -> None:
    assert Ways(plan).between((1.0, 1.0), (3.0, 5.0)) == [(3.0, 5.0)]


def test_a_way_into_a_wall_ends_beside_it(plan: FloorPlan) -> None:
    end = Ways(plan).between((2.0, 2.0), (5.0, 2.0))[-1]
    assert 0.2 < abs(end[0] - 5.0) < 1.0


def test_a_body_walks_at_its_pace_and_stops_at_the_end(plan: FloorPlan) -> None:
    body = Body(Ways(plan), (1.0, 7.0), pace=1.2)
    body.walk((4.0, 7.0))
    body.advance(1.0)
    assert body.position == pytest.approx((2.2, 7.0))
    assert body.walking
    body.advance(60.0)
    assert body.position == pytest.approx((4.0, 7.0))
    assert not body.walking


def test_a_body_that_is_sent_hurries(plan: FloorPlan) -> None:
    body = Body(Ways(plan), (1.0, 7.0))
    body.walk((9.0, 7.0), speed=3.0)
    body.advance(1.0)
    assert body.position == pytest.approx((4.0, 7.0))


def test_a_spot_in_a_zone_keeps_off_its_edge() -> None:
    for seed in range(50):
        x, y = somewhere_in(SHELF, seeded(seed))
        assert 1 <= x <= 3
        assert 1 <= y <= 3
