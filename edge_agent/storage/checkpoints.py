"""When the WAL is brought into the database file, and when it is emptied."""

import sqlite3
from collections.abc import Callable
from time import monotonic
from typing import Final

from edge_agent.storage.readers import BUSY_MS

CHECKPOINT_PAGES: Final = 1000
"""WAL pages between checkpoints, as SQLite's own default: some megabytes. Done here and not by
COMMIT because SQLite hides the errors of its automatic ones."""

PAGES_A_GROUP: Final = 4
ROWS_A_PAGE: Final = 5
"""What a COMMIT puts into the WAL, about: the leaves of fact, its index, log and lane; and a page
for each five changed rows (facts of 300 to 800 bytes, and their index)."""

SCRUB_AGAIN_S: Final = 1.0
"""Between tries to empty the WAL while somebody reads from it; a page's look takes milliseconds."""

SCRUB_WITHIN_S: Final = 2.0
"""How long the emptying lets units of work pass before it. It takes milliseconds, and what somebody
has withdrawn lies in the WAL meanwhile: a store that is never idle must not keep it there."""


class Checkpoints:
    """The checkpoints of one connection, on the writer's thread, between its transactions."""

    def __init__(
        self, connection: sqlite3.Connection, now: Callable[[], float] = monotonic
    ) -> None:
        """`now` tells seconds that never go back."""
        self._connection = connection
        self._now = now
        self._changes = 0
        self._pages = 0.0
        self._scrub_by: float | None = None

    @property
    def wait_s(self) -> float | None:
        """How long the thread may wait for units; None for ever."""
        return None if self._scrub_by is None else SCRUB_AGAIN_S

    def after_group(self, *, scrub: bool, idle: bool) -> bool:
        """Checkpoint if it is time.

        Args:
            scrub: the WAL holds what is to be gone from the disk.
            idle: nobody waits behind this.

        Returns:
            Whether the WAL was emptied.

        Raises:
            sqlite3.Error: the state of the disk is not known any more.
        """
        changes = self._connection.total_changes
        self._pages += PAGES_A_GROUP + (changes - self._changes) / ROWS_A_PAGE
        self._changes = changes
        if scrub and self._is_time(idle=idle):
            self._pages = 0.0
            emptied = empty_wal(self._connection)
            self._scrub_by = None if emptied else self._now() + SCRUB_AGAIN_S
            return emptied
        if self._pages >= CHECKPOINT_PAGES:
            self._pages = 0.0
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        return False

    def _is_time(self, *, idle: bool) -> bool:
        now = self._now()
        if self._scrub_by is None:
            self._scrub_by = now + SCRUB_WITHIN_S
        return idle or now >= self._scrub_by


def empty_wal(connection: sqlite3.Connection) -> bool:
    """Bring the whole WAL into the database file and empty it; False where somebody reads from it.

    Does not wait for them: units of work would wait behind.
    """
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    return not busy
