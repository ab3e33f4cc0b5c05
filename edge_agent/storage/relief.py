"""What is done at once when the disk refuses a write, and how it is known afterwards."""

import os
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

from edge_agent.storage.ballast import Ballast
from edge_agent.storage.watermarks import BALLAST_BYTES, FULL_BYTES


def free_bytes(folder: Path) -> int:
    """What this user may still write on the disk that holds `folder`."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


class Relief:
    """The ballast of one database, let go of by the writer's thread, made again by the upkeep.

    Attributes:
        emergency: the ballast is gone and nothing has taken its place yet: neither a new one nor
            pages of the database that are free to be written again.
    """

    def __init__(self, database: Path, *, ballast_bytes: int = BALLAST_BYTES) -> None:
        self._refused = False
        self.emergency = False
        self._folder = database.absolute().parent
        self._ballast = Ballast(database, ballast_bytes)
        self._changing = threading.Lock()

    def free(self) -> int:
        """See `free_bytes`."""
        return free_bytes(self._folder)

    def before_opening(self) -> None:
        """Let go of the ballast where opening the database would fail for want of some pages."""
        if self.free() < FULL_BYTES:
            self._ballast.release()

    def full(self, connection: sqlite3.Connection) -> None:
        """A write was refused and is undone: make room, and empty the WAL into it.

        What was refused is lost to its caller; the next that comes finds the room.
        """
        with self._changing:
            self._refused = self.emergency = True
            self._ballast.release()
        with suppress(sqlite3.Error):  # the next checkpoint, or the next group, meets it again
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def was_refused(self) -> bool:
        """Whether the disk has refused a write since this was asked."""
        with self._changing:
            was, self._refused = self._refused, False
        return was

    def restore(self) -> None:
        """Make the ballast again, where there is room for it and no write was refused meanwhile."""
        with self._changing:
            if not self._refused and self._ballast.make():
                self.emergency = False
