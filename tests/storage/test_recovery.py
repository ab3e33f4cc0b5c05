"""Damaged databases: set aside, recovered as far as it goes, declared."""

import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from edge_agent.kernel.facts import Fact, RecordedFact
from edge_agent.storage import Storage, StorageFailed, Tx
from edge_agent.storage.recovery import NoRoomToRecover
from edge_agent.storage.restored import restored_reason
from edge_agent.storage.suspicion import suspect_file
from tests.storage.limits import Shop, content, shop, without_holes
from tests.storage.support import CALLED, SOLD, START, HandClock

PAGE = 4096
FACTS = 1200


async def filled(path: Path, clock: HandClock) -> list[str]:
    """Ids of the facts of a store that was closed in order."""
    async with shop(path, clock=clock) as one:
        await one.storage.log.renumber(3)
        for fact in (SOLD, CALLED):
            await one.storage.run(partial(many, fact))
        await one.storage.log.acknowledge(3, {"pickup": 100})
        return [fact.id for fact in await everything(one.storage)]


def many(fact: Fact, tx: Tx) -> None:
    for _ in range(FACTS // 2):
        tx.record(fact, START)


def aside_of(path: Path, tail: str = "[0-9]") -> list[Path]:
    return list(path.parent.glob(f"{path.name}.damaged-*{tail}"))


async def everything(storage: Storage) -> list[RecordedFact]:
    state = await storage.log.state()
    return [
        fact
        for lane, one in state.lanes.items()
        for fact in await storage.log.waiting(lane, one.cursor, 10**6, 10**9)
    ]


async def report_of(one: Shop) -> dict[str, Any]:
    await one.upkeep.tick()
    facts = await one.storage.log.tail(type_prefix="store.storage.recovered", limit=5)
    assert len(facts) == 1
    return content(facts[0])


def root_of(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        row = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,))
        return int(row.fetchone()[0])


def leaves_of(path: Path, table: str) -> list[int]:
    """The pages with the rows of `table`, by the parent's own list of children."""
    raw, root = path.read_bytes(), root_of(path, table)
    start = (root - 1) * PAGE
    assert raw[start] == 5  # an interior page of a table
    cells = int.from_bytes(raw[start + 3 : start + 5], "big")
    at = [int.from_bytes(raw[start + 12 + 2 * n : start + 14 + 2 * n], "big") for n in range(cells)]
    return [int.from_bytes(raw[start + one : start + one + 4], "big") for one in at]


def scribble(path: Path, page: int) -> None:
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(random.Random(page).randbytes(PAGE))  # noqa: S311 - a seed


def one_leaf(path: Path) -> None:
    scribble(path, leaves_of(path, "fact")[5])


def three_leaves_and_an_index(path: Path) -> None:
    leaves = leaves_of(path, "fact")
    for page in (leaves[2], leaves[30], leaves[31], root_of(path, "fact_by_lane")):
        scribble(path, page)


def cut_short(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 8 * 7 // PAGE * PAGE)


@pytest.mark.parametrize("damage", [one_leaf, three_leaves_and_an_index, cut_short])
async def test_a_damaged_file_is_set_aside_and_all_that_can_be_read_goes_on_under_no_epoch(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    path, clock = tmp_path / "a.db", HandClock()
    before = await filled(path, clock)
    damage(path)
    damaged = path.read_bytes()
    async with shop(path, clock=clock) as one:
        facts = await everything(one.storage)
        after = [fact.id for fact in facts]
        assert [one for one in before if one in set(after)] == after
        assert len(before) * 0.5 < len(after) < len(before)
        state = await one.storage.log.state()
        assert state.epoch == 0
        for lane in ("stock", "pickup"):
            assert without_holes([fact for fact in facts if fact.lane == lane])
        report = await report_of(one)
        (aside,) = aside_of(path)
        assert aside.name == report["set_aside"]
        assert aside.read_bytes() == damaged
        assert sum(report["facts_lost"].values()) == len(before) - len(after)
        assert await one.storage.view(restored_reason) == "recovered"
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_a_file_that_is_no_database_is_set_aside_and_an_empty_log_says_so(
    tmp_path: Path,
) -> None:
    path, clock = tmp_path / "a.db", HandClock()
    await filled(path, clock)
    path.write_bytes(b"not a database\n" * 1000)
    async with shop(path, clock=clock) as one:
        assert not await everything(one.storage)
        report = await report_of(one)
        assert "not a database" in report["found"]
        assert report["lost"]["fact"] == -1
        await one.record(SOLD)


async def test_lost_commits_are_declared_though_the_file_is_whole(tmp_path: Path) -> None:
    path, clock = tmp_path / "a.db", HandClock()
    async with shop(path, clock=clock) as one:
        await one.record(*([SOLD] * 50))
    checkpointed = path.read_bytes()
    async with shop(path, clock=clock) as one:
        await one.record(*([SOLD] * 30))
    path.write_bytes(checkpointed)  # as when the write-ahead log is gone
    async with shop(path, clock=clock) as one:
        assert len(await everything(one.storage)) == 50
        assert (await report_of(one))["lost"] == {"fact": 30}
        assert await one.storage.view(restored_reason) is not None
        await one.storage.log.renumber(1)
    async with shop(path, clock=clock) as one:
        await one.upkeep.tick()
        told = await one.storage.log.tail(type_prefix="store.storage.recovered", limit=5)
        assert len(told) == 1


async def test_damage_that_is_met_while_it_runs_ends_the_agent_and_is_looked_for_at_the_next_start(
    tmp_path: Path,
) -> None:
    path, clock = tmp_path / "a.db", HandClock()
    await filled(path, clock)
    async with shop(path, clock=clock) as one:
        page = leaves_of(path, "fact")[3]
        scribble(path, page)
        with pytest.raises(StorageFailed):
            await one.storage.read("SELECT sum(length(data)) FROM fact")
        with pytest.raises(StorageFailed):
            await one.storage.run(lambda tx: tx.execute("DELETE FROM fact WHERE lane = 'stock'"))
    assert suspect_file(path).exists()
    async with shop(path, clock=clock) as one:
        assert (await report_of(one))["lost"]["fact"] > 0
    assert not suspect_file(path).exists()


async def test_where_there_is_no_room_to_recover_the_file_stays_suspect_and_is_left_alone(
    tmp_path: Path,
) -> None:
    path, clock = tmp_path / "a.db", HandClock()
    await filled(path, clock)
    one_leaf(path)
    damaged = path.read_bytes()
    suspect_file(path).touch()
    (tmp_path / "a.db.recovering").mkdir()
    with pytest.raises(NoRoomToRecover):
        async with shop(path, clock=clock):
            pass
    assert suspect_file(path).exists()
    assert path.read_bytes() == damaged


async def test_a_disk_that_fails_while_it_is_looked_at_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.mkdir()
    with pytest.raises(StorageFailed, match="failing"):
        async with shop(path):
            pass


async def test_a_crash_between_the_renames_is_finished_at_the_next_start(tmp_path: Path) -> None:
    path, clock = tmp_path / "a.db", HandClock()
    await filled(path, clock)
    one_leaf(path)
    async with shop(path, clock=clock) as one:
        kept = len(await everything(one.storage))
    (aside,) = aside_of(path)
    path.rename(tmp_path / "a.db.recovered")
    (tmp_path / "a.db-wal").write_bytes(b"of the damaged one")
    aside.rename(path)
    clock.move(10)
    async with shop(path, clock=clock) as one:
        assert len(await everything(one.storage)) == kept
    assert b"of the damaged one" in {file.read_bytes() for file in aside_of(path, "-wal")}
