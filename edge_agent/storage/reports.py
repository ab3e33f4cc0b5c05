"""What was lost with a damaged database: kept in the new one until the fact that says so stands."""

import sqlite3

import msgspec

from cloud_bridge.wire.facts.storage import DatabaseRecovered
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import Fact
from edge_agent.storage.unit import Tx


def keep_report(connection: sqlite3.Connection, report: DatabaseRecovered) -> None:
    """Keep `report`; in the caller's transaction."""
    connection.execute(
        "INSERT OR REPLACE INTO recovery VALUES (1, ?)", (msgspec.json.encode(report),)
    )


def tell_report(tx: Tx, now: Instant) -> None:
    """Record the fact that says what was lost, if something was; once."""
    row = tx.execute("DELETE FROM recovery RETURNING report").fetchone()
    if row is not None:
        data = msgspec.json.decode(row["report"], type=DatabaseRecovered)
        tx.record(Fact("database", data), now)
