"""The PostgreSQL engine: a pool of connections, for any number of processes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import asyncpg
from typing_extensions import override

from cloud_bridge.hub.database.errors import Collision, Taken, Unavailable
from cloud_bridge.hub.database.port import Database, Work
from cloud_bridge.hub.database.postgresql_tx import PostgresTx, told_apart
from cloud_bridge.hub.database.schema import migrate
from cloud_bridge.hub.errors import HubError

R = TypeVar("R")

CONNECTIONS = 10
"""Per process. A server takes 100 by default; ten messages are under way at once, and few requests
come at the same moment."""

RUNS = 5
"""Of a work that lost a race. Works hold their store's row, so even a second run is rare."""

STATEMENT_S = 30.0
"""Longest wait for one statement, lock included: beyond, the server or another worker hangs."""

CONNECT_S = 5.0
"""Longest wait for a connection: a server that restarts refuses at once."""

MIGRATING = 0x41_49_53_4C  # "AISL"
"""Advisory lock: workers that start together bring the schema up to date one after the other."""


class PostgresDatabase(Database):
    """Made by `open_postgresql`."""

    shared = True

    def __init__(self, pool: Any) -> None:  # noqa: ANN401 - asyncpg ships no types
        self._pool = pool

    @override
    async def run(self, work: Work[R]) -> R:
        for attempt in range(1, RUNS + 1):
            try:
                return await self._transaction(work)
            except (Collision, Taken) as err:
                if attempt == RUNS:
                    if isinstance(err, Taken):
                        raise
                    msg = f"lost {RUNS} races: {err}"
                    raise Unavailable(msg) from err
        raise AssertionError  # the last attempt returns or raises

    @override
    async def read(self, work: Work[R]) -> R:
        return await self._transaction(work, isolation="repeatable_read", readonly=True)

    @override
    async def scrub(self) -> bool:
        """Free the dead rows of keys; what the server's own log holds is the operator's matter."""
        with told_apart():
            await self._pool.execute("VACUUM person_key", timeout=STATEMENT_S)
        return True

    async def migrate(self) -> None:
        """Bring the schema up to date (used by `open_postgresql`)."""
        await self._transaction(_migrate)

    async def _transaction(self, work: Work[R], **how: Any) -> R:  # noqa: ANN401 - asyncpg's options
        with told_apart():
            async with (
                self._pool.acquire(timeout=CONNECT_S) as connection,
                connection.transaction(**how),
            ):
                return await work(PostgresTx(connection))


async def _migrate(tx: PostgresTx | Any) -> None:  # noqa: ANN401 - a Tx
    await tx.row("SELECT pg_advisory_xact_lock($1)", MIGRATING)
    await migrate(tx, "postgresql")


@asynccontextmanager
async def open_postgresql(url: str, password: str | None) -> AsyncIterator[PostgresDatabase]:
    """The database that `url` names.

    Raises:
        HubError: it cannot be reached, or its schema is not ours.
    """
    try:
        pool = await asyncpg.create_pool(
            url,
            password=password,
            min_size=1,
            max_size=CONNECTIONS,
            timeout=CONNECT_S,
            command_timeout=STATEMENT_S,
            server_settings={"application_name": "aisle-hub"},
        )
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as err:
        msg = f"cannot open the database {url}: {err}"
        raise HubError(msg) from err
    async with pool:
        database = PostgresDatabase(pool)
        await database.migrate()
        yield database


__all__: Sequence[str] = ["PostgresDatabase", "open_postgresql"]
