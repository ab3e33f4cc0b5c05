"""The database's shape: every ``schema/NNNN_*.sql`` in order, each applied once, by checksum."""

import hashlib
import itertools
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final, NamedTuple

from edge_agent.storage.errors import SchemaMismatch

SCHEMA: Final = files("edge_agent.storage") / "schema"


class Step(NamedTuple):
    """One schema file."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the file's text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def steps_in(folder: Traversable) -> list[Step]:
    """The schema files of `folder`, in the order of their numbers.

    Raises:
        SchemaMismatch: a name does not begin with its number, or two share one.
    """
    steps = sorted(
        _step(file.name, file.read_text(encoding="utf-8"))
        for file in folder.iterdir()
        if file.name.endswith(".sql")
    )
    for earlier, later in itertools.pairwise(steps):
        if earlier.number == later.number:
            msg = f"schema files {earlier.name} and {later.name} share a number; renumber one"
            raise SchemaMismatch(msg)
    return steps


def _step(name: str, sql: str) -> Step:
    number, _, rest = name.partition("_")
    if not (number.isdecimal() and rest):
        msg = f"schema file {name} is not named NNNN_what.sql"
        raise SchemaMismatch(msg)
    return Step(int(number), name, sql)


def migrate(connection: sqlite3.Connection, steps: Iterable[Step]) -> None:
    """Apply the steps that this database lacks, each in a transaction of its own.

    Raises:
        SchemaMismatch: a step that was applied has been altered or is not known any more, or a new
            one does not run; the database is left as it was before that step.
    """
    connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_step"
        " (number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT"
    )
    applied = {row[0]: (row[1], row[2]) for row in connection.execute("SELECT * FROM schema_step")}
    for step in steps:
        was = applied.pop(step.number, None)
        if was is None:
            _apply(connection, step)
        elif was != (step.name, step.checksum):
            msg = (
                f"schema file {step.name} was altered after this database had applied it as"
                f" {was[0]}; restore the file and put the change into a new one"
            )
            raise SchemaMismatch(msg)
    if applied:
        names = ", ".join(sorted(name for name, _ in applied.values()))
        msg = f"this database was made by a newer version: it has applied {names}"
        raise SchemaMismatch(msg)


def _apply(connection: sqlite3.Connection, step: Step) -> None:
    try:
        with transaction(connection):
            for statement in _statements(step.sql):
                connection.execute(statement)
            connection.execute(
                "INSERT INTO schema_step VALUES (?, ?, ?)", (step.number, step.name, step.checksum)
            )
    except sqlite3.Error as err:
        msg = f"schema file {step.name} does not run: {err}"
        raise SchemaMismatch(msg) from err


def _statements(sql: str) -> Iterator[str]:
    """The statements of a script (`executescript` would commit between them)."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what the block did, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
