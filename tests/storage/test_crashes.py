"""What survives: SIGKILL at any moment, a full disk, a card that stops writing."""

import asyncio
import random
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from edge_agent.storage import Storage, StorageUnavailable, Tx, Work
from tests.storage.support import SOLD, START, chain_over, opened, record

CYCLES = 6
"""Here; `make faults` does hundreds, of every program (docs/reliability.md)."""
ROOT = Path(__file__).parents[2]


def producer(database: Path, *limit: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.storage.producer", str(database), *limit],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def killed_after(database: Path, lines: int) -> list[str]:
    """The ids that a producer was told, and could say, before it was killed."""
    with producer(database) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().strip() for _ in range(lines)]
        process.kill()
        return [*said, *process.stdout.read().split()]


def examine(database: Path, acknowledged: set[str]) -> None:
    """Every promise of the log, read from the file alone."""
    with closing(sqlite3.connect(database)) as connection:
        ids = {row[0] for row in connection.execute("SELECT id FROM fact")}
        assert acknowledged <= ids
        for lane, following, chain in connection.execute(
            "SELECT lane, next_sequence, hash FROM lane"
        ):
            facts = connection.execute(
                "SELECT sequence, id, data FROM fact WHERE lane = ? ORDER BY sequence", (lane,)
            ).fetchall()
            assert [row[0] for row in facts] == list(range(1, following))
            assert chain == chain_over([(row[1], row[2]) for row in facts])
        positions = [row[0] for row in connection.execute("SELECT position FROM fact ORDER BY 1")]
        head, dispatched = connection.execute("SELECT position, dispatched FROM log").fetchone()
        assert positions == list(range(1, head + 1))
        effects = [row[0] for row in connection.execute("SELECT position FROM effect ORDER BY 1")]
        assert effects == list(range(1, dispatched + 1))
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_nothing_acknowledged_is_lost_and_no_effect_is_doubled_however_often_it_is_killed(
    tmp_path: Path,
) -> None:
    moments = random.Random(7)  # noqa: S311 - a seed, so that a failure can be repeated
    acknowledged: set[str] = set()
    for _ in range(CYCLES):
        acknowledged.update(killed_after(tmp_path / "a.db", moments.randint(1, 300)))
        examine(tmp_path / "a.db", acknowledged)
    assert len(acknowledged) > CYCLES


@pytest.mark.slow
def test_after_a_failed_write_nothing_more_is_acknowledged_and_a_restart_finds_the_rest(
    tmp_path: Path,
) -> None:
    with producer(tmp_path / "a.db", str(1024 * 1024)) as process:
        said = process.communicate(timeout=60)[0].splitlines()
    assert said[-2] == "failed"
    assert said[-1].startswith("still refuses: whether it was kept is known after a restart")
    assert len(said) > 100
    examine(tmp_path / "a.db", set(said[:-2]))


async def test_a_full_disk_refuses_visibly_and_storage_works_again_when_there_is_room(
    tmp_path: Path,
) -> None:
    def allow(pages: int) -> str:
        return f"PRAGMA max_page_count = {pages}"

    async with opened(tmp_path / "a.db") as storage:
        (used,) = await storage.read("PRAGMA page_count")
        await storage.run(lambda tx: tx.execute(allow(used[0] + 8)).fetchall())
        kept, refusal = await _recorded_until_refused(storage)
        assert "disk is full" in str(refusal)
        with pytest.raises(StorageUnavailable):
            await storage.run(lambda tx: [tx.record(SOLD, START) for _ in range(100)])
        await storage.run(lambda tx: tx.execute(allow(1_000_000)).fetchall())
        kept.append((await record(storage)).id)
        waiting = await storage.log.waiting("stock", 0, 10_000, 10**9)
        assert [fact.id for fact in waiting] == kept
        assert [fact.sequence for fact in waiting] == list(range(1, len(kept) + 1))
        chain = (await storage.log.state()).lanes["stock"].hash
        assert chain == chain_over([(fact.id, fact.data) for fact in waiting])


async def test_a_full_disk_is_told_so_also_when_only_one_statement_was_undone(
    tmp_path: Path,
) -> None:
    """A statement of many rows has a journal of its own: SQLite leaves the transaction open."""

    def grow(tx: Tx) -> None:
        (used,) = tx.execute("PRAGMA page_count").fetchone()
        tx.execute(f"PRAGMA max_page_count = {used}").fetchall()
        tx.execute("UPDATE fact SET data = zeroblob(20000), position = position + 1000")

    async with opened(tmp_path / "a.db") as storage:
        await storage.run(lambda tx: [tx.record(SOLD, START) for _ in range(50)])
        with pytest.raises(StorageUnavailable, match="disk is full"):
            await storage.run(grow)
        await storage.run(lambda tx: tx.execute("PRAGMA max_page_count = 100000").fetchall())
        assert (await record(storage)).position == 51


async def test_when_the_disk_fills_in_mid_group_everybody_in_the_group_hears_of_it(
    tmp_path: Path,
) -> None:
    handed_over = threading.Event()

    def first(tx: Tx) -> None:
        handed_over.wait(5)
        tx.record(SOLD, START)

    def fills_the_disk(tx: Tx) -> None:
        (used,) = tx.execute("PRAGMA page_count").fetchone()
        tx.execute(f"PRAGMA max_page_count = {used}").fetchall()
        for _ in range(1000):
            tx.record(SOLD, START)

    async def refused(storage: Storage, work: Work[None]) -> None:
        with pytest.raises(StorageUnavailable, match="disk is full"):
            await storage.run(work)

    async with opened(tmp_path / "a.db") as storage:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(refused(storage, first))
            tasks.create_task(refused(storage, fills_the_disk))
            await asyncio.sleep(0)
            handed_over.set()
        state = await storage.log.state()
        assert (state.position, state.lanes["stock"].recorded) == (0, 0)
        await storage.run(lambda tx: tx.execute("PRAGMA max_page_count = 100000").fetchall())
        assert (await record(storage)).position == 1


async def _recorded_until_refused(storage: Storage) -> tuple[list[str], StorageUnavailable]:
    kept: list[str] = []
    while True:
        try:
            fact = await record(storage)
        except StorageUnavailable as refusal:
            return kept, refusal
        kept.append(fact.id)
