"""What receivers hear of what is sent."""

from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest

from simulators.world.chance import seeded
from simulators.world.crowd import add_crowd, random_address
from simulators.world.payloads import Card, telemetry, thermometer
from simulators.world.plan import FloorPlan, Point, Receiver, Zone, load_plan
from simulators.world.world import Heard, World

STORE = Path(__file__).parents[3] / "simulators" / "demo" / "store.toml"
CARD = Card(UUID("f7826da6-4fa2-4e98-8024-bc5b71e0893e"), 7, 42)
ADDRESS = "C0:00:00:00:00:01"


def shop(*receivers: Receiver, wall: bool = False) -> FloorPlan:
    zone = Zone("floor", "floor", ((0, 0), (40, 0), (40, 10), (0, 10)), None)
    walls = ((2.5, 0.0, 2.5, 9.0),) if wall else ()
    return FloorPlan(40.0, 10.0, walls, (zone,), receivers, (), {})


def receiver(name: str, at: Point) -> Receiver:
    return Receiver(name, "bluez", name, at)


def listen(world: World, seconds: float, at: Point = (1.0, 5.0)) -> list[Heard]:
    world.transmit(ADDRESS, CARD.compose, lambda: at, interval_s=0.1)
    return world.step(seconds)


def mean(heard: list[Heard], of: str) -> float:
    strengths = [one.rssi for one in heard if one.receiver == of]
    return sum(strengths) / len(strengths)


def test_a_card_is_an_ibeacon_of_apples_layout() -> None:
    assert CARD.compose(0.0).hex() == (
        "0201061aff4c000215f7826da64fa24e988024bc5b71e0893e0007002ac5"
    )
    assert CARD.identity == "ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e:7:42"


@pytest.mark.parametrize("compose", [CARD.compose, telemetry, thermometer])
def test_every_advert_fits_into_31_bytes_of_whole_structures(compose: object) -> None:
    assert callable(compose)
    advert = compose(12.5)
    assert len(advert) <= 31
    rest = advert
    while rest:
        assert len(rest) > rest[0]
        rest = rest[rest[0] + 1 :]


def test_the_nearer_receiver_hears_louder() -> None:
    world = World(shop(receiver("near", (2.0, 5.0)), receiver("far", (20.0, 5.0))), seed=1)
    heard = listen(world, 60.0)
    assert mean(heard, "near") > mean(heard, "far") + 12


def test_a_wall_takes_its_share() -> None:
    open_floor = World(shop(receiver("r", (6.0, 5.0))), seed=1)
    walled = World(shop(receiver("r", (6.0, 5.0)), wall=True), seed=1)
    assert mean(listen(open_floor, 60.0), "r") - mean(listen(walled, 60.0), "r") == pytest.approx(
        3.0, abs=0.5
    )


def test_what_is_too_far_is_lost_and_some_of_the_rest_too() -> None:
    world = World(shop(receiver("near", (2.0, 5.0)), receiver("gone", (2_000.0, 5.0))), seed=1)
    heard = Counter(one.receiver for one in listen(world, 60.0))
    assert heard["gone"] == 0
    assert 0.85 * world.sent < heard["near"] < world.sent


def test_a_seed_gives_the_same_adverts_however_time_is_cut_and_whoever_else_is_there() -> None:
    whole = World(shop(receiver("r", (2.0, 5.0))), seed=5)
    cut = World(shop(receiver("r", (2.0, 5.0))), seed=5)
    add_crowd(cut, seeded(3), phones=4)
    once = listen(whole, 10.0)
    listen(cut, 0.0)
    pieces = [heard for second in range(1, 101) for heard in cut.step(second / 10)]
    assert [one for one in pieces if one.address == ADDRESS] == once


def test_another_seed_gives_other_strengths() -> None:
    one, other = (World(shop(receiver("r", (2.0, 5.0))), seed=seed) for seed in (1, 2))
    assert listen(one, 5.0) != listen(other, 5.0)


def test_a_card_outside_the_shop_is_silent() -> None:
    world = World(shop(receiver("r", (2.0, 5.0))), seed=1)
    world.transmit(ADDRESS, CARD.compose, lambda: None)
    assert world.step(5.0) == []
    assert world.sent == 0


def test_addresses_are_random_static_ones() -> None:
    address = random_address(seeded(1))
    assert len(address) == 17
    assert int(address[:2], 16) >= 0xC0


def test_in_the_demo_store_somebody_in_a_zone_with_a_receiver_is_heard_best_there() -> None:
    plan = load_plan(STORE)
    for zone, best in (("shoes", "ceiling-shoes"), ("pickup", "pickup-omg")):
        heard = listen(World(plan, seed=3), 30.0, plan.zone(zone).centre)
        ranks = sorted({one.receiver for one in heard}, key=lambda name: -mean(heard, name))
        assert ranks[0] == best
