"""Read connections: read-only, few, short."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, TypeVar

import aiosqlite

from edge_agent.storage.statements import Params, Reads
from edge_agent.storage.suspicion import telling_damage

R = TypeVar("R")

READERS: Final = 2
"""One for live pages, one so that the link's next batch need not wait behind them. A reader that
lingers holds the WAL back from its start, so more would only hide slow reads."""

BUSY_MS: Final = 5000
"""How long a connection waits for another's lock before it gives up."""


def read_only_uri(path: Path) -> str:
    """A `sqlite3` URI (``uri=True``) that can neither write nor checkpoint."""
    return f"{path.absolute().as_uri()}?mode=ro"


class Snapshots:
    """Runs synchronous looks at the database, one at a time on a thread of its own.

    A room's SQL functions take `Reads`; a page that joins rooms calls several of them, and they
    must see one moment. aiosqlite runs single statements, so this connection is sqlite3's own.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="storage-snapshots")
        self._connection = sqlite3.connect(
            read_only_uri(path), uri=True, isolation_level=None, check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")

    async def view(self, look: Callable[[Reads], R]) -> R:
        """What `look` returns, from one snapshot; keep it short. What it raises is raised here."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._look, look)

    def close(self) -> None:
        """Wait for the look under way and close."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._connection.close()

    def _look(self, look: Callable[[Reads], R]) -> R:
        with telling_damage(self._path):
            self._connection.execute("BEGIN")
            try:
                return look(self._connection)
            finally:
                self._connection.execute("ROLLBACK")


class Readers:
    """A pool of `READERS` connections, one borrower each."""

    def __init__(self, path: Path, connections: list[aiosqlite.Connection]) -> None:
        self._path = path
        self._free: asyncio.LifoQueue[aiosqlite.Connection] = asyncio.LifoQueue()
        for connection in connections:
            self._free.put_nowait(connection)

    @asynccontextmanager
    async def borrow(self) -> AsyncIterator[aiosqlite.Connection]:
        """One connection for the length of the block; waits while all are lent."""
        connection = await self._free.get()
        try:
            yield connection
        finally:
            self._free.put_nowait(connection)

    async def read(self, sql: str, params: Params = ()) -> list[sqlite3.Row]:
        """All rows of one SELECT, as one snapshot."""
        async with self.borrow() as connection:
            with telling_damage(self._path):
                return list(await connection.execute_fetchall(sql, params))


@asynccontextmanager
async def open_readers(path: Path) -> AsyncIterator[Readers]:
    """Open the pool; always closed, because a connection left open keeps the process alive."""
    async with AsyncExitStack() as stack:
        connections = []
        for _ in range(READERS):
            connection = await stack.enter_async_context(
                aiosqlite.connect(read_only_uri(path), uri=True, isolation_level=None)
            )
            connection.row_factory = sqlite3.Row
            await connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            connections.append(connection)
        yield Readers(path, connections)
