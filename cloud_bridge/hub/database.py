"""The hub's SQLite: one thread writes, another one reads; units of work are plain functions."""

import asyncio
import hashlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from cloud_bridge.hub.errors import HubError

R = TypeVar("R")
Work = Callable[[sqlite3.Connection], R]

BUSY_MS = 5000
"""How long a writer waits for a judge or a backup that holds the file."""


class Database:
    """Made by `open_database`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="hub-writer")
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="hub-reader")
        self._writer: sqlite3.Connection
        self._reader: sqlite3.Connection

    async def run(self, work: Work[R]) -> R:
        """One transaction; resolves after its COMMIT. A work that raises rolls back.

        Cancelled, the work is done all the same.
        """
        return await _call(self._writing, lambda: _in_transaction(self._writer, work))

    async def read(self, work: Work[R]) -> R:
        """A short look at what is committed."""
        return await _call(self._reading, lambda: work(self._reader))

    async def scrub(self) -> bool:
        """Empty the WAL, in which what was deleted may still stand; False while somebody reads it.

        Waits for nobody.
        """
        return await _call(self._writing, lambda: _empty_wal(self._writer))

    async def open(self) -> None:
        """Open the file, bring its schema up to date (used by `open_database`)."""
        file = self._path.absolute().as_uri()  # SQLite reads `?`, `#` and `%` in a bare path

        def open_writer() -> None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)  # people's keys and names; SQLite gives -wal the same mode
            self._writer = _connect(file, "PRAGMA journal_mode = WAL")
            self._writer.execute("PRAGMA synchronous = FULL")
            self._writer.execute("PRAGMA foreign_keys = ON")
            self._writer.execute("PRAGMA secure_delete = ON")  # a dropped key leaves no trace
            _in_transaction(self._writer, migrate)

        def open_reader() -> None:
            self._reader = _connect(f"{file}?mode=ro", "PRAGMA query_only = ON")

        await _call(self._writing, open_writer)
        await _call(self._reading, open_reader)

    async def close(self) -> None:
        """Finish what is queued and close."""
        await _call(self._reading, self._reader.close)
        await _call(self._writing, self._writer.close)
        self._reading.shutdown()
        self._writing.shutdown()


@asynccontextmanager
async def open_database(path: Path) -> AsyncIterator[Database]:
    """The database at `path`, made when it is not there.

    Raises:
        HubError: the file cannot be opened, or its schema is not ours.
    """
    database = Database(path)
    try:
        await database.open()
    except (sqlite3.Error, OSError) as err:
        msg = f"cannot open the database {path}: {err}"
        raise HubError(msg) from err
    try:
        yield database
    finally:
        await database.close()


async def _call(thread: ThreadPoolExecutor, function: Callable[[], R]) -> R:
    return await asyncio.get_running_loop().run_in_executor(thread, function)


def _connect(uri: str, first: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    connection.execute(first)
    return connection


def _empty_wal(connection: sqlite3.Connection) -> bool:
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    return not busy


def _in_transaction(connection: sqlite3.Connection, work: Work[R]) -> R:
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has rolled back already
            connection.execute("ROLLBACK")
        raise
    return result


def migrate(tx: sqlite3.Connection) -> None:
    """Apply each `schema/NNNN_*.sql` once, in order; an applied one must not have changed."""
    tx.execute("CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL)")
    applied = dict(tx.execute("SELECT name, sha256 FROM migration").fetchall())
    folder = files("cloud_bridge.hub") / "schema"
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if not entry.name.endswith(".sql"):
            continue
        text = entry.read_text(encoding="utf-8")
        digest = hashlib.sha256(text.encode()).hexdigest()
        if entry.name in applied:
            if applied[entry.name] != digest:
                msg = f"schema file {entry.name} is not the one that made this database"
                raise HubError(msg)
            continue
        for statement in _statements(text):
            tx.execute(statement)
        tx.execute("INSERT INTO migration VALUES (?, ?)", (entry.name, digest))


def _statements(text: str) -> list[str]:
    """The statements of a script: `executescript` would commit the open transaction."""
    statements, part = [], ""
    for piece in text.split(";"):
        part += piece + ";"
        if sqlite3.complete_statement(part):
            statements.append(part)
            part = ""
    return statements
