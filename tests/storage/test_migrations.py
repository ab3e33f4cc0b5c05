import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import edge_agent
from edge_agent.storage.errors import SchemaMismatch
from edge_agent.storage.migrations import CAN, SCHEMA, Step, migrate, steps_in

FIRST_THAT_SAYS = 110
"""Steps below were made before releases promised anything."""


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as connection:
        yield connection


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    folder = tmp_path / "schema"
    folder.mkdir()
    (folder / "0001_shelf.sql").write_text("CREATE TABLE shelf (name TEXT); -- ours;\n")
    (folder / "0010_bay.sql").write_text("CREATE TABLE bay (\n  name TEXT -- a; b\n);\n")
    return folder


def tables(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {row[0] for row in rows} - {"schema_step"}


def test_steps_are_applied_once_and_later_ones_join(
    connection: sqlite3.Connection, schema: Path
) -> None:
    migrate(connection, steps_in(schema))
    migrate(connection, steps_in(schema))
    (schema / "0005_zone.sql").write_text("CREATE TABLE zone (name TEXT);")
    migrate(connection, steps_in(schema))
    assert tables(connection) == {"shelf", "bay", "zone"}


def test_an_altered_step_is_named(connection: sqlite3.Connection, schema: Path) -> None:
    migrate(connection, steps_in(schema))
    (schema / "0010_bay.sql").write_text("CREATE TABLE bay (name TEXT, side TEXT);")
    with pytest.raises(SchemaMismatch, match=r"0010_bay\.sql was altered"):
        migrate(connection, steps_in(schema))


def test_a_database_of_a_newer_version_is_refused(
    connection: sqlite3.Connection, schema: Path
) -> None:
    migrate(connection, steps_in(schema))
    (schema / "0010_bay.sql").unlink()
    with pytest.raises(SchemaMismatch, match=r"newer version.*0010_bay\.sql"):
        migrate(connection, steps_in(schema))


def test_a_release_without_a_step_says_why_it_cannot_go_on(
    connection: sqlite3.Connection, schema: Path
) -> None:
    step = schema / "0020_lift.sql"
    step.write_text("-- Lifts.\n-- older releases: cannot, because bays moved.\nDROP TABLE bay;\n")
    migrate(connection, steps_in(schema))
    step.unlink()
    with pytest.raises(SchemaMismatch, match=r"0020_lift\.sql: cannot, because bays moved"):
        migrate(connection, steps_in(schema))


def test_a_database_of_before_releases_promised_anything_is_taken_on(
    connection: sqlite3.Connection, schema: Path
) -> None:
    connection.execute(
        "CREATE TABLE schema_step"
        " (number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT"
    )
    shelf = steps_in(schema)[0]
    connection.execute(shelf.sql)
    connection.execute(
        "INSERT INTO schema_step VALUES (?, ?, ?)", (shelf.number, shelf.name, shelf.checksum)
    )
    migrate(connection, steps_in(schema))
    migrate(connection, steps_in(schema))
    assert tables(connection) == {"shelf", "bay"}


def test_a_step_that_does_not_run_leaves_nothing(
    connection: sqlite3.Connection, schema: Path
) -> None:
    (schema / "0020_bad.sql").write_text("CREATE TABLE half (name TEXT);\nCREATE TABEL x;\n")
    with pytest.raises(SchemaMismatch, match=r"0020_bad\.sql does not run.*TABEL"):
        migrate(connection, steps_in(schema))
    assert tables(connection) == {"shelf", "bay"}


@pytest.mark.parametrize("name", ["0010_again.sql", "zone.sql"])
def test_a_number_missing_or_used_twice_is_refused(schema: Path, name: str) -> None:
    (schema / name).write_text("SELECT 1;")
    with pytest.raises(SchemaMismatch, match=name):
        steps_in(schema)


def test_the_shipped_steps_run_on_an_empty_database(connection: sqlite3.Connection) -> None:
    migrate(connection, steps_in(SCHEMA))
    assert {"log", "lane", "fact", "parked", "flow", "answer"} <= tables(connection)


@pytest.mark.parametrize(
    "step",
    [step for step in steps_in(SCHEMA) if step.number >= FIRST_THAT_SAYS],
    ids=lambda step: step.name,
)
def test_each_step_says_whether_older_releases_can_go_on(step: Step) -> None:
    assert "does not say" not in step.older_releases


def test_nothing_is_inserted_by_position_into_a_table_that_has_grown() -> None:
    """A release that does so cannot write to the table once a newer one has given it a column."""
    promised = [step.sql for step in steps_in(SCHEMA) if step.older_releases == CAN]
    grown = set(re.findall(r"ALTER TABLE (\w+)\s+ADD COLUMN", "\n".join(promised)))
    code = [file.read_text("utf-8") for file in Path(edge_agent.__file__).parent.rglob("*.py")]
    by_position = set(re.findall(r"INTO (\w+) VALUES", "\n".join(code)))
    assert not grown & by_position
