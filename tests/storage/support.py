"""A clock that only the test moves, facts to record, and a database to record them in."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import msgspec

from cloud_bridge.wire.envelope import Lane
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import ClockQuality, Fact, RecordedFact
from edge_agent.storage import Storage, Tx, open_storage

START = Instant(datetime(2026, 11, 22, 9, 0, 0, 123456, tzinfo=UTC), 1000.0)


class HandClock:
    """Stands still until it is moved."""

    def __init__(self, at: Instant = START) -> None:
        self.at = at

    def now(self) -> Instant:
        return self.at

    def move(self, seconds: float) -> None:
        self.at = self.at.plus(seconds)


class Sold(msgspec.Struct, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "store.stock.sold.v1"
    LANE: ClassVar[str] = Lane.STOCK
    PHYSICAL: ClassVar[bool] = False
    gtin: str = "08801234567893"
    note: str = ""


class Called(msgspec.Struct, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "store.pickup.called.v1"
    LANE: ClassVar[str] = Lane.PICKUP
    PHYSICAL: ClassVar[bool] = True
    order: str = "W-1042"


SOLD = Fact("articles/08801234567893", Sold())
CALLED = Fact("orders/W-1042", Called())


@asynccontextmanager
async def opened(
    path: Path,
    clock: HandClock | None = None,
    quality: ClockQuality = ClockQuality.SYNCED,
    *,
    machine: str = "",
) -> AsyncIterator[Storage]:
    async with open_storage(
        path,
        gateway="gw-1",
        clock=clock or HandClock(),
        quality=lambda: quality,
        machine=machine,
    ) as storage:
        yield storage


def recorded(tx: Tx, fact: Fact = SOLD, now: Instant = START) -> RecordedFact:
    """Record what is certainly recorded: nobody is in it."""
    in_log = tx.record(fact, now)
    assert in_log is not None
    return in_log


async def record(storage: Storage, fact: Fact = SOLD, now: Instant = START) -> RecordedFact:
    return await storage.run(lambda tx: recorded(tx, fact, now))


def chain_over(facts: list[tuple[str, bytes]]) -> str:
    """The rule of the wire, written again: SHA-256 over the hash before, the id and the data."""
    chain = ""
    for fact_id, data in facts:
        text = chain.encode() + b"\n" + fact_id.encode() + b"\n" + data
        chain = hashlib.sha256(text).hexdigest()
    return chain
