"""SQLite by itself: the fact log's table, rows made beforehand, COMMIT after each group."""

import sqlite3
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.workers.stdio import serve
from edge_agent.storage.migrations import SCHEMA
from edge_agent.storage.rows import INSERT_FACT

DATA = b'{"shopper":"s-7f3a","zone":"shoes","confidence":0.93}'


def record(request: dict[str, Any]) -> dict[str, float]:
    """Insert `facts` rows, `group` per COMMIT, WAL and synchronous FULL as ours."""
    facts, size = request["facts"], request["group"]
    rows = [row(position) for position in range(1, facts + 1)]
    path = Path(request["directory"]) / "raw.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript((SCHEMA / "0001_log.sql").read_text())
        started = perf_counter()
        for first in range(0, facts, size):
            connection.execute("BEGIN IMMEDIATE")
            for values in rows[first : first + size]:
                connection.execute(INSERT_FACT, values)
            connection.execute("COMMIT")
        seconds = perf_counter() - started
    return {"done": facts, "seconds": seconds}


def row(position: int) -> tuple[object, ...]:
    """A fact's row as ours would look."""
    key = f"019abcde-0000-7000-8000-{position:012x}"
    kind, subject = "store.presence.zone_entered.v1", "shoppers/s-7f3a"
    moment = 1_795_000_000_000_000 + position
    return (
        position,
        key,
        kind,
        "presence",
        0,
        position,
        subject,
        moment,
        "b" * 16,
        1.5,
        "synced",
        DATA,
    )


serve(lambda _: None, record)
