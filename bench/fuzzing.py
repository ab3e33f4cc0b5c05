"""Random and mutated advertising data through everything that reads it, for as long as asked.

What comes off the air is written by anybody. A run gives the same data for the same seed; whatever
it raises ends it with the data that did it.
"""

import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from device_profiles.beacons import (
    BTHome,
    EddystoneEtlm,
    Examined,
    examine,
    ignored_reason,
    parse_ad,
)
from device_profiles.beacons.ad import outline
from device_profiles.beacons.bthome import opened
from device_profiles.beacons.etlm import plaintext
from device_profiles.beacons.sensor import Sensor, take

LONGEST: Final = 62
"""Bytes of an advertisement and its scan response; extended ones come through no receiver."""

HEADS: Final = tuple(
    bytes.fromhex(text)
    for text in (
        "1aff4c000215",  # iBeacon
        "1bff1801beac",  # AltBeacon
        "1516aafe00",  # Eddystone UID
        "0a16aafe10",  # Eddystone URL
        "1116aafe2000",  # telemetry
        "1516aafe2001",  # encrypted telemetry
        "0d16aafe30",  # Eddystone EID
        "0d16d2fc40",  # BTHome
        "1216d2fc41",  # BTHome, encrypted
    )
)
"""The beginnings of all formats: random bytes alone would hit none of them in a million."""

WARM_UP: Final = 100_000
"""Advertisements before memory is looked at: caches fill, the allocator settles."""

KEY: Final = bytes(range(16))
ADDRESS: Final = "54:48:E6:8F:80:A5"


@dataclass(slots=True)
class Fuzzed:
    """What became of the data.

    Attributes:
        grown_mb: resident memory beyond that after `WARM_UP`.
    """

    adverts: int = 0
    frames: int = 0
    malformed: int = 0
    seconds: float = 0.0
    grown_mb: float = 0.0
    sensor: Sensor = field(default_factory=Sensor)


class Broken(Exception):
    """Something was raised; its text is the data in hex."""


def fuzz(count: int, seed: int, samples: Sequence[bytes] = ()) -> Fuzzed:
    """Read `count` advertisements; `samples` are whole ones to mutate beside random ones.

    Raises:
        Broken: reading one raised something, which is its cause.
    """
    done = Fuzzed()
    began, settled = time.perf_counter(), 0
    for raw in mutations(count, Random(seed), samples):  # noqa: S311 - data, not a secret
        try:
            _read(raw, done)
        except Exception as err:
            raise Broken(raw.hex()) from err
        if done.adverts == min(WARM_UP, count):
            settled = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    done.seconds = time.perf_counter() - began
    done.grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - settled) / 1024
    return done


def mutations(count: int, random: Random, samples: Sequence[bytes]) -> Iterator[bytes]:
    """Random data, random data under a format's head, and samples with some bytes changed."""
    for number in range(count):
        way = number % 3
        if way == 0:
            yield random.randbytes(random.randrange(LONGEST + 1))
        elif way == 1 or not samples:
            yield random.choice(HEADS) + random.randbytes(random.randrange(LONGEST))
        else:
            yield _mutated(random.choice(samples), random)


def _mutated(sample: bytes, random: Random) -> bytes:
    raw = bytearray(sample)
    for _ in range(random.randrange(1, 5)):
        random.choice((_cut, _insert, _set, _flip))(raw, random)
    return bytes(raw)


def _cut(raw: bytearray, random: Random) -> None:
    del raw[random.randrange(len(raw) + 1) :]


def _insert(raw: bytearray, random: Random) -> None:
    place = random.randrange(len(raw) + 1)
    raw[place:place] = random.randbytes(random.randrange(4))


def _set(raw: bytearray, random: Random) -> None:
    if raw:
        raw[random.randrange(len(raw))] = random.randrange(256)


def _flip(raw: bytearray, random: Random) -> None:
    if raw:
        raw[random.randrange(len(raw))] ^= 1 << random.randrange(8)


def _read(raw: bytes, done: Fuzzed) -> None:
    done.adverts += 1
    advert = parse_ad(raw, address=ADDRESS)
    examined = examine(advert)
    if not examined.frames:
        ignored_reason(advert)
    outline(raw)
    done.frames += len(examined.frames)
    done.malformed += len(examined.malformed)
    _open(examined, done)


def _open(examined: Examined, done: Fuzzed) -> None:
    for frame in examined.frames:
        _ = frame.identity, frame.power_1m
        if isinstance(frame, EddystoneEtlm):
            plaintext(frame, KEY, 10, done.adverts)
        elif isinstance(frame, BTHome):
            done.sensor, _ = take(done.sensor, opened(frame, ADDRESS, KEY), float(done.adverts))
