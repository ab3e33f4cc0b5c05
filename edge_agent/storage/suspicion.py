"""Damage that is met while the agent runs: it ends, and the next start looks at every page."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from typing_extensions import override

from edge_agent.storage.errors import StorageFailed
from edge_agent.storage.tide import Tides

DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
"""Primary result codes: the file is not what SQLite wrote."""

NO_TEXT: Final = "Could not decode to UTF-8"
"""How Python's sqlite3 begins, with no code, where a text is none: nobody writes such a one."""


def is_damage(err: BaseException | None) -> bool:
    """Whether SQLite says by `err` that the file is damaged."""
    if isinstance(err, sqlite3.OperationalError) and str(err).startswith(NO_TEXT):
        return True
    return int(getattr(err, "sqlite_errorcode", 0)) & 0xFF in DAMAGED


def suspect_file(database: Path) -> Path:
    """There when damage was met."""
    return database.with_name(f"{database.name}.suspect")


def suspect(database: Path) -> None:
    """Have the next start look at every page; where that cannot be noted, at as many as it can."""
    with suppress(OSError):
        suspect_file(database).touch()


class WatchedTides(Tides):
    """Tides of a database; damage that ends them is kept in mind."""

    def __init__(self, database: Path) -> None:
        super().__init__()
        self._database = database

    @override
    def end(self, reason: Exception) -> None:
        if is_damage(reason.__cause__):
            suspect(self._database)
        super().end(reason)


@contextmanager
def telling_damage(database: Path) -> Iterator[None]:
    """Around reads.

    Raises:
        StorageFailed: what was read is damaged.
    """
    try:
        yield
    except sqlite3.DatabaseError as err:
        if not is_damage(err):
            raise
        suspect(database)
        msg = f"the database is damaged ({err}); at the next start what can be read is recovered"
        raise StorageFailed(msg) from err
