"""Link and hub in one process, joined by a real broker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from typing_extensions import override

from cloud_bridge.hub.affecting import Effect
from cloud_bridge.hub.bridge import Bridge
from cloud_bridge.hub.clock import system_clock
from cloud_bridge.hub.database import Database, PostgresServer, Row, Work, open_database
from cloud_bridge.hub.effects import EFFECTS
from cloud_bridge.hub.rooms.stores import store as stores
from cloud_bridge.link import Link, LinkState
from cloud_bridge.link.ports import Clock
from cloud_bridge.mqtt import Broker
from tests.bridge.fakes import FakeInbox, FakeKeyring, FakeOutbox, LoopClock

R = TypeVar("R")

DEADLINE_S = 25.0
"""For a state to come about: the slowest way is a hub's start and a resend on a busy machine."""


@asynccontextmanager
async def running(*jobs: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """`jobs` run while the block does; an error of theirs fails the test."""
    async with asyncio.TaskGroup() as tasks:
        started = [tasks.create_task(job) for job in jobs]
        yield
        for task in started:
            task.cancel()


@dataclass
class Store:
    """A store's end with its durable state."""

    name: str
    broker: Broker
    gateway: str = "gw-1"
    boot: str = "boot-1"
    outbox: FakeOutbox = field(default_factory=FakeOutbox)
    inbox: FakeInbox = field(default_factory=FakeInbox)
    keyring: FakeKeyring = field(default_factory=FakeKeyring)
    states: list[LinkState] = field(default_factory=list)

    def link(self, clock: Clock | None = None) -> Link:
        return Link(
            broker=self.broker,
            store=self.name,
            gateway=self.gateway,
            agent_version="0.1.0",
            boot=self.boot,
            outbox=self.outbox,
            inbox=self.inbox,
            keyring=self.keyring,
            clock=clock or LoopClock(),
            random=Random(7),  # noqa: S311 - jitter, repeatable
            longest_wait_s=0.2,
            on_state=self.states.append,
        )

    async def drained(self) -> None:
        await until(lambda: not self.outbox.log.facts, "the hub has every fact")


@dataclass
class Hub:
    """A hub without its HTTP."""

    database: Database
    bridge: Bridge

    async def rows(self, sql: str, *params: object) -> list[Row]:
        return await self.database.read(lambda tx: tx.rows(sql, *params))

    async def ids(self, store: str) -> list[str]:
        """Ids of the store's facts by lane, in sequence."""
        rows = await self.rows(
            "SELECT id FROM fact WHERE store = $1 ORDER BY lane, epoch, sequence", store
        )
        return [row["id"] for row in rows]


def make_bridge(
    database: Database,
    broker: Broker,
    *served: str,
    effects: Mapping[str, Effect] = EFFECTS,
    shared: bool | None = None,
) -> Bridge:
    return Bridge(
        database=database,
        broker=broker,
        stores=frozenset(served),
        effects=effects,
        clock=system_clock,
        random=Random(7),  # noqa: S311 - jitter, repeatable
        changed=lambda: None,
        shared=shared,
        group="hub",
    )


class Killed(Exception):
    """What `DiesAfterCommit` dies of."""


class DiesAfterCommit(Database):
    """A hub's database whose process ends right after the COMMIT that took the first fact."""

    def __init__(self, real: Database) -> None:
        self._real = real
        self.shared = real.shared

    @override
    async def run(self, work: Work[R]) -> R:
        result = await self._real.run(work)
        if await self._real.read(lambda tx: tx.row("SELECT 1 FROM fact")):
            raise Killed
        return result

    @override
    async def read(self, work: Work[R]) -> R:
        return await self._real.read(work)

    @override
    async def scrub(self) -> bool:
        return await self._real.scrub()


@asynccontextmanager
async def running_hub(
    path: Path | PostgresServer, broker: Broker, *served: str
) -> AsyncIterator[Hub]:
    where = path if isinstance(path, PostgresServer) else path / "hub.db"
    async with open_database(where) as database:
        for name in served:
            await database.run(partial(stores.add, store=name))
        bridge = make_bridge(database, broker, *served)
        async with running(bridge.run()):
            yield Hub(database, bridge)


async def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for a state, with a deadline."""

    async def look() -> bool:
        return holds()

    await _until(look, what)


async def until_row(hub: Hub, what: str, sql: str, *params: object) -> Row:
    """Wait until the hub's database answers `sql` with a row; that row."""
    rows: list[Row] = []

    async def look() -> bool:
        rows[:] = await hub.rows(sql, *params)
        return bool(rows)

    await _until(look, what)
    return rows[0]


async def _until(look: Callable[[], Awaitable[bool]], what: str) -> None:
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not await look():  # noqa: ASYNC110 - what is waited for lies in a database
                await asyncio.sleep(0.01)
    except TimeoutError:
        msg = f"never came about: {what}"
        raise AssertionError(msg) from None
