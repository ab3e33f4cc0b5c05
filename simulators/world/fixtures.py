"""The store's own beacons that hang at a place, as its plan names them."""

from itertools import count
from uuid import UUID

from simulators.world.chance import seeded
from simulators.world.crowd import random_address
from simulators.world.payloads import Card, telemetry
from simulators.world.plan import FixedBeacon
from simulators.world.world import Transmitter, World

REFERENCE_INTERVAL_S = 1.0
"""A reference beacon lasts years at one advert a second, and each receiver hears it in time."""


TELEMETRY_EVERY = 5
"""Of its adverts, one in so many says how its battery is. Makers take one in ten; a visitor who
empties the battery would wait half a minute for it."""

FULL_MV, LOW_MV = 3012, 2150
"""A CR2032 when new and at its end, under load."""


class UnknownIdentity(ValueError):
    """A beacon of the plan has an identity that the simulator cannot send."""


def add_fixtures(world: World, seed: int) -> dict[str, Transmitter]:
    """Hang up the reference beacons of the world's plan; by id.

    Raises:
        UnknownIdentity: one of them is no iBeacon.
    """
    return {
        beacon.id: _hang(world, beacon, random_address(seeded(seed, "fixture", beacon.id)))
        for beacon in world.plan.beacons
        if beacon.role == "reference"
    }


def _hang(world: World, beacon: FixedBeacon, address: str) -> Transmitter:
    card = _card(beacon)
    turns = count(1)

    def compose(at: float) -> bytes:
        if next(turns) % TELEMETRY_EVERY:
            return card.compose(at)
        return telemetry(at, LOW_MV if hung.low_battery else FULL_MV)

    hung = world.transmit(
        address,
        compose,
        lambda: beacon.position,
        power_1m=card.power_1m,
        interval_s=REFERENCE_INTERVAL_S,
    )
    return hung


def _card(beacon: FixedBeacon) -> Card:
    match beacon.identity.split(":"):
        case ["ibeacon", uuid, major, minor] if major.isdecimal() and minor.isdecimal():
            return Card(UUID(uuid), int(major), int(minor))
        case _:
            msg = f"beacon {beacon.id}: {beacon.identity!r} is no ibeacon:<uuid>:<major>:<minor>"
            raise UnknownIdentity(msg)
