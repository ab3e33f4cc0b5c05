"""A simulated week of addresses through the agent's classes: memory after each day."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from bench.harness import ROOT
from bench.mix import floor
from bench.store import SetClock, Store, callback, open_store
from bench.workers.heard import Record
from bench.workers.memory import resident_mib
from bench.workers.stdio import serve
from simulators.world.chance import seeded
from simulators.world.payloads import Card

DAY_S = 86_400.0
CARDHOLDERS, PHONES = 500, 50
"""Enrolled: by a card, and by a phone's resolving key, of which each is tried on each address."""

VISITORS_PER_DAY = 60
CHAIN = UUID("6f2a7c1e-7a0b-4c55-9d0e-3b1f6a52c0de")
CARDS = [Card(CHAIN, 1, number) for number in range(CARDHOLDERS)]


async def week(days: int, addresses: int, sightings: int) -> dict[str, Any]:
    """`addresses` new ones each day, heard `sightings` times each; MiB after each day."""
    random, clock = seeded("week"), SetClock()
    enrolled = [{"irk": "", "eid_key": "", "identity": card.identity} for card in CARDS] + [
        {"irk": random.randbytes(16).hex(), "eid_key": ""} for _ in range(PHONES)
    ]
    resident: list[float] = []
    with TemporaryDirectory(prefix="bench-", dir=ROOT / "var") as directory:
        path = Path(directory) / "week.sqlite"
        async with (
            open_store(path, floor(), enrolled, clock) as store,
            asyncio.TaskGroup() as tasks,
        ):
            work = tasks.create_task(store.identities.run(clock))
            for day in range(days):
                for number, begins in enumerate(_moments(day, addresses)):
                    await _stranger(store, clock, random, begins, sightings)
                    if number % (addresses // VISITORS_PER_DAY) == 0:
                        await _visit(store, clock, random)
                resident.append(resident_mib())
            work.cancel()
    return {"resident_mib": resident, "growth_mib": resident[-1] - resident[0]}


def _moments(day: int, addresses: int) -> Iterator[float]:
    """When each stranger comes, evenly over the day."""
    return (day * DAY_S + DAY_S * number / addresses for number in range(addresses))


async def _stranger(
    store: Store, clock: SetClock, random: Random, begins: float, sightings: int
) -> None:
    address, data = _private(random), random.randbytes(18)
    for again in range(sightings):
        clock.set(begins + again * 0.4)
        rssi = random.randrange(-90, -50)
        receiver = random.choice(list(store.ears))
        _hear(store, Record(0.0, receiver, address, rssi, {0x75: data}, {}))
    await store.presence.tick()


async def _visit(store: Store, clock: SetClock, random: Random) -> None:
    """Somebody who is enrolled comes for a few seconds."""
    card = random.choice(CARDS)
    payload = card.compose(0.0)[7:]
    begun = clock.now().monotonic
    for turn in range(40):
        clock.set(begun + turn * 0.1)
        receiver = random.choice(list(store.ears))
        rssi = random.randrange(-75, -55)
        _hear(store, Record(0.0, receiver, "C0:00:00:00:00:01", rssi, {0x4C: payload}, {}))
        await store.presence.tick()


def _hear(store: Store, record: Record) -> None:
    store.ears[record.receiver](*callback(record))


def _private(random: Random) -> str:
    octets = bytearray(random.randbytes(6))
    octets[0] = octets[0] & 0x3F | 0x40
    return ":".join(f"{octet:02X}" for octet in octets)


serve(
    lambda _: None,
    lambda request: asyncio.run(week(**request)),
)
