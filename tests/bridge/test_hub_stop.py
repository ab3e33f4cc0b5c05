"""A hub that is stopped finishes what is under way before it leaves the broker."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from typing_extensions import override

from cloud_bridge.hub.database import Database, Work, open_database
from cloud_bridge.hub.rooms.stores import store as stores
from tests.bridge.conftest import Seam
from tests.bridge.rig import DEADLINE_S, DiesAfterCommit, Store, make_bridge, running

R = TypeVar("R")

pytestmark = pytest.mark.timeout(60)


class LingersAfterCommit(DiesAfterCommit):
    """A hub's database that committed the first facts and does not yet say so.

    Attributes:
        committed: they are in the database.
        go_on: it may say so.
    """

    def __init__(self, real: Database) -> None:
        super().__init__(real)
        self.committed, self.go_on = asyncio.Event(), asyncio.Event()

    @override
    async def run(self, work: Work[R]) -> R:
        result = await self._real.run(work)
        if await self._real.read(lambda tx: tx.row("SELECT 1 FROM fact")):
            self.committed.set()
            await self.go_on.wait()
        return result


@asynccontextmanager
async def stopped(
    store: Store, seam: Seam, folder: Path
) -> AsyncIterator[tuple[asyncio.Task[None], asyncio.Event]]:
    """A hub that is stopped between its COMMIT and its answer: its task, and what it waits for."""
    await store.outbox.record("pickup", 3)
    async with open_database(folder / "hub.db") as real:
        await real.run(lambda tx: stores.add(tx, store.name))
        database = LingersAfterCommit(real)
        hub = make_bridge(database, seam.broker(), store.name)
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(hub.run(), name="hub bridge")
            async with running(store.link().run()):
                await database.committed.wait()
                working.cancel()
                await asyncio.sleep(0)
                yield working, database.go_on


@pytest.fixture
def name() -> str:
    return f"store-{uuid.uuid4().hex[:8]}"


async def test_facts_that_were_committed_are_acknowledged_though_the_hub_is_stopped(
    seam: Seam, tmp_path: Path, name: str
) -> None:
    store = Store(name, seam.broker())
    async with stopped(store, seam, tmp_path) as (working, go_on):
        go_on.set()
        await store.drained()
    assert working.cancelled()


async def test_a_hub_that_loses_the_broker_while_it_stops_does_not_come_back(
    own_seam: Seam, tmp_path: Path, name: str
) -> None:
    async with stopped(Store(name, own_seam.broker()), own_seam, tmp_path) as (working, go_on):
        own_seam.process.kill()
        go_on.set()
        async with asyncio.timeout(DEADLINE_S):
            await asyncio.wait([working])
    assert working.done()
