"""Who else is on the air: passers-by with phones, neighbours' tags and beacons, sensors."""

from collections.abc import Callable
from random import Random
from uuid import UUID

from simulators.world.bodies import somewhere_in
from simulators.world.payloads import Card, Compose, find_hub_tag, phone, telemetry, thermometer
from simulators.world.plan import Point
from simulators.world.rotating import private_address
from simulators.world.world import Address, Transmitter, World

PHONE_INTERVAL_S = 0.4
"""Phones advertise their own messages a few times a second while the screen is on."""

SENSOR_INTERVAL_S = 1.0

TAG_INTERVAL_S = 2.0
"""Find Hub and Find My tags advertise every two seconds."""

SHARED_TRIPLE = Card(UUID("00000000-0000-0000-0000-000000000001"), 0, 0)
"""What careless makers ship: in one mall 530 transmitters share one (0, 0)."""


def random_address(random: Random) -> str:
    """A random static Bluetooth address: the two top bits are set (Core 5.4, vol 6 B 1.3.2.1)."""
    octets = bytearray(random.randbytes(6))
    octets[0] |= 0xC0
    return ":".join(f"{octet:02X}" for octet in octets)


def add_phones(world: World, random: Random, number: int) -> list[Transmitter]:
    """Add passers-by, with addresses that rotate."""
    return [
        _stand(world, random, private_address(random), phone(random), PHONE_INTERVAL_S)
        for _ in range(number)
    ]


def add_crowd(
    world: World, random: Random, *, phones: int, tags: int = 1, strangers: int = 2
) -> None:
    """Add people and things that are none of the store's business, and two sensors.

    Args:
        world: where they stand.
        random: who they are.
        phones: passers-by.
        tags: of a neighbour's Find Hub.
        strangers: iBeacons of others, which all send one triple.
    """
    add_phones(world, random, phones)
    for number, compose, interval_s in (
        (tags, find_hub_tag(random), TAG_INTERVAL_S),
        (strangers, SHARED_TRIPLE.compose, PHONE_INTERVAL_S),
        (1, telemetry, SENSOR_INTERVAL_S),
        (1, thermometer, SENSOR_INTERVAL_S),
    ):
        for _ in range(number):
            _stand(world, random, random_address(random), compose, interval_s)


def _stand(
    world: World, random: Random, address: str | Address, compose: Compose, interval_s: float
) -> Transmitter:
    power = random.uniform(-66, -58)
    return world.transmit(
        address, compose, _at(_spot(world, random)), power_1m=power, interval_s=interval_s
    )


def _at(place: Point) -> Callable[[], Point]:
    return lambda: place


def _spot(world: World, random: Random) -> Point:
    zone = random.choice(world.plan.zones)
    return world.ways.reachable(somewhere_in(zone, random, margin_m=0.5))
