"""Putting a copy in the place of a stopped agent's database.

Through a crash at any point the database is the old one or the new one, whole. What was there is
kept beside it: it may hold facts that the hub has not. The agent finds the mark that says what its
database is, and people who have withdrawn since are forgotten again at its start.
"""

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from edge_agent.backup.errors import BackupError
from edge_agent.backup.making import checksum_file, sha256_of
from edge_agent.backup.verifying import Contents, check_sound, verify
from edge_agent.kernel.files import sync_folder
from edge_agent.storage.database import locked
from edge_agent.storage.errors import SchemaMismatch
from edge_agent.storage.migrations import SCHEMA, migrate, steps_in, transaction
from edge_agent.storage.recovery import ready_file
from edge_agent.storage.restored import mark_restored
from edge_agent.storage.suspicion import suspect_file
from edge_agent.storage.witness import witness_file

_LEFT: Final = """
    INSERT OR IGNORE INTO withdrawn_since (shopper, what)
    SELECT pseudonym, 'left' FROM person_key
    WHERE pseudonym NOT IN (SELECT pseudonym FROM replaced.person_key)
"""

_WITHDRAWN: Final = """
    INSERT OR IGNORE INTO withdrawn_since (shopper, what)
    SELECT shopper, purpose FROM consent AS held
    WHERE ended_at IS NULL AND shopper IN (SELECT pseudonym FROM replaced.person_key)
      AND NOT EXISTS (SELECT 1 FROM replaced.consent AS since WHERE since.shopper = held.shopper
                      AND since.purpose = held.purpose AND since.ended_at IS NULL)
"""

_PAUSED: Final = """
    INSERT OR IGNORE INTO withdrawn_since (shopper, what)
    SELECT held.id, 'pause' FROM shopper AS held JOIN replaced.shopper AS since USING (id)
    WHERE held.paused_at IS NULL AND since.paused_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put where.

    Attributes:
        contents: of the backup.
        replaced: where the database lies that was there; None when there was none.
        compared: whether who has withdrawn since could be seen in it.
    """

    contents: Contents
    replaced: Path | None
    compared: bool


def restore(backup: Path, database: Path, *, gateway: str, at: datetime) -> Restored:
    """Put `backup` in the place of `database`.

    Args:
        backup: as `make_backup` wrote it; a checksum beside it must fit.
        database: of an agent that does not run; it need not exist.
        gateway: whose log it must be.
        at: UTC; names the replaced database.

    Raises:
        BackupError: the backup is not whole, or another gateway's, or of a newer version.
        StorageInUse: the agent runs.
    """
    _check(backup)
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locked(database):
        coming = database.with_name(f".{database.name}.restoring")
        try:
            _prepare(backup, coming)
            contents = _whose(verify(coming), backup, gateway)
            compared = _compare(coming, database)
            replaced = _kept(database, at)
            for said in (witness_file(database), suspect_file(database), ready_file(database)):
                said.unlink(missing_ok=True)  # it was said of the file that gives way
            coming.replace(database)
        except (OSError, sqlite3.Error, SchemaMismatch) as err:
            msg = f"{backup} could not be put in the place of {database}: {err}"
            raise BackupError(msg) from err
        finally:
            coming.unlink(missing_ok=True)
        sync_folder(database.parent)
    return Restored(contents, replaced, compared)


def _check(backup: Path) -> None:
    """Whether the file is what was written; raises `BackupError`."""
    beside = checksum_file(backup)
    try:
        if beside.exists() and beside.read_text("ascii").split()[:1] != [sha256_of(backup)]:
            msg = f"{backup} is not what {beside.name} says: it was damaged or altered"
            raise BackupError(msg)
    except (OSError, UnicodeDecodeError) as err:
        msg = f"{backup} cannot be read: {err}"
        raise BackupError(msg) from err
    check_sound(backup)


def _whose(contents: Contents, backup: Path, gateway: str) -> Contents:
    if contents.gateway != gateway:
        msg = f"{backup} is the log of gateway {contents.gateway!r}, not of {gateway!r}"
        raise BackupError(msg)
    return contents


def _prepare(backup: Path, coming: Path) -> None:
    """Make `coming` of `backup`: of the present schema, and marked."""
    coming.unlink(missing_ok=True)
    coming.touch(mode=0o600)
    shutil.copyfile(backup, coming)
    with closing(_written(coming)) as connection:
        migrate(connection, steps_in(SCHEMA))
        with transaction(connection):
            mark_restored(connection, "backup")


def _compare(coming: Path, database: Path) -> bool:
    """Note in `coming` who has withdrawn since, as `database` knows; False when it cannot be read.

    A database that is broken can be read in part: what it says of withdrawals is believed whole or
    not at all.
    """
    if not database.exists():
        return False
    try:
        with closing(_written(database)) as connection:
            migrate(connection, steps_in(SCHEMA))
        with closing(_written(coming)) as connection:
            connection.execute("ATTACH ? AS replaced", (str(database),))
            with transaction(connection):
                for statement in (_LEFT, _WITHDRAWN, _PAUSED):
                    connection.execute(statement)
    except (sqlite3.DatabaseError, SchemaMismatch):
        return False
    return True


def _written(file: Path) -> sqlite3.Connection:
    """A connection without a WAL of its own, so that the file is whole once it is closed."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = DELETE").fetchall()
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def _kept(database: Path, at: datetime) -> Path | None:
    """Give what lies at `database` a second name, under which it stays."""
    if not database.exists():
        return None
    kept = database.with_name(f"{database.name}.replaced-{at:%Y%m%dT%H%M%SZ}")
    for suffix in ("-wal", "-shm"):
        beside = database.with_name(f"{database.name}{suffix}")
        if beside.exists():
            beside.rename(kept.with_name(f"{kept.name}{suffix}"))
    os.link(database, kept)
    return kept
