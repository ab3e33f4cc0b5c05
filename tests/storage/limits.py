"""A store with little room, and facts to fill it with."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from typing_extensions import override

from cloud_bridge.wire.envelope import Lane
from cloud_bridge.wire.facts.beacons import SensorRead
from cloud_bridge.wire.facts.presence import ZoneEntered
from edge_agent.kernel.facts import ClockQuality, Fact, RecordedFact
from edge_agent.storage import Storage, Tx, open_storage
from edge_agent.storage.dispatcher import BATCH, Dispatcher
from edge_agent.storage.quota import Limit, Quota
from edge_agent.storage.relief import Relief
from edge_agent.storage.rollup import drop
from edge_agent.storage.upkeep import Rules, Upkeep
from tests.storage.support import HandClock

KB = 1024
EVERYTHING = 10**9


def entered(shopper: str, zone: str = "shoes") -> Fact:
    return Fact("presence", ZoneEntered(shopper=shopper, zone=zone, confidence=0.9))


def read(beacon: str = "fridge", temperature_c: float = 4.0) -> Fact:
    data = SensorRead(
        beacon=beacon,
        temperature_c=temperature_c,
        humidity_percent=None,
        battery_v=2.9,
        battery_percent=None,
    )
    return Fact(f"beacons/{beacon}", data)


class Roomy(Relief):
    """A disk with as much room as the test says; its ballast is real."""

    def __init__(self, database: Path, free: int = EVERYTHING) -> None:
        super().__init__(database, ballast_bytes=64 * KB)
        self.left = free

    @override
    def free(self) -> int:
        return self.left


@dataclass
class Shop:
    """A store, its clock, and what keeps it within its room."""

    storage: Storage
    clock: HandClock
    upkeep: Upkeep
    relief: Roomy

    async def record(self, *facts: Fact, every_s: float = 1.0) -> None:
        """One after the other, and all of them dispatched."""
        for start in range(0, len(facts), 500):
            part = facts[start : start + 500]

            def work(tx: Tx, part: tuple[Fact, ...] = part) -> None:
                for fact in part:
                    self.clock.move(every_s)
                    tx.record(fact, self.clock.now())

            await self.storage.run(work)
        await self.dispatch()

    async def dispatch(self) -> None:
        dispatcher = Dispatcher(self.storage, [], self.clock)
        state = await self.storage.log.state()
        for _ in range(0, state.position - state.dispatched, BATCH):
            await dispatcher.step()

    async def waiting(self, lane: str) -> list[RecordedFact]:
        cursor = (await self.storage.log.state()).lanes[lane].cursor
        return await self.storage.log.waiting(lane, cursor, EVERYTHING, EVERYTHING)


@asynccontextmanager
async def shop(
    path: Path,
    limits: Mapping[str, int] | None = None,
    *,
    free: int = EVERYTHING,
    at_least: int = 3,
    clock: HandClock | None = None,
) -> AsyncIterator[Shop]:
    clock = clock or HandClock()
    bounds = {lane.value: Limit(EVERYTHING) for lane in Lane}
    bounds |= {lane: Limit(size) for lane, size in (limits or {}).items()}
    relief = Roomy(path, free)
    async with open_storage(
        path,
        gateway="gw-1",
        clock=clock,
        quality=lambda: ClockQuality.SYNCED,
        admission=Quota(bounds, relief, make_room=drop),
        relief=relief,
    ) as storage:
        rules = Rules(bounds, low_bytes=200 * KB * KB, at_least=at_least)
        yield Shop(storage, clock, Upkeep(storage, clock, rules, relief), relief)


def without_holes(facts: list[RecordedFact], above: int = 0) -> bool:
    """Whether the sequences follow each other, what others stand for included."""
    for fact in facts:
        if (fact.covers or fact.sequence) != above + 1:
            return False
        above = fact.sequence
    return True


def content(fact: RecordedFact) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(fact.data)
    return decoded
