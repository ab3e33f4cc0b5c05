"""The SQLite engine: one thread writes, others read, for one process that owns the file."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from typing_extensions import override

from cloud_bridge.hub.database.errors import Broken, Unavailable
from cloud_bridge.hub.database.port import Database, Work
from cloud_bridge.hub.database.schema import migrate
from cloud_bridge.hub.database.sqlite_tx import SqliteTx, complete, told_apart
from cloud_bridge.hub.database.sqlite_writer import Writer
from cloud_bridge.hub.errors import HubError

R = TypeVar("R")

BUSY_MS = 5000
"""How long a writer waits for a judge or a backup that holds the file."""

READERS = 2
"""Threads: a snapshot of a large stream must not keep the pages waiting."""


class SqliteDatabase(Database):
    """Made by `open_sqlite`."""

    shared = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.absolute().as_uri()  # SQLite reads `?`, `#` and `%` in a bare path
        self._writer: Writer
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="hub-reader")
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []

    @override
    async def run(self, work: Work[R]) -> R:
        return await self._writer.run(work)

    @override
    async def read(self, work: Work[R]) -> R:
        return await self._reading(partial(self._look, work))

    @override
    async def scrub(self) -> bool:
        """Empty the WAL, in which what was deleted may still stand."""
        return await self._writer.alone(_empty_wal)

    async def open(self) -> None:
        """Open the file, bring its schema up to date (used by `open_sqlite`)."""
        self._writer = Writer(await asyncio.to_thread(self._connect_writer))
        await self._writer.run(lambda tx: migrate(tx, "sqlite"))

    async def close(self) -> None:
        """Finish what is queued and close."""
        await asyncio.to_thread(self._readers.shutdown)
        for each in self._opened:
            each.close()
        await self._writer.close()

    async def _reading(self, function: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._readers, function)

    def _look(self, work: Work[R]) -> R:
        connection = self._reader()
        with told_apart():
            connection.execute("BEGIN")
        try:
            return complete(work(SqliteTx(connection)))
        finally:
            if connection.in_transaction:  # a disk that fails has ended it already
                connection.execute("ROLLBACK")

    def _reader(self) -> sqlite3.Connection:
        """This thread's connection."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            with told_apart():
                found = _connect(f"{self._file}?mode=ro", "PRAGMA query_only = ON")
            self._local.connection = found
            self._opened.append(found)
        return found

    def _connect_writer(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.touch(mode=0o600)  # people's keys and names; SQLite gives -wal the same mode
        connection = _connect(self._file, "PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # a dropped key leaves no trace
        return connection


@asynccontextmanager
async def open_sqlite(path: Path) -> AsyncIterator[SqliteDatabase]:
    """The database in the file at `path`, made when it is not there.

    Raises:
        HubError: the file cannot be opened, or its schema is not ours.
    """
    database = SqliteDatabase(path)
    try:
        await database.open()
    except (sqlite3.Error, OSError, Unavailable, Broken) as err:
        msg = f"cannot open the database {path}: {err}"
        raise HubError(msg) from err
    try:
        yield database
    finally:
        await database.close()


def _connect(uri: str, first: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
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
