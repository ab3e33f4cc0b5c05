import os
import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from device_profiles.beacons.keys import BeaconKey
from edge_agent.backup.errors import BackupError
from edge_agent.backup.making import checksum_file, make_backup, sha256_of
from edge_agent.backup.restoring import Restored, restore
from edge_agent.storage import Storage, open_storage
from edge_agent.storage.errors import StorageFailed, StorageInUse
from edge_agent.storage.life import life_file
from edge_agent.storage.recovery import ready_file
from edge_agent.storage.restored import restored_reason
from tests.capabilities.shopper_world import Company, enrolment
from tests.capabilities.world import StillClock, names
from tests.storage.support import CALLED, SOLD, START

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "agent.sqlite"


@asynccontextmanager
async def running(database: Path, company: Company | None = None) -> AsyncIterator[Storage]:
    sealer = None if company is None else company.keys
    async with open_storage(database, gateway="gw-1", clock=StillClock(), sealer=sealer) as storage:
        yield storage


async def filled(database: Path, facts: int = 3) -> None:
    async with running(database) as storage:
        await storage.log.renumber(1)
        for _ in range(facts):
            await storage.run(lambda tx: tx.record(CALLED, START))
        await storage.log.acknowledge(1, {"pickup": 1})


def sums_are_right(file: Path) -> bool:
    check = ["sha256sum", "--check", file.name]
    return subprocess.run(check, cwd=file.parent, capture_output=True, check=False).returncode == 0


def hidden(folder: Path) -> list[str]:
    return [one.name for one in folder.glob(".*")]


def damage(file: Path) -> None:
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    file.write_bytes(raw)


def truncate(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def overwrite(file: Path) -> None:
    file.write_bytes(b"\0" * 4096)


def card(number: int) -> BeaconKey:
    return BeaconKey(identity=f"ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e:1:{number}")


def put_back(backup: Path, database: Path) -> Restored:
    return restore(backup, database, gateway="gw-1", at=NOON)


async def reason(database: Path) -> str | None:
    async with running(database) as storage:
        return await storage.view(restored_reason)


async def test_a_backup_is_made_while_the_agent_writes_and_sha256sum_can_check_it(
    database: Path, tmp_path: Path
) -> None:
    backup = tmp_path / "monday.db"
    async with running(database) as storage:
        await storage.run(lambda tx: tx.record(SOLD, START))
        made = make_backup(database, backup)
        await storage.run(lambda tx: tx.record(SOLD, START))
    assert (made.gateway, made.position, made.waiting) == ("gw-1", 1, 1)
    assert (backup.stat().st_mode & 0o777, checksum_file(backup).stat().st_mode & 0o777) == (
        0o600,
        0o600,
    )
    assert sums_are_right(checksum_file(backup))
    assert hidden(tmp_path) == []


async def test_no_file_is_overwritten_by_a_backup(database: Path, tmp_path: Path) -> None:
    await filled(database)
    (tmp_path / "mine.txt").write_text("poem")
    with pytest.raises(BackupError, match="is there already"):
        make_backup(database, tmp_path / "mine.txt")
    assert (tmp_path / "mine.txt").read_text() == "poem"


async def test_a_restored_database_belongs_to_no_epoch_and_says_what_it_is(
    database: Path, tmp_path: Path
) -> None:
    await filled(database)
    make_backup(database, tmp_path / "b.db")
    await filled(database, facts=5)
    done = put_back(tmp_path / "b.db", database)
    assert done.replaced == tmp_path / "agent.sqlite.replaced-20261123T120000Z"
    async with running(done.replaced) as storage:
        assert (await storage.log.state()).position == 8
    async with running(database) as storage:
        state = await storage.log.state()
        lane = state.lanes["pickup"]
        assert (state.epoch, lane.cursor, lane.next_sequence) == (0, 0, 3)
        assert [one.sequence for one in await storage.log.waiting("pickup", 0, 10, 10_000)] == [
            1,
            2,
        ]
        assert await storage.view(restored_reason) == "backup"


async def test_a_copy_put_in_place_by_hand_is_recognised(database: Path, tmp_path: Path) -> None:
    await filled(database)
    shutil.copy(database, tmp_path / "yesterday")
    assert await reason(database) is None
    shutil.copy(tmp_path / "yesterday", database)
    assert await reason(database) == "copied"


async def test_a_copy_of_this_very_start_is_recognised_by_its_position(
    database: Path, tmp_path: Path
) -> None:
    async with running(database) as storage:
        await storage.run(lambda tx: tx.record(SOLD, START))
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("VACUUM INTO ?", (str(tmp_path / "copy"),))
        await storage.run(lambda tx: tx.record(SOLD, START))
    shutil.copy(tmp_path / "copy", database)
    assert await reason(database) == "copied"


async def test_a_database_that_is_carried_to_another_gateway_is_recognised(
    database: Path, tmp_path: Path
) -> None:
    await filled(database)
    moved = tmp_path / "elsewhere" / "agent.sqlite"
    moved.parent.mkdir()
    shutil.copy(database, moved)
    assert await reason(moved) == "copied"


async def test_starting_again_is_no_copy_but_a_life_that_nobody_can_read_is(database: Path) -> None:
    for _ in range(2):
        await filled(database, facts=1)
    assert await reason(database) is None
    overwrite(life_file(database))
    assert await reason(database) == "copied"


async def test_a_life_that_may_not_be_read_stops_the_start_and_makes_no_copy(
    database: Path,
) -> None:
    await filled(database)
    life, kept = life_file(database), life_file(database).read_bytes()
    life.unlink()
    life.mkdir()
    with pytest.raises(StorageFailed, match=r"\.life"):
        await reason(database)
    life.rmdir()
    life.write_bytes(kept)
    assert await reason(database) is None


async def test_a_backup_that_was_damaged_is_refused_and_nothing_is_changed(
    database: Path, tmp_path: Path
) -> None:
    await filled(database)
    backup = tmp_path / "b.db"
    make_backup(database, backup)
    before = sha256_of(database)
    damage(backup)
    with pytest.raises(BackupError, match="damaged or altered"):
        put_back(backup, database)
    checksum_file(backup).unlink()
    truncate(backup)
    with pytest.raises(BackupError, match="not the whole database"):
        put_back(backup, database)
    assert sha256_of(database) == before


async def test_a_counter_that_does_not_fit_its_rows_is_found(
    database: Path, tmp_path: Path
) -> None:
    await filled(database)
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("DELETE FROM fact WHERE sequence = 3")
    with pytest.raises(BackupError, match="lane pickup counts 2 facts that wait and has 1"):
        make_backup(database, tmp_path / "b.db")
    assert not (tmp_path / "b.db").exists()


async def test_another_gateways_backup_is_refused(database: Path, tmp_path: Path) -> None:
    await filled(database)
    make_backup(database, tmp_path / "b.db")
    with pytest.raises(BackupError, match="the log of gateway 'gw-1', not of 'gw-2'"):
        restore(tmp_path / "b.db", database, gateway="gw-2", at=NOON)


async def test_nothing_is_put_under_a_running_agent(database: Path, tmp_path: Path) -> None:
    await filled(database)
    make_backup(database, tmp_path / "b.db")
    async with running(database):
        with pytest.raises(StorageInUse):
            put_back(tmp_path / "b.db", database)


async def test_who_has_withdrawn_since_the_backup_withdraws_again(
    database: Path, tmp_path: Path
) -> None:
    async with running(database, company := Company()) as storage:
        room = company.room(storage, StillClock())
        left, changed, stays = [
            (await room.enrol(enrolment(card(number)))).shopper for number in (1, 2, 3)
        ]
    make_backup(database, tmp_path / "b.db")
    async with running(database, company) as storage:
        room = company.room(storage, StillClock())
        await room.leave(left)
        await room.withdraw(changed, "location")
        await room.pause(changed)
    assert put_back(tmp_path / "b.db", database).compared
    async with running(database, company := Company()) as storage:
        room = company.room(storage, StillClock())
        await room.load()
        keys = await storage.read("SELECT pseudonym FROM person_key")
        assert {row["pseudonym"] for row in keys} == {changed, stays}
        agreed = await storage.read(
            "SELECT shopper, purpose FROM consent WHERE ended_at IS NULL AND purpose = 'location'"
        )
        assert [row["shopper"] for row in agreed] == [stays]
        paused = await storage.read("SELECT id FROM shopper WHERE paused_at IS NOT NULL")
        assert [row["id"] for row in paused] == [changed]
        assert sorted((await names(storage))[-3:]) == [
            "shoppers.consent_withdrawn",
            "shoppers.left",
            "shoppers.paused",
        ]
        assert await storage.read("SELECT * FROM withdrawn_since") == []


async def test_a_database_too_broken_to_be_compared_with_is_kept_and_replaced(
    database: Path, tmp_path: Path
) -> None:
    await filled(database)
    make_backup(database, tmp_path / "b.db")
    overwrite(database)
    broken = sha256_of(database)
    done = put_back(tmp_path / "b.db", database)
    assert done.replaced is not None
    assert (done.compared, sha256_of(done.replaced)) == (False, broken)
    assert await reason(database) == "backup"


async def test_what_a_restore_takes_back_is_no_damage(database: Path, tmp_path: Path) -> None:
    await filled(database)
    make_backup(database, tmp_path / "b.db")
    await filled(database)
    put_back(tmp_path / "b.db", database)
    assert await reason(database) == "backup"
    async with running(database) as storage:
        report = "SELECT * FROM recovery"
        assert await storage.view(lambda reads: reads.execute(report).fetchone()) is None


async def test_what_a_recovery_left_unfinished_does_not_take_a_restored_ones_place(
    database: Path, tmp_path: Path
) -> None:
    await filled(database)
    make_backup(database, tmp_path / "b.db")
    ready_file(database).write_bytes(b"of the file that gives way")
    put_back(tmp_path / "b.db", database)
    assert await reason(database) == "backup"


def test_a_backup_is_never_written_through_what_another_user_has_put_in_its_way(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = tmp_path / ".b.db.part"
    part.symlink_to(tmp_path / "theirs")
    monkeypatch.setattr(Path, "unlink", lambda _self, **_: None)  # they are quicker
    with pytest.raises(BackupError):
        make_backup(database, tmp_path / "b.db")
    assert not (tmp_path / "theirs").exists()


async def test_a_backup_that_could_not_be_finished_is_not_there(
    database: Path, tmp_path: Path
) -> None:
    await filled(database)
    checksum_file(tmp_path / "b.db").mkdir()
    with pytest.raises(BackupError):
        make_backup(database, tmp_path / "b.db")
    assert not (tmp_path / "b.db").exists()
