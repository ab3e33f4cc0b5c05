import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Awaitable, Sequence
from pathlib import Path

import pytest

from edge_agent.kernel.facts import Fact
from edge_agent.storage import (
    Storage,
    StorageFailed,
    StorageUnavailable,
    Tx,
    Work,
    open_storage,
)
from edge_agent.storage.errors import StorageInUse, UnrecordableFact, WrongGateway
from edge_agent.storage.intake import MOST_QUEUED
from edge_agent.storage.unit import MOST_DATA_BYTES
from tests.storage.support import CALLED, SOLD, START, HandClock, Sold, opened, record, recorded


async def test_what_a_unit_returns_is_in_the_file_when_run_returns(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as storage:
        fact = await record(storage)
        with sqlite3.connect(f"file:{tmp_path}/a.db?mode=ro", uri=True) as other:
            assert other.execute("SELECT id FROM fact").fetchall() == [(fact.id,)]
        other.close()


async def test_a_recorded_fact_reads_back_as_it_was_returned(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as storage:
        fact = await record(storage)
        assert await storage.log.waiting("stock", 0, 10, 10_000) == [fact]
        assert (fact.time, fact.monotonic, fact.boot) == (START.wall, 1000.0, storage.boot)


async def test_a_unit_that_raises_is_undone_alone(tmp_path: Path) -> None:
    called_back: list[str] = []

    def fails(tx: Tx) -> None:
        tx.record(SOLD, START)
        tx.after_commit(lambda: called_back.append("failed"))
        msg = "no"
        raise LookupError(msg)

    def works(tx: Tx) -> int:
        tx.after_commit(lambda: called_back.append("worked"))
        return recorded(tx).sequence

    async with opened(tmp_path / "a.db") as storage:
        outcomes = await _together(storage, [works, fails, works, fails, works])
        assert [type(one) for one in outcomes] == [int, LookupError, int, LookupError, int]
        assert [one for one in outcomes if isinstance(one, int)] == [1, 2, 3]
        assert called_back == ["worked"] * 3
        assert (await storage.log.state()).lanes["stock"].recorded == 3


async def test_a_savepoint_inside_a_unit_undoes_its_own_facts_only(tmp_path: Path) -> None:
    def partly(tx: Tx) -> None:
        tx.record(SOLD, START)
        with contextlib.suppress(LookupError), tx.savepoint():
            tx.record(CALLED, START)
            raise LookupError
        tx.record(SOLD, START)

    async with opened(tmp_path / "a.db") as storage:
        await storage.run(partly)
        lanes = (await storage.log.state()).lanes
        assert (lanes["stock"].recorded, lanes["pickup"].recorded) == (2, 0)
        assert [fact.position for fact in await storage.log.above(0, 10)] == [1, 2]


async def test_units_handed_over_during_a_commit_share_the_next_one(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as storage:
        before = storage.generation
        await _together(storage, [lambda tx: tx.record(SOLD, START)] * 200)
        assert storage.generation - before < 20


async def test_a_cancelled_caller_leaves_its_unit_and_its_group_whole(tmp_path: Path) -> None:
    at_work, go_on = threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        at_work.set()
        go_on.wait(5)
        tx.record(SOLD, START)

    async with opened(tmp_path / "a.db") as storage, asyncio.TaskGroup() as tasks:
        caller = tasks.create_task(storage.run(slow))
        neighbour = tasks.create_task(record(storage))
        await asyncio.to_thread(at_work.wait, 5)
        caller.cancel()
        go_on.set()
        assert (await neighbour).sequence == 2
        assert caller.cancelled()


async def test_more_callers_than_the_queue_holds_wait_and_are_all_served(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as storage:
        callers = MOST_QUEUED + 50
        outcomes = await _together(storage, [lambda tx: tx.head.position] * callers)
        assert len(outcomes) == callers


async def test_closing_commits_what_was_handed_over_and_refuses_what_comes_after(
    tmp_path: Path,
) -> None:
    async with asyncio.TaskGroup() as tasks, opened(tmp_path / "a.db") as storage:
        callers = [tasks.create_task(record(storage)) for _ in range(20)]
        waits = tasks.create_task(_outcome(storage.log.beyond(10_000)))
        await asyncio.sleep(0)
    assert sorted(caller.result().sequence for caller in callers) == list(range(1, 21))
    assert isinstance(waits.result(), StorageFailed)
    with pytest.raises(StorageFailed, match="closed"):
        await record(storage)


async def test_a_second_agent_is_refused_while_the_first_runs(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db"):
        with pytest.raises(StorageInUse):
            async with opened(tmp_path / "a.db"):
                pass
    async with opened(tmp_path / "a.db") as storage:
        assert (await record(storage)).sequence == 1


def for_others(file: Path) -> int:
    return file.stat().st_mode & 0o077


async def test_only_its_owner_can_read_the_database(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as storage:
        await record(storage)
        assert [for_others(tmp_path / f"a.db{part}") for part in ("", "-wal", "-shm")] == [0, 0, 0]


async def test_another_gateways_database_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db"):
        pass
    with pytest.raises(WrongGateway, match="gw-1"):
        async with open_storage(tmp_path / "a.db", gateway="gw-2", clock=HandClock()):
            pass


async def test_a_fact_of_no_known_lane_or_of_too_many_bytes_is_refused(tmp_path: Path) -> None:
    class Odd(Sold, frozen=True):
        LANE = "gossip"

    async with opened(tmp_path / "a.db") as storage:
        with pytest.raises(UnrecordableFact, match="gossip"):
            await record(storage, Fact("articles/1", Odd()))
        with pytest.raises(UnrecordableFact, match="bytes"):
            await record(storage, Fact("articles/1", Sold(note="x" * MOST_DATA_BYTES)))
        assert (await record(storage)).sequence == 1


async def test_a_locked_database_is_unavailable_and_then_works_again(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as storage:
        await storage.run(lambda tx: tx.execute("PRAGMA busy_timeout = 1").fetchall())
        other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable, match="lock"):
            await record(storage)
        other.close()
        assert (await record(storage)).sequence == 1


async def test_whoever_waits_for_a_change_is_woken_by_the_next_commit(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as storage, asyncio.timeout(5):
        since = storage.generation
        async with asyncio.TaskGroup() as tasks:
            change = tasks.create_task(storage.changed(since))
            fact = tasks.create_task(storage.log.beyond(0))
            await asyncio.sleep(0)
            assert not change.done()
            await record(storage)
        assert change.result() > since
        assert fact.result() == 1


async def _outcome(call: Awaitable[object]) -> object:
    try:
        return await call
    except Exception as err:  # noqa: BLE001 - the outcome is what the test asks for
        return err


async def _together(storage: Storage, works: Sequence[Work[object]]) -> list[object]:
    async with asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(_outcome(storage.run(work))) for work in works]
    return [one.result() for one in asked]
