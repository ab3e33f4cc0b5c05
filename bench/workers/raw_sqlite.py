"""SQLite by itself: the agent's whole schema, rows made beforehand, COMMIT after each group."""

import sqlite3
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec

from bench.workers.stdio import serve
from bench.workers.stock_take import SAVE, count, line
from edge_agent.storage.migrations import SCHEMA, migrate, steps_in
from edge_agent.storage.rows import INSERT_FACT


def record(request: dict[str, Any]) -> dict[str, Any]:
    """Insert `facts` facts with a state row each, `group` per COMMIT, WAL and synchronous FULL."""
    facts, size = request["facts"], request["group"]
    rows = [(row(number), line(number)) for number in range(1, facts + 1)]
    path = Path(request["directory"]) / "raw.sqlite"
    taken: list[float] = []
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        migrate(connection, steps_in(SCHEMA))
        started = perf_counter()
        for first in range(0, facts, size):
            began = perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            for fact, state in rows[first : first + size]:
                connection.execute(SAVE, state)
                connection.execute(INSERT_FACT, fact)
            connection.execute("COMMIT")
            taken.append(perf_counter() - began)
        seconds = perf_counter() - started
    return {"done": facts, "seconds": seconds, "p50": sorted(taken)[len(taken) // 2]}


def row(position: int) -> tuple[object, ...]:
    """A fact's row as ours would look."""
    fact = count(position)
    return (
        position,
        f"019abcde-0000-7000-8000-{position:012x}",
        fact.data.TYPE,
        str(fact.data.LANE),  # a StrEnum would be adapted, which costs
        0,
        position,
        fact.subject,
        1_795_000_000_000_000 + position,
        "b" * 16,
        1.5,
        "synced",
        msgspec.json.encode(fact.data),
    )


serve(lambda _: None, record)
