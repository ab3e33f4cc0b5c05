"""Where people stroll who were not sent anywhere."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simulators.demo
from simulators.demo.wandering import ANSWERING_KINDS, stroll
from simulators.world.chance import seeded
from simulators.world.plan import load_plan
from simulators.world.world import World

WORLD = World(load_plan(Path(simulators.demo.__file__).with_name("store.toml")), seed=1)


@settings(max_examples=6, deadline=None)
@given(st.integers())
def test_a_stroll_never_ends_nor_lingers_where_a_coupon_or_an_arrival_would_come_of_it(
    seed: int,
) -> None:
    random = seeded(seed)
    body = WORLD.body(WORLD.plan.of_kind("entrance")[0].centre)
    for _ in range(5):
        body.walk(stroll(WORLD, body.position, random))
        inside = 0.0
        while body.walking:
            body.advance(0.1)
            zone = WORLD.plan.zone_at(body.position)
            inside = inside + 0.1 if zone is not None and zone.kind in ANSWERING_KINDS else 0.0
            assert inside < 3.0
        assert inside == 0.0


@pytest.mark.parametrize("kind", sorted(ANSWERING_KINDS))
def test_somebody_who_was_sent_strolls_on_out_of_the_zone(kind: str) -> None:
    zone = WORLD.plan.of_kind(kind)[0]
    goal = stroll(WORLD, zone.centre, seeded(3))
    there = WORLD.plan.zone_at(goal)
    assert there is None or there.kind not in ANSWERING_KINDS
