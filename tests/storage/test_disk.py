"""A disk that runs low, full, and has room again: ballast, early sums, refusals, words."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cloud_bridge.wire.facts.pickup import Accepted, Collected
from cloud_bridge.wire.facts.storage import DiskState
from edge_agent.kernel.facts import Fact
from edge_agent.storage import StorageUnavailable
from edge_agent.storage.ballast import Ballast
from edge_agent.storage.errors import DiskFull
from edge_agent.storage.relief import Relief
from edge_agent.storage.watermarks import BALLAST_BYTES, FULL_BYTES, MB, judge, windows
from edge_agent.web.words import in_words
from tests.storage.limits import EVERYTHING, KB, Shop, content, read, shop

LOW = 512 * MB
ACCEPTED = Fact("orders/W-1", Accepted(order="W-1"))
COLLECTED = Fact("orders/W-1", Collected(order="W-1", evidence=[], lines={}))


async def refuse_a_write(one: Shop) -> None:
    """Have SQLite meet a full disk: the file may not grow any further."""
    pages = (await one.storage.read("PRAGMA page_count"))[0][0]
    await one.storage.run(lambda tx: tx.execute(f"PRAGMA max_page_count = {pages}").fetchall())
    with pytest.raises(StorageUnavailable):
        await one.record(*([COLLECTED] * 500))
    await one.storage.run(lambda tx: tx.execute(f"PRAGMA max_page_count = {2**30}").fetchall())


@pytest.mark.parametrize(
    ("before", "free", "refused", "now"),
    [
        ("ok", LOW, False, "ok"),
        ("ok", LOW - 1, False, "low"),
        ("low", 2 * LOW - 1, False, "low"),
        ("low", 2 * LOW, False, "ok"),
        ("ok", FULL_BYTES - 1, False, "full"),
        ("ok", EVERYTHING * KB, True, "full"),
        ("full", 2 * FULL_BYTES - 1, False, "full"),
        ("full", 2 * FULL_BYTES, False, "low"),
        ("full", 2 * LOW, False, "ok"),
    ],
)
def test_a_disk_leaves_a_state_only_with_room_to_spare(
    before: DiskState, free: int, now: DiskState, *, refused: bool
) -> None:
    assert judge(before, free, low_bytes=LOW, refused=refused).state == now


def test_sums_begin_by_the_fill_and_earlier_on_a_low_disk() -> None:
    assert list(windows(0.4, "ok")) == []
    assert list(windows(0.6, "ok")) == [10]
    assert list(windows(0.7, "ok")) == [10, 60]
    assert list(windows(0.9, "ok")) == [10, 60, 3600]
    assert list(windows(0.0, "low")) == [10, 60]
    assert list(windows(0.0, "full")) == [10, 60, 3600]


def test_the_ballast_is_room_that_is_really_taken(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "a.db", BALLAST_BYTES)
    assert ballast.make()
    assert ballast.make()
    file = tmp_path / "a.db.ballast"
    assert file.stat().st_blocks * 512 >= BALLAST_BYTES
    ballast.release()
    ballast.release()
    assert not file.exists()


def test_a_ballast_for_which_there_is_no_room_takes_none(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "a.db", 1 << 60)
    assert not ballast.make()
    assert not (tmp_path / "a.db.ballast").exists()


async def test_a_refused_write_lets_the_ballast_go_and_what_people_ask_for_waits(
    tmp_path: Path,
) -> None:
    ballast = tmp_path / "a.db.ballast"
    async with shop(tmp_path / "a.db") as one:
        await one.upkeep.tick()
        assert ballast.exists()
        await refuse_a_write(one)
        assert not ballast.exists()
        with pytest.raises(DiskFull):
            await one.record(ACCEPTED)
        await one.record(COLLECTED)
        states = []
        for one.relief.left in (0, EVERYTHING):
            await one.upkeep.tick()
            states.append(one.upkeep.disk.state)
        assert states == ["full", "ok"]
        assert ballast.exists()
        await one.record(ACCEPTED)
        told = await one.storage.log.tail(type_prefix="store.storage.disk_changed", limit=9)
        assert [content(fact)["state"] for fact in told] == ["ok", "full"]


async def test_a_write_refused_while_the_disk_is_looked_at_leaves_the_ballast_gone(
    tmp_path: Path,
) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        relief = Relief(tmp_path / "a.db", ballast_bytes=KB)
        relief.full(connection)
        emergencies = []
        for refused_meanwhile in (True, False):
            assert relief.was_refused()
            if refused_meanwhile:
                relief.full(connection)
            relief.restore()
            emergencies.append(relief.emergency)
        assert emergencies == [True, False]


async def test_a_low_disk_has_facts_summed_before_their_lane_is_full_and_is_told_once(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path / "a.db", free=100 * MB) as one:
        await one.record(*(read() for _ in range(300)))
        await one.upkeep.tick()
        await one.upkeep.tick()
        assert (await one.storage.log.state()).lanes["telemetry"].rolled_up > 200
        assert (await one.storage.log.state()).lanes["record"].recorded == 1
    async with shop(tmp_path / "a.db", free=100 * MB) as one:
        await one.upkeep.tick()
        assert (await one.storage.log.state()).lanes["record"].recorded == 1


def test_a_full_disk_is_told_in_both_languages() -> None:
    assert DiskFull().status == 507
    assert in_words(DiskFull(), "ko") != in_words(DiskFull(), "en")
