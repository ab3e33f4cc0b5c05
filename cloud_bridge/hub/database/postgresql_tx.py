"""A transaction on a PostgreSQL connection."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import asyncpg
from typing_extensions import override

from cloud_bridge.hub.database.errors import Collision, Taken, Unacceptable, Unavailable
from cloud_bridge.hub.database.port import Row, Tx

_LATER = frozenset({"08", "53", "57", "58"})
"""SQLSTATE classes: connection, resources (a full disk too), operator's intervention, system."""

_RACE = frozenset({"40001", "40P01", "55P03"})
"""Serialization failure, deadlock, lock not available."""

_NEVER = frozenset({"22", "23", "54"})
"""SQLSTATE classes: data, integrity, program limits (a value too large for its index)."""

_DOUBLE = "23505"


class PostgresTx(Tx):
    """The statements of the transaction that is open on `connection`."""

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - asyncpg ships no types
        self._connection = connection

    @override
    async def execute(self, sql: str, *params: object) -> int:
        with told_apart():
            status = await self._connection.execute(sql, *params)
        changed = status.rpartition(" ")[2]
        return int(changed) if changed.isdecimal() else 0

    @override
    async def rows(self, sql: str, *params: object) -> list[Row]:
        with told_apart():
            found: list[Row] = await self._connection.fetch(sql, *params)
            return found

    @override
    async def row(self, sql: str, *params: object) -> Row | None:
        with told_apart():
            found: Row | None = await self._connection.fetchrow(sql, *params)
            return found

    @override
    async def many(self, sql: str, params: Sequence[Sequence[object]]) -> None:
        with told_apart():
            await self._connection.executemany(sql, params)

    @override
    async def insert(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]
    ) -> None:
        with told_apart():
            await self._connection.copy_records_to_table(table, columns=columns, records=rows)


@contextmanager
def told_apart() -> Iterator[None]:
    """Asyncpg's errors as the hub's.

    Raises:
        HubError: one of `database.errors`; what is a mistake of ours stays as it is.
    """
    try:
        yield
    except asyncpg.PostgresError as err:
        raise _meaning(err.sqlstate or "", err) from err
    except asyncpg.DataError as err:  # what asyncpg itself cannot encode
        raise Unacceptable(str(err)) from err
    except (OSError, TimeoutError, asyncpg.InterfaceError) as err:
        msg = f"the database cannot be had: {err or type(err).__name__}"
        raise Unavailable(msg) from err


def _meaning(code: str, error: Exception) -> Exception:
    if code in _RACE:
        return Collision(str(error))
    if code == _DOUBLE:
        return Taken(str(error))
    if code[:2] in _NEVER:
        return Unacceptable(str(error))
    if code[:2] in _LATER:
        return Unavailable(str(error))
    return error
