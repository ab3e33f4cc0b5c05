"""A file system of its own, that loses power when it is told to: ext4 on a loop device, as root."""

import fcntl
import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SIZE: Final = 64 * 1024 * 1024
"""Room for the script's database many times over, and for ext4's journal."""

SHUTDOWN: Final = 0x8004587D
"""EXT4_IOC_SHUTDOWN, `_IOR('X', 125, __u32)` (linux/fs/ext4/ext4.h)."""

NO_LOG_FLUSH: Final = 2
"""EXT4_GOING_FLAGS_NOLOGFLUSH: nothing more goes to the disk, the journal neither."""


class Unprivileged(Exception):
    """This user, or this kernel, mounts no loop devices."""


class LoopDevice:
    """The file system; mounted at `mount` from `powered` to the next power cut."""

    def __init__(self, scratch: Path) -> None:
        """Make it.

        Raises:
            Unprivileged: it cannot be mounted here.
        """
        self.mount = scratch / "mounted"
        self._image = scratch / "disk.img"
        self.mount.mkdir()
        with self._image.open("wb") as file:
            file.truncate(SIZE)
        make = shutil.which("mkfs.ext4", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        if make is None or os.geteuid() != 0:
            msg = "mkfs.ext4 and root are needed"
            raise Unprivileged(msg)
        subprocess.run([make, "-q", str(self._image)], check=True)

    @contextmanager
    def powered(self) -> Iterator[Path]:
        """Mounted for the length of the block; replays its journal first."""
        mounted = subprocess.run(
            ["mount", "-o", "loop", str(self._image), str(self.mount)],
            capture_output=True,
            text=True,
            check=False,
        )
        if mounted.returncode != 0:
            raise Unprivileged(mounted.stderr.strip())
        try:
            yield self.mount
        finally:
            subprocess.run(["umount", str(self.mount)], check=True)

    def cut_power(self) -> None:
        """What is not on the disk by now is lost; every write from now on fails."""
        directory = os.open(self.mount, os.O_RDONLY)
        try:
            fcntl.ioctl(directory, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(directory)
