"""The database's shape: every ``schema/NNNN_*.sql`` in order, each applied once, by checksum.

Releases expand before they contract: a step says in its header whether the releases before it can
go on with the database (``-- older releases: can read and write``, or ``cannot, because …``), and
the database keeps what it said, for a release that does not have the file.
"""

import hashlib
import itertools
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final, NamedTuple

from edge_agent.storage.errors import SchemaMismatch

SCHEMA: Final = files("edge_agent.storage") / "schema"

CAN: Final = "can read and write"

_SAYS: Final = re.compile(rf"^-- older releases: ({CAN}|cannot, because \S.*)$", re.MULTILINE)

_UNSAID: Final = "cannot, because its step does not say that they can"

_KEEP_STEPS: Final = f"""
    CREATE TABLE IF NOT EXISTS schema_step (
        number         INTEGER PRIMARY KEY,
        name           TEXT NOT NULL,
        checksum       TEXT NOT NULL,
        older_releases TEXT NOT NULL DEFAULT '{_UNSAID}'
    ) STRICT
"""


class Step(NamedTuple):
    """One schema file."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the file's text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def older_releases(self) -> str:
        """Whether releases without this file can use a database that has applied it, or why not.

        They can after a new table, or a new column with a default in a table into which nothing is
        inserted without naming the columns.
        """
        found = _SAYS.search(self.sql)
        return found[1] if found else _UNSAID


OF_THE_DISK: Final = frozenset(
    {
        *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY),
        *(sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB),
    }
)
"""Primary result codes for which no step is to blame."""


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

    Steps of a newer release, whose files are not here, stay as they are.

    Raises:
        SchemaMismatch: a step that was applied has been altered; or a newer release has applied one
            with which this one cannot work; or a new one does not run, and the database is left
            as it was before that step.
    """
    _keep_steps(connection)
    applied = {
        row[0]: _Applied(*row[1:])
        for row in connection.execute(
            "SELECT number, name, checksum, older_releases FROM schema_step"
        )
    }
    for step in steps:
        was = applied.pop(step.number, None)
        if was is None:
            _apply(connection, step)
        elif (was.name, was.checksum) != (step.name, step.checksum):
            msg = (
                f"schema file {step.name} was altered after this database had applied it as"
                f" {was.name}; restore the file and put the change into a new one"
            )
            raise SchemaMismatch(msg)
    if reasons := [f"{one.name}: {one.says}" for one in applied.values() if one.says != CAN]:
        msg = (
            "this database was made by a newer version that this one cannot follow; install that"
            f" version again, or restore a backup of before ({'; '.join(sorted(reasons))})"
        )
        raise SchemaMismatch(msg)


class _Applied(NamedTuple):
    name: str
    checksum: str
    says: str


def _keep_steps(connection: sqlite3.Connection) -> None:
    """Have the table of steps; one of before releases promised anything gets its last column."""
    connection.execute(_KEEP_STEPS)
    columns = {row[1] for row in connection.execute("PRAGMA table_info(schema_step)")}
    if "older_releases" not in columns:
        connection.execute(
            f"ALTER TABLE schema_step ADD COLUMN older_releases TEXT NOT NULL DEFAULT '{_UNSAID}'"
        )


def _apply(connection: sqlite3.Connection, step: Step) -> None:
    try:
        with transaction(connection):
            for statement in _statements(step.sql):
                connection.execute(statement)
            connection.execute(
                "INSERT INTO schema_step (number, name, checksum, older_releases)"
                " VALUES (?, ?, ?, ?)",
                (step.number, step.name, step.checksum, step.older_releases),
            )
    except sqlite3.Error as err:
        if getattr(err, "sqlite_errorcode", 0) & 0xFF in OF_THE_DISK:
            raise
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
