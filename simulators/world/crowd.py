"""Who else is on the air: passers-by with phones, a shelf beacon's telemetry, a thermometer."""

from collections.abc import Callable
from random import Random

from simulators.world.bodies import somewhere_in
from simulators.world.payloads import phone, telemetry, thermometer
from simulators.world.plan import Point
from simulators.world.world import World

PHONE_INTERVAL_S = 0.4
"""Phones advertise their own messages a few times a second while the screen is on."""

SENSOR_INTERVAL_S = 1.0


def random_address(random: Random) -> str:
    """A random static Bluetooth address: the two top bits are set (Core 5.4, vol 6 B 1.3.2.1)."""
    octets = bytearray(random.randbytes(6))
    octets[0] |= 0xC0
    return ":".join(f"{octet:02X}" for octet in octets)


def add_crowd(world: World, random: Random, *, phones: int) -> None:
    """Add `phones` people who are none of the store's business, and two sensors."""
    for _ in range(phones):
        place = _spot(world, random)
        world.transmit(
            random_address(random),
            phone(random),
            _standing(place),
            power_1m=random.uniform(-66, -58),
            interval_s=PHONE_INTERVAL_S,
        )
    for compose in (telemetry, thermometer):
        place = _spot(world, random)
        world.transmit(
            random_address(random),
            compose,
            _standing(place),
            power_1m=-60.0,
            interval_s=SENSOR_INTERVAL_S,
        )


def _standing(at: Point) -> Callable[[], Point]:
    return lambda: at


def _spot(world: World, random: Random) -> Point:
    zone = random.choice(world.plan.zones)
    return world.ways.reachable(somewhere_in(zone, random, margin_m=0.5))
