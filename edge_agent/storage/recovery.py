"""A damaged database is set aside, and a new one is made of what can be read of it.

Nothing is deleted: the damaged file keeps its name and gets the time as a suffix. The new database
is made under another name and put in place when it is whole and synced, so that a crash at any
moment leaves one of the two to begin with. It is marked (`restored`), so that the hub grants a new
epoch, and holds a report for the fact that says what was lost.
"""

import sqlite3
from contextlib import closing
from datetime import datetime
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

import structlog

from cloud_bridge.wire.envelope import EMPTY_HASH
from cloud_bridge.wire.facts.storage import DatabaseRecovered
from edge_agent.kernel.errors import AisleError
from edge_agent.kernel.files import sync_folder
from edge_agent.storage.damage import damage_in
from edge_agent.storage.head import ENVELOPE_BYTES
from edge_agent.storage.migrations import migrate, steps_in, transaction
from edge_agent.storage.readers import BUSY_MS, read_only_uri
from edge_agent.storage.reports import keep_report
from edge_agent.storage.restored import mark_restored
from edge_agent.storage.salvage import Salvaged, salvage
from edge_agent.storage.suspicion import suspect_file

NOT_CARRIED_OVER: Final = frozenset({"schema_step", "life", "recovery", "restored"})
"""What the new database says of itself."""

PARTS: Final = ("-wal", "-shm", "")
"""A database's files, in the order in which they are set aside: a write-ahead log must not be left
beside a file that it does not belong to."""

NO_FACTS: Final = """
    DELETE FROM fact WHERE clock_quality NOT IN ('synced', 'saved', 'unset')
        OR lane NOT IN (SELECT lane FROM lane) OR instr(id, char(0)) OR instr(type, char(0))
"""
"""Rows that a page of zeros has made of facts: nobody could read them."""

log = structlog.get_logger("storage")


class NoRoomToRecover(AisleError):
    """The disk cannot hold the copy."""


def recovered_if_damaged(
    database: Path, *, gateway: str, schema: Traversable, now: datetime
) -> None:
    """Look at the file at `database`, and put a recovered one in its place if it is damaged.

    Raises:
        NoRoomToRecover: the disk has no room for a copy; the damaged file is where it was.
    """
    ready = ready_file(database)
    if not ready.exists():
        found = damage_in(database)
        if not found:
            return
        log.error("storage.damaged", found=found)
        try:
            _make(database, ready, _aside(database, now), found, gateway=gateway, schema=schema)
        except (OSError, sqlite3.OperationalError) as err:
            msg = f"{database.name} is damaged ({found}) and cannot be recovered: {err}; free space"
            raise NoRoomToRecover(msg) from err
    _swap(database, ready, _aside(database, now))


def ready_file(database: Path) -> Path:
    """Where a recovered database lies until it takes the damaged one's place."""
    return database.with_name(f"{database.name}.recovered")


def _aside(database: Path, now: datetime) -> Path:
    return database.with_name(f"{database.name}.damaged-{now:%Y%m%dT%H%M%S}")


def _swap(database: Path, ready: Path, aside: Path) -> None:
    for part in PARTS:
        old = database.with_name(database.name + part)
        if old.exists():
            old.rename(aside.with_name(aside.name + part))
    sync_folder(database.parent)
    ready.rename(database)
    suspect_file(database).unlink(missing_ok=True)
    sync_folder(database.parent)
    log.warning("storage.recovered", set_aside=aside.name)


def _make(
    database: Path, ready: Path, aside: Path, found: str, *, gateway: str, schema: Traversable
) -> None:
    making = database.with_name(f"{database.name}.recovering")
    making.unlink(missing_ok=True)
    making.touch(mode=0o600)
    with (
        closing(sqlite3.connect(making, isolation_level=None)) as target,
        closing(sqlite3.connect(read_only_uri(database), uri=True)) as source,
    ):
        source.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        target.execute("PRAGMA synchronous = FULL")
        migrate(target, steps_in(schema))
        with transaction(target):
            done = salvage(source, target, ends=_ends(source), without=NOT_CARRIED_OVER)
            report = DatabaseRecovered(
                found=found,
                set_aside=aside.name,
                rows=done.rows,
                lost=done.lost,
                facts_lost=_mend_log(target, gateway, done),
            )
            keep_report(target, report)
            mark_restored(target, "recovered")
    making.rename(ready)
    sync_folder(database.parent)


def _ends(source: sqlite3.Connection) -> dict[str, int]:
    try:
        return {"fact": source.execute("SELECT position FROM log").fetchone()[0]}
    except (sqlite3.DatabaseError, UnicodeDecodeError, TypeError):
        return {}


def _mend_log(target: sqlite3.Connection, gateway: str, done: Salvaged) -> dict[str, int]:
    """Make counters and sequences agree with the facts that are left; by lane, how many are not.

    Where the log's own row is lost nothing is dispatched again: whatever those facts called for may
    have been done, and what is done twice is worse than what a person does by hand.
    """
    target.execute(NO_FACTS)
    newest, epoch = target.execute(
        "SELECT ifnull(max(position), 0), ifnull(max(epoch), 0) FROM fact"
    ).fetchone()
    target.execute(
        "INSERT OR IGNORE INTO log VALUES (1, ?, ?, ?, ?)", (gateway, epoch, newest, newest)
    )
    target.execute("UPDATE log SET position = max(position, ?)", (newest,))
    target.execute("DELETE FROM parked WHERE position NOT IN (SELECT position FROM fact)")
    lanes = target.execute("SELECT lane FROM lane").fetchall()
    known = "lane" not in done.lost
    lost = {lane: _number_again(target, lane, known=known) for (lane,) in lanes}
    return {lane: number for lane, number in lost.items() if number}


def _number_again(target: sqlite3.Connection, lane: str, *, known: bool) -> int:
    """Close the holes in a lane's sequence above its cursor; how many facts they were."""
    epoch, cursor, following = target.execute(
        "SELECT epoch, cursor, next_sequence FROM log, lane WHERE lane = ?", (lane,)
    ).fetchone()
    rows = target.execute(
        "SELECT position, sequence, covers FROM fact"
        " WHERE lane = ? AND epoch = ? AND sequence > ? ORDER BY sequence",
        (lane, epoch, cursor),
    ).fetchall()
    expected = following - 1 - cursor
    sequence = cursor
    for position, was, covers in rows:
        number = was - (covers or was) + 1
        target.execute(
            "UPDATE fact SET sequence = ?, covers = ? WHERE position = ?",
            (sequence + number, None if covers is None else sequence + 1, position),
        )
        sequence += number
    target.execute(
        "UPDATE lane SET next_sequence = ?1, hash = ?2, handed = min(handed, ?1 - 1),"
        " recorded = max(recorded, acknowledged + ?1 - 1 - cursor), waiting_bytes ="
        "  (SELECT ifnull(sum(?3 + length(subject) + length(data)), 0) FROM fact"
        "   WHERE fact.lane = lane.lane AND epoch = ?4 AND sequence > cursor) WHERE lane = ?5",
        (sequence + 1, EMPTY_HASH, ENVELOPE_BYTES, epoch, lane),
    )
    return max(0, expected - (sequence - cursor)) if known else 0
