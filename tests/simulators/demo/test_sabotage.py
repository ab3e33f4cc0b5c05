"""What the saboteur does to the hub's database."""

import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest

from simulators.demo.directory import RunDirectory
from simulators.demo.sabotage import double_fact, drop_fact


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """A hub's database, by the hub's own schema, with three facts."""
    run = RunDirectory(tmp_path)
    run.hub_database.parent.mkdir()
    schema = files("cloud_bridge.hub") / "schema" / "sqlite" / "0001_hub.sql"
    with closing(sqlite3.connect(run.hub_database)) as books, books:
        books.executescript(schema.read_text(encoding="utf-8"))
        books.execute("INSERT INTO store (store) VALUES ('s')")
        books.executemany(
            "INSERT INTO fact VALUES ('s', 1, 'pickup', ?, ?, 't', 'x', '', '', '{}')",
            [(number, f"id-{number}") for number in (1, 2, 3)],
        )
    return run


def sequences(run: RunDirectory) -> list[int]:
    with closing(sqlite3.connect(run.hub_database)) as books:
        return [row[0] for row in books.execute("SELECT sequence FROM fact ORDER BY sequence")]


def test_a_dropped_fact_is_gone(run: RunDirectory) -> None:
    drop_fact(run)
    assert sequences(run) == [1, 2]


def test_a_doubled_fact_stands_there_twice_out_of_the_hubs_way(run: RunDirectory) -> None:
    double_fact(run)
    assert sequences(run) == [1, 2, 3, 1_000_003]
