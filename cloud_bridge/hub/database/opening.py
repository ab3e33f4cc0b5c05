"""Opening the database that the settings name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cloud_bridge.hub.database.port import Database
from cloud_bridge.hub.database.sqlite import open_sqlite


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A database on a PostgreSQL server.

    Attributes:
        url: ``postgresql://user@host:port/name``, as libpq reads it.
        password: kept out of the URL, so that the URL may be shown.
    """

    url: str
    password: str | None = field(default=None, repr=False)


@asynccontextmanager
async def open_database(where: Path | PostgresServer) -> AsyncIterator[Database]:
    """The database, with its schema up to date; a SQLite file is made when it is not there.

    Raises:
        HubError: it cannot be opened, or its schema is not ours.
    """
    if isinstance(where, Path):
        async with open_sqlite(where) as file:
            yield file
        return
    from cloud_bridge.hub.database.postgresql import (  # noqa: PLC0415 - SQLite's hubs start without asyncpg
        open_postgresql,
    )

    async with open_postgresql(where.url, where.password) as server:
        yield server
