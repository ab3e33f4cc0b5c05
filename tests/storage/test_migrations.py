import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge_agent.storage.errors import SchemaMismatch
from edge_agent.storage.migrations import SCHEMA, migrate, steps_in


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
