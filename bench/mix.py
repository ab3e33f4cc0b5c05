"""What a full store has on the air: the mix of `facts/beacons.md`, off the simulated radio.

500 phones with private addresses and 200 tags, a third of all walking, 8 receivers: 1,900 adverts a
second on the air, of which each radio gets some 600 through. 27 in 100 of what a receiver hears of
a transmitter carry other bytes than the one before.
"""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID

from bench.harness import ROOT
from simulators.world.chance import seeded
from simulators.world.crowd import PHONE_INTERVAL_S, random_address
from simulators.world.payloads import Card, Compose, phone, telemetry, thermometer
from simulators.world.plan import FloorPlan, Point, Receiver, Zone
from simulators.world.rotating import EphemeralId, private_address
from simulators.world.world import World

PHONES: Final = 500
CARDS, EPHEMERALS, THERMOMETERS, SHELVES = 120, 30, 25, 25
"""The 200 tags: iBeacons, Eddystone-EIDs, BTHome sensors and Eddystone telemetry."""

TAG_INTERVAL_S: Final = 0.3
"""Shorter intervals deliver less, not more (facts)."""

SECONDS: Final = 30.0
PHONES_CHANGING: Final = 0.115
"""Of a phone's adverts. A receiver gets one in three of them, and then it is one in four that it
finds changed; with the sensors, which always change, 27 in 100."""

ROTATION_EXPONENT: Final = 10
CHAIN: Final = UUID("6f2a7c1e-7a0b-4c55-9d0e-3b1f6a52c0de")
WALKING: Final = 3
"""One in so many walks; the others stand."""

WIDTH_M, HEIGHT_M = 24.0, 16.0
_ZONE_M = (WIDTH_M / 4, HEIGHT_M / 2)
_PACE_MPS = 1.2


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A transmitter that may be somebody's: by its own identity, or by a key (hex)."""

    identity: str = ""
    irk: str = ""
    eid_key: str = ""
    rotation_exponent: int = ROTATION_EXPONENT
    clock_s: float = 0.0


def floor() -> FloorPlan:
    """A shop of 384 m2: eight zones with a receiver each."""
    zones: list[Zone] = []
    receivers: list[Receiver] = []
    for column in range(4):
        for row in range(2):
            left, top = _ZONE_M[0] * column, _ZONE_M[1] * row
            right, bottom = left + _ZONE_M[0], top + _ZONE_M[1]
            corners = ((left, top), (right, top), (right, bottom), (left, bottom))
            centre = ((left + right) / 2, (top + bottom) / 2)
            zones.append(Zone(f"zone-{column}-{row}", "shelf", corners, 5.0))
            receivers.append(Receiver(f"r-{column}-{row}", "bluez", "hci0", centre, 3.0))
    return FloorPlan(WIDTH_M, HEIGHT_M, (), tuple(zones), tuple(receivers), (), {})


def mix_file(seed: int = 1) -> Path:
    """The mix as JSON lines, made when it is not there yet.

    The first line is `{"people": [...]}` of `Enrolled`; each other one what a receiver heard:
    `[second, receiver, address, rssi, AD bytes in hex]`, in order of time.
    """
    path = ROOT / "var" / f"bench-mix-{WIDTH_M:.0f}m-{SECONDS:.0f}s-{seed}.jsonl"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        fresh = path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            for line in _lines(seed):
                file.write(json.dumps(line) + "\n")
        fresh.replace(path)
    return path


def _lines(seed: int) -> Iterator[Any]:
    random = seeded(seed, "mix")
    world = World(floor(), seed)
    yield {"people": [asdict(each) for each in _populate(world, random)]}
    for heard in world.step(SECONDS):
        at = round(heard.at, 6)
        yield [at, heard.receiver, heard.address, heard.rssi, heard.ad.hex()]


def _populate(world: World, random: Random) -> Iterator[Enrolled]:
    for _ in range(PHONES):
        address = private_address(random)
        said = phone(random, changing=PHONES_CHANGING)
        world.transmit(address, said, _somebody(world, random), interval_s=PHONE_INTERVAL_S)
        yield Enrolled(irk=address.key.hex())
    for number in range(CARDS):
        card = Card(CHAIN, 1, number)
        _tag(world, random, card.compose)
        yield Enrolled(identity=card.identity)
    for _ in range(EPHEMERALS):
        beacon = EphemeralId(random.randbytes(16), ROTATION_EXPONENT, random.uniform(0, 1e6))
        _tag(world, random, beacon.compose)
        yield Enrolled(eid_key=beacon.key.hex(), clock_s=beacon.clock_s)
    for compose, number in ((thermometer, THERMOMETERS), (telemetry, SHELVES)):
        for _ in range(number):
            _tag(world, random, compose)


def _tag(world: World, random: Random, compose: Compose) -> None:
    world.transmit(
        random_address(random), compose, _somebody(world, random), interval_s=TAG_INTERVAL_S
    )


def _somebody(world: World, random: Random) -> Callable[[], Point]:
    """Where somebody is: standing, or walking straight from place to place."""
    here = _place(random)
    if random.randrange(WALKING):
        return lambda: here
    stops = [here, *(_place(random) for _ in range(int(SECONDS)))]
    return lambda: _along(stops, world.now * _PACE_MPS)


def _along(stops: list[Point], metres: float) -> Point:
    for here, there in pairwise(stops):
        length = math.dist(here, there)
        if metres < length:
            share = metres / length
            return here[0] + share * (there[0] - here[0]), here[1] + share * (there[1] - here[1])
        metres -= length
    return stops[-1]


def _place(random: Random) -> Point:
    return random.uniform(0.5, WIDTH_M - 0.5), random.uniform(0.5, HEIGHT_M - 0.5)
