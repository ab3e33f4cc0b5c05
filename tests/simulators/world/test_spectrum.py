"""Many transmitters at once: who is drowned and who is received nevertheless."""

import math
from collections.abc import Callable

import pytest

from simulators.world.chance import seeded
from simulators.world.ears import Arrival, Ear
from simulators.world.plan import Point, Receiver
from simulators.world.propagation import Propagation
from simulators.world.world import World
from tests.simulators.world.test_air import receiver, shop

AIR_S = 376e-6
QUIET = Propagation(missed=0.0)
SECONDS = 10.0


@pytest.fixture
def ear() -> Ear:
    return Ear(Receiver("r", "bluez", "hci0", (0.0, 0.0)), seeded(1))


def arrivals(*packets: tuple[float, float]) -> list[Arrival[int]]:
    """Of (moment, dBm)."""
    return [
        Arrival(at, AIR_S, dbm, lost=False, item=place) for place, (at, dbm) in enumerate(packets)
    ]


def standing(spot: Point) -> Callable[[], Point]:
    return lambda: spot


def received(ear: Ear, *packets: tuple[float, float]) -> list[int]:
    return [one.item for one in ear.sort_out(arrivals(*packets))]


def test_packets_that_do_not_overlap_are_all_received(ear: Ear) -> None:
    assert received(ear, (0.0, -60), (AIR_S * 1.01, -60), (1.0, -60)) == [0, 1, 2]


def test_two_of_like_strength_that_overlap_drown_each_other(ear: Ear) -> None:
    assert received(ear, (0.0, -60), (AIR_S / 2, -63), (1.0, -60)) == [2]


def test_the_one_that_is_much_stronger_is_received_nevertheless(ear: Ear) -> None:
    assert received(ear, (0.0, -70), (AIR_S / 2, -60)) == [1]


def test_a_packet_overlaps_what_was_on_the_air_before_the_tick(ear: Ear) -> None:
    assert received(ear, (0.0, -60)) == [0]
    assert received(ear, (AIR_S / 2, -60), (1.0, -60)) == [1]


def test_what_is_below_the_sensitivity_is_not_received(ear: Ear) -> None:
    assert received(ear, (0.0, -95)) == []


@pytest.mark.parametrize("rate", [200, 1_330, 4_000])
def test_unsynchronised_adverts_get_through_as_unslotted_aloha_says(rate: int) -> None:
    """At most 489 a second of 31 bytes; all are of one strength, so that nothing is captured."""
    random = seeded(rate)
    moments = sorted(random.uniform(0, SECONDS) for _ in range(int(rate * SECONDS)))
    ear = Ear(Receiver("r", "bluez", "hci0", (0.0, 0.0)), seeded(1))
    through = len(received(ear, *((at, -60.0) for at in moments))) / SECONDS
    assert through == pytest.approx(rate * math.exp(-2 * rate * AIR_S), rel=0.1)
    assert through < 520


def test_among_many_phones_capture_lets_more_through_than_aloha_but_not_all() -> None:
    plan = shop(receiver("r", (20.0, 5.0)))
    world = World(plan, seed=2, weather=QUIET)
    random = seeded(3)
    for number in range(700):
        spot = (random.uniform(0, 40), random.uniform(0, 10))
        world.transmit(f"phone-{number}", lambda _at: bytes(31), standing(spot), interval_s=0.35)
    heard = len(world.step(5.0)) / 5.0
    sent = world.sent / 5.0
    assert 1_900 < sent < 2_000
    assert sent * math.exp(-2 * sent * AIR_S) < heard < 1_100


def test_interference_drowns_its_share() -> None:
    def through(interference: float) -> int:
        world = World(shop(receiver("r", (2.0, 5.0))), seed=1, weather=QUIET)
        world.ears["r"].interference_per_s = interference
        world.transmit("C0:00:00:00:00:01", lambda _at: bytes(31), lambda: (1.0, 5.0))
        return len(world.step(120.0))

    assert through(1_500.0) / through(0.0) == pytest.approx(math.exp(-2 * AIR_S * 1_500), abs=0.05)
