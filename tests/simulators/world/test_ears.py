"""What a receiver's radio makes of what arrives, and how it fails."""

from collections import Counter
from dataclasses import replace

import pytest

from simulators.world.chance import seeded
from simulators.world.ears import Ear
from simulators.world.faults import (
    Faults,
    NoSuchFault,
    air_faults,
    beacon_faults,
    clock_faults,
    ear_faults,
)
from simulators.world.fixtures import add_fixtures
from simulators.world.plan import EXAMPLE, Point, Receiver, load_plan
from simulators.world.rotating import EphemeralId
from simulators.world.world import Transmitter, World
from tests.simulators.world.test_air import ADDRESS, CARD, mean, receiver, shop


@pytest.fixture
def world() -> World:
    return World(shop(receiver("near", (2.0, 5.0)), receiver("far", (20.0, 5.0))), seed=1)


@pytest.fixture
def card(world: World) -> Transmitter:
    return world.transmit(ADDRESS, CARD.compose, lambda: (1.0, 5.0), interval_s=0.1)


def heard(world: World, seconds: float = 60.0) -> Counter[str]:
    return Counter(one.receiver for one in world.step(world.now + seconds))


@pytest.mark.parametrize("kind", ["bluez", "omg", "espresense", "esphome", "gateway"])
def test_a_receiver_hears_each_advert_on_one_channel_and_each_channel_in_turn(kind: str) -> None:
    ear = Ear(Receiver("r", kind, "r", (0.0, 0.0)), seeded(1))
    channels = Counter(tuned[0] for at in range(3_000) if (tuned := ear.hears(at * 0.0317)))
    assert channels.total() > 2_850  # a change of channel between two of its packets
    assert set(channels) == {37, 38, 39}
    assert min(channels.values()) > 800


def test_a_starved_receiver_listens_a_tenth_of_the_time() -> None:
    ear = Ear(Receiver("r", "esphome", "r", (0.0, 0.0)), seeded(1))
    ear.starved = True
    share = sum(ear.hears(at * 0.0317) is not None for at in range(10_000)) / 10_000
    assert share == pytest.approx(0.094, abs=0.015)


def test_the_three_channels_of_a_place_differ_and_stay_what_they_are(world: World) -> None:
    """The room of ble_tetam: three levels within half a dB each, 2.9 dB apart."""
    view = world.transmit(ADDRESS, CARD.compose, lambda: (9.0, 5.0)).paths["near"].view
    gains = view.gains((9.0, 5.0))
    assert len({round(gain, 1) for gain in gains.values()}) == 3
    assert view.gains((9.0, 5.0)) == gains


def test_everybody_at_a_place_has_the_same_shadows_of_the_site(world: World) -> None:
    one, other = (world.transmit(name, CARD.compose, lambda: (9.0, 5.0)) for name in ("A", "B"))
    place = (9.0, 5.0)
    assert one.paths["far"].view.gains(place) == other.paths["far"].view.gains(place)


def test_a_body_is_in_the_way_of_what_is_behind_it(world: World) -> None:
    def level(walk_to: Point) -> float:
        fresh = World(world.plan, seed=1)
        body = fresh.body((16.0, 5.0))
        body.walk(walk_to, speed=0.001)
        fresh.transmit(ADDRESS, CARD.compose, lambda: (16.0, 5.0), carrier=lambda: body)
        return mean(fresh.step(60.0), "far")

    assert level((19.0, 5.0)) - level((1.0, 5.0)) == pytest.approx(5.6, abs=0.6)


def test_bystanders_take_their_share_below_the_ceiling() -> None:
    plan = shop(Receiver("low", "bluez", "hci0", (20.0, 5.0), height_m=1.0))

    def level(bystander: Point | None) -> float:
        world = World(plan, seed=1)
        if bystander is not None:
            world.body(bystander)
        world.transmit(ADDRESS, CARD.compose, lambda: (10.0, 5.0))
        return mean(world.step(60.0), "low")

    assert level(None) - level((15.0, 5.1)) == pytest.approx(3.0, abs=0.5)
    assert level(None) - level((15.0, 6.0)) == pytest.approx(0.0, abs=0.5)


async def test_a_dead_radio_hears_nothing_and_comes_back(world: World, card: Transmitter) -> None:
    faults = Faults(ear_faults(world))
    await faults.turn("receiver-dead", "near", on=True)
    assert heard(world)["near"] == 0
    await faults.turn("receiver-dead", "near", on=False)
    assert heard(world)["near"] > 400
    assert card.sent > 1_000


async def test_a_deaf_radio_hears_the_near_and_not_the_far(world: World) -> None:
    world.transmit("near", CARD.compose, lambda: (2.0, 5.5))
    world.transmit("away", CARD.compose, lambda: (14.0, 5.0))
    await Faults(ear_faults(world)).turn("receiver-deaf", "near", on=True)
    by = Counter(one.address for one in world.step(60.0) if one.receiver == "near")
    assert by["near"] > 20 > 10 * by["away"]


async def test_a_drifting_radio_loses_twelve_decibels_and_no_more(
    world: World, card: Transmitter
) -> None:
    before = mean(world.step(60.0), "near")
    await Faults(ear_faults(world)).turn("rssi-drift", "near", on=True)
    world.step(world.now + 180.0)
    after = mean(world.step(world.now + 120.0), "near")
    assert before - after == pytest.approx(12.0, abs=1.0)
    assert card.dbm_1m == CARD.power_1m


async def test_a_screened_radio_is_weaker_from_one_side_only() -> None:
    def levels(screened: bool) -> tuple[float, float]:  # noqa: FBT001 - a case
        world = World(shop(receiver("r", (20.0, 5.0))), seed=1)
        world.ears["r"].screened = screened
        world.transmit("behind", CARD.compose, lambda: (20.0, 9.0))
        world.transmit("before", CARD.compose, lambda: (20.0, 1.0))
        heard = world.step(60.0)
        return mean([one for one in heard if one.address == "behind"], "r"), mean(
            [one for one in heard if one.address == "before"], "r"
        )

    (behind, before), (behind_screened, before_screened) = levels(False), levels(True)  # noqa: FBT003
    assert behind - behind_screened == pytest.approx(12.0, abs=0.5)
    assert before == before_screened


async def test_a_beacon_with_a_low_battery_is_weaker_and_rarer(
    world: World, card: Transmitter
) -> None:
    faults = Faults(beacon_faults(world, lambda: {"card": card}))
    full = world.step(60.0)
    await faults.turn("beacon-battery", "card", on=True)
    low = world.step(120.0)
    assert mean(full, "near") - mean(low, "near") == pytest.approx(8.0, abs=1.0)
    full_near, low_near = (sum(one.receiver == "near" for one in each) for each in (full, low))
    assert full_near / low_near == pytest.approx(3.0, rel=0.15)


async def test_a_beacon_that_is_gone_is_silent(world: World, card: Transmitter) -> None:
    faults = Faults(beacon_faults(world, lambda: {"card": card}))
    await faults.turn("beacon-gone", None, on=True)
    assert heard(world).total() == 0
    assert faults.show()[1]["on"] == ["card"]


async def test_a_copied_beacon_is_heard_from_two_addresses_until_the_copy_goes(
    world: World, card: Transmitter
) -> None:
    faults = Faults(beacon_faults(world, lambda: {"card": card}))
    for on, addresses in ((True, 2), (False, 1)):
        await faults.turn("beacon-copied", "card", on=on)
        told = world.step(world.now + 10)
        assert {one.ad for one in told} == {CARD.compose(0)}
        assert len({one.address for one in told}) == addresses
        assert (faults.show()[2]["on"] == ["card"]) is on


def test_a_radio_that_cannot_read_strengths_says_127_of_every_third_packet(
    world: World, card: Transmitter
) -> None:
    world.ears["near"].unread = True
    told = Counter((one.receiver, one.rssi == 127) for one in world.step(60.0))
    assert told["near", True] / (told["near", True] + told["near", False]) == pytest.approx(
        1 / 3, abs=0.01
    )
    assert told["far", True] == 0
    assert card.sent


async def test_a_beacon_whose_clock_is_ahead_sends_its_next_identifier(world: World) -> None:
    beacon = EphemeralId(bytes(16), exponent=10, clock_s=5.0)
    faults = Faults(clock_faults({"trolley": beacon}))
    before, after = beacon.compose(0.0), beacon.compose(1024.0)
    await faults.turn("beacon-clock", "trolley", on=True)
    assert beacon.compose(0.0) == after
    assert faults.show()[0]["on"] == ["trolley"]
    await faults.turn("beacon-clock", "trolley", on=False)
    assert beacon.compose(0.0) == before


async def test_a_reference_beacon_tells_its_voltage_and_a_low_battery_a_low_one() -> None:
    world = World(load_plan(EXAMPLE), seed=1)
    beacons = add_fixtures(world, seed=1)
    full = voltages(world)
    await Faults(beacon_faults(world, lambda: beacons)).turn("beacon-battery", None, on=True)
    low = voltages(world)
    assert full == {3012}
    assert low == {2150}


def voltages(world: World) -> set[int]:
    """Of the TLM frames of the next two minutes, in millivolts."""
    told = (one.ad.partition(b"\xaa\xfe\x20\x00") for one in world.step(world.now + 120.0))
    return {int.from_bytes(body[:2], "big") for _, found, body in told if found}


async def test_crowded_air_lets_one_advert_in_three_through(
    world: World, card: Transmitter
) -> None:
    faults = Faults(air_faults(world, []))
    quiet = heard(world)["near"]
    await faults.turn("air-crowded", None, on=True)
    assert heard(world)["near"] / quiet == pytest.approx(0.32, abs=0.06)
    assert card.sent > 1_000


async def test_an_unknown_fault_or_target_is_refused_with_those_there_are(world: World) -> None:
    faults = Faults(ear_faults(world))
    with pytest.raises(NoSuchFault, match="receiver-dead"):
        await faults.turn("none", None, on=True)
    with pytest.raises(NoSuchFault, match="near, far"):
        await faults.turn("receiver-dead", "none", on=True)


def test_a_fault_that_can_happen_to_nothing_is_not_shown(world: World) -> None:
    nowhere = replace(ear_faults(world)[0], targets=())
    assert Faults([nowhere]).show() == []
