"""Groups that stay open for company, and who closes them."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from cloud_bridge.wire.facts.coupons import Redeemed
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import Fact, RecordedFact
from edge_agent.storage import Storage, Tx, open_storage
from edge_agent.storage.checkpoints import SCRUB_AGAIN_S, SCRUB_WITHIN_S, Checkpoints
from edge_agent.storage.dispatcher import BATCH, Dispatcher, Flow
from edge_agent.storage.tide import Tides
from tests.storage.support import CALLED, SOLD, HandClock, record

FOR_EVER_S = 60.0
"""Longer than any test: what is committed was not waiting for this."""

REDEEMED = Fact(
    "coupons/c-1",
    Redeemed(
        coupon="c-1",
        campaign="sale",
        shopper="s-1",
        till="t-1",
        receipt="r-1",
        discount=500,
        currency="EUR",
    ),
)


@asynccontextmanager
async def waiting(path: Path, company_s: float = FOR_EVER_S) -> AsyncIterator[Storage]:
    async with (
        asyncio.timeout(10),
        open_storage(
            path / "a.db", gateway="gw-1", clock=HandClock(), company_s=company_s
        ) as storage,
    ):
        yield storage


async def slow_one(storage: Storage, tasks: asyncio.TaskGroup) -> asyncio.Task[RecordedFact]:
    """A unit that has been done, in a group that stays open."""
    position = storage.log.position
    task = tasks.create_task(record(storage, SOLD))
    await storage.log.recorded_beyond(position)
    assert not task.done()
    return task


async def test_a_fact_that_nobody_waits_for_waits_for_company_and_not_longer(
    tmp_path: Path,
) -> None:
    async with waiting(tmp_path, company_s=0.01) as storage, asyncio.TaskGroup() as tasks:
        since = storage.generation
        both = [tasks.create_task(record(storage, SOLD)) for _ in range(2)]
        assert [(await one).sequence for one in both] == [1, 2]
        assert storage.generation == since + 1


async def test_a_pickup_fact_takes_everybody_along_at_once(tmp_path: Path) -> None:
    async with waiting(tmp_path) as storage, asyncio.TaskGroup() as tasks:
        slow = await slow_one(storage, tasks)
        await record(storage, CALLED)
        assert slow.done()


async def test_so_does_a_redemption(tmp_path: Path) -> None:
    async with waiting(tmp_path) as storage, asyncio.TaskGroup() as tasks:
        slow = await slow_one(storage, tasks)
        await record(storage, REDEEMED)
        assert slow.done()


async def test_so_does_a_unit_that_is_urgent_or_records_nothing(tmp_path: Path) -> None:
    async with waiting(tmp_path) as storage, asyncio.TaskGroup() as tasks:
        slow = await slow_one(storage, tasks)
        await storage.run(lambda tx: tx.record(SOLD, HandClock().now()), urgent=True)
        assert slow.done()
        slow = await slow_one(storage, tasks)
        await storage.run(lambda _: None)
        assert slow.done()


async def test_an_acknowledgement_rides_with_the_next_group(tmp_path: Path) -> None:
    async with waiting(tmp_path) as storage, asyncio.TaskGroup() as tasks:
        await storage.log.renumber(1)
        await record(storage, CALLED)
        slow = await slow_one(storage, tasks)
        await storage.log.acknowledge(1, {"pickup": 1})
        assert not slow.done()
        assert (await storage.log.state()).lanes["pickup"].cursor == 0
        await record(storage, CALLED)
        assert (await storage.log.state()).lanes["pickup"].cursor == 1


async def test_what_follows_for_a_pickup_is_done_and_committed_while_the_group_is_open(
    tmp_path: Path,
) -> None:
    def arrive(tx: Tx, _fact: RecordedFact, now: Instant) -> None:
        tx.record(CALLED, now)

    async with waiting(tmp_path) as storage, asyncio.TaskGroup() as tasks:
        since = storage.generation
        flow = Flow("arrives", SOLD.data.TYPE, 60.0, arrive)
        reader = tasks.create_task(Dispatcher(storage, [flow], HandClock()).run())
        await record(storage, SOLD)
        assert storage.generation == since + 1
        assert (await storage.log.state()).lanes["pickup"].recorded == 1
        reader.cancel()


async def test_a_dispatcher_that_lags_does_not_wait_for_company_with_each_batch(
    tmp_path: Path,
) -> None:
    async with waiting(tmp_path) as storage:
        await storage.run(
            lambda tx: [tx.record(SOLD, HandClock().now()) for _ in range(3 * BATCH)], urgent=True
        )
        reader = Dispatcher(storage, [], HandClock())
        assert [await reader.step() for _ in range(3)] == [BATCH, 2 * BATCH, 3 * BATCH]


async def test_closing_waits_for_nobody(tmp_path: Path) -> None:
    async with asyncio.TaskGroup() as tasks:
        async with waiting(tmp_path) as storage:
            slow = await slow_one(storage, tasks)
        assert (await slow).sequence == 1


async def test_what_an_undone_group_had_recorded_is_waited_for_again() -> None:
    tides = Tides()
    tides.start_at(4)
    tides.recorded.rise(6)
    assert await tides.recorded.above(4) == 6
    tides.abandoned()
    assert (tides.recorded.level, tides.position.level) == (4, 4)


class Seconds:
    """A clock for the writer's thread."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_store_that_is_never_idle_empties_its_wal_all_the_same(tmp_path: Path) -> None:
    seconds = Seconds()
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (x)")
        checkpoints = Checkpoints(connection, seconds)
        assert not checkpoints.after_group(scrub=True, idle=False)
        seconds.now = SCRUB_WITHIN_S
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN")
            other.execute("SELECT * FROM t").fetchall()
            connection.execute("INSERT INTO t VALUES (1)")
            assert not checkpoints.after_group(scrub=True, idle=False)
        assert not checkpoints.after_group(scrub=True, idle=False)
        seconds.now += SCRUB_AGAIN_S
        assert checkpoints.after_group(scrub=True, idle=False)
        assert path.with_name("a.db-wal").stat().st_size == 0


def test_an_idle_store_empties_it_at_once(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (x)")
        assert Checkpoints(connection, Seconds()).after_group(scrub=True, idle=True)
