"""A transaction on a SQLite connection: every call is done when it returns, so none suspends."""

import re
import sqlite3
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TypeVar

from typing_extensions import override

from cloud_bridge.hub.database.errors import Broken, Taken, Unacceptable, Unavailable
from cloud_bridge.hub.database.port import Row, Tx

R = TypeVar("R")

STATEMENTS = 512
"""Translations kept: thrice the statements that the hub has."""

_PARAMETER = re.compile(r"\$(\d+)")
_ROW_LOCK = re.compile(r"\s+FOR (NO KEY UPDATE|UPDATE)( SKIP LOCKED)?\b")

_BROKEN = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
"""After a failed write or fsync nobody knows what is on the disk."""

_DOUBLE = frozenset({sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY})


class SqliteTx(Tx):
    """The statements of one transaction on `connection`, whoever began it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @override
    async def execute(self, sql: str, *params: object) -> int:
        with told_apart():
            return self._connection.execute(translated(sql), params).rowcount

    @override
    async def rows(self, sql: str, *params: object) -> list[Row]:
        with told_apart():
            return self._connection.execute(translated(sql), params).fetchall()

    @override
    async def row(self, sql: str, *params: object) -> Row | None:
        found = await self.rows(sql, *params)  # all of them: half a RETURNING has done half
        return found[0] if found else None

    @override
    async def many(self, sql: str, params: Sequence[Sequence[object]]) -> None:
        with told_apart():
            self._connection.executemany(translated(sql), params)

    @override
    async def insert(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]
    ) -> None:
        marks = ", ".join("?" * len(columns))
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - our own names
        with told_apart():
            self._connection.executemany(sql, rows)


@lru_cache(STATEMENTS)
def translated(sql: str) -> str:
    """`sql` in SQLite's words."""
    return _PARAMETER.sub(r"?\1", _ROW_LOCK.sub("", sql))


def complete(work: Awaitable[R]) -> R:
    """The result of a coroutine that awaits nothing but a `SqliteTx`."""
    steps = work.__await__()
    try:
        next(steps)
    except StopIteration as end:
        result: R = end.value
        return result
    msg = "a unit of work may await nothing but its transaction"
    raise RuntimeError(msg)


@contextmanager
def told_apart() -> Iterator[None]:
    """sqlite3's errors as the hub's.

    Raises:
        HubError: one of `database.errors`; what is a mistake of ours stays as it is.
    """
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.DataError) as err:
        kind = Taken if err.sqlite_errorcode in _DOUBLE else Unacceptable
        raise kind(str(err)) from err
    except (OverflowError, UnicodeEncodeError) as err:
        raise Unacceptable(str(err)) from err
    except (sqlite3.OperationalError, sqlite3.DatabaseError) as err:
        code = getattr(err, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in _BROKEN:
            raise Broken(str(err)) from err
        if code == sqlite3.SQLITE_ERROR:
            raise
        raise Unavailable(str(err)) from err
