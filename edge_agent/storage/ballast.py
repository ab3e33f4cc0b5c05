"""A file that holds nothing but room: deleted on a full disk, so that deleting can be written."""

import os
from contextlib import suppress
from pathlib import Path


class Ballast:
    """The ballast of one database. Any thread; repeating changes nothing."""

    def __init__(self, database: Path, size: int) -> None:
        self._path = database.with_name(f"{database.name}.ballast")
        self._size = size

    def make(self) -> bool:
        """Allocate it; False where the disk has no room for it, and then it takes none."""
        if self._path.exists() and self._path.stat().st_size >= self._size:
            return True
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self._size)
            finally:
                os.close(descriptor)
        except OSError:
            self.release()
            return False
        return True

    def release(self) -> None:
        """Give the room back."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
