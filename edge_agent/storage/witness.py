"""How far the database has come, in a file of its own: to know that its newest commits are gone.

A write-ahead log that was deleted, or damaged in its middle, takes commits with it without a trace:
SQLite goes on with what is before. So the position is written beside the database after each
COMMIT, eight bytes and no fsync: the kernel writes them out within half a minute, and a process
that is killed loses none. It never runs ahead of what the database has promised.
"""

import os
import sqlite3
from pathlib import Path
from typing import Final

from cloud_bridge.wire.facts.storage import DatabaseRecovered
from edge_agent.storage.migrations import transaction
from edge_agent.storage.reports import keep_report
from edge_agent.storage.restored import mark_restored

_BYTES: Final = 8


def witness_file(database: Path) -> Path:
    """Where the position of the database at that path stands."""
    return database.with_name(f"{database.name}.witness")


class Witness:
    """The file, held open; closed by whoever made it. On the writer's thread while that runs."""

    def __init__(self, database: Path) -> None:
        self._descriptor = os.open(witness_file(database), os.O_RDWR | os.O_CREAT, 0o600)

    def seen(self) -> int:
        """The greatest position that was ever noted; 0 for none."""
        noted = os.pread(self._descriptor, _BYTES, 0)
        return int.from_bytes(noted, "big") if len(noted) == _BYTES else 0

    def note(self, position: int) -> None:
        """Facts up to `position` are committed. On a disk without a block to spare it says less."""
        try:
            os.pwrite(self._descriptor, position.to_bytes(_BYTES, "big"), 0)
        except OSError:
            return

    def close(self) -> None:
        """Let go of the file; what is noted afterwards is not."""
        os.close(self._descriptor)
        self._descriptor = -1


def mind_what_is_missing(connection: sqlite3.Connection, witness: Witness) -> None:
    """Mark and report a database that is behind its witness; once."""
    seen = witness.seen()
    (position,) = connection.execute("SELECT position FROM log").fetchone()
    if position >= seen:
        return
    reported = connection.execute("SELECT 1 FROM recovery").fetchone()
    if reported is None:
        report = DatabaseRecovered(
            found="its newest commits are missing: the write-ahead log was lost or damaged,"
            " or an older copy was put in its place",
            set_aside="",
            rows={},
            lost={"fact": seen - position},
            facts_lost={},
        )
        with transaction(connection):
            keep_report(connection, report)
            mark_restored(connection, "recovered")
    witness.note(position)
