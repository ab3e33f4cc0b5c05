"""A process whose wall clock the test sets, while it runs; its monotonic clock goes on."""

import mmap
import shutil
import struct
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("clock.c")

SECOND_NS = 1_000_000_000
HOUR_S = 3600
YEAR_S = 365.25 * 86400

COMPILER = shutil.which("gcc") or shutil.which("cc")


@dataclass
class WallClock:
    """Made by `wall_clock`.

    Attributes:
        environment: what a process must be started with to have this clock.
    """

    environment: Mapping[str, str]
    _lever: mmap.mmap

    def ahead(self, seconds: float) -> None:
        """It goes, so far ahead of the real time; behind where negative."""
        self._lever[:] = struct.pack("=qq", int(seconds * SECOND_NS), 0)

    def stand_at(self, since_1970_s: float) -> None:
        """It stands still there."""
        self._lever[:] = struct.pack("=qq", 0, int(since_1970_s * SECOND_NS))

    def at_1970(self) -> None:
        """It goes, from 1970 on: a board without a battery."""
        self.ahead(HOUR_S - real_s())


def real_s() -> float:
    """The machine's own wall time, seconds since 1970."""
    return time.clock_gettime(time.CLOCK_REALTIME)


def wall_clock(folder: Path) -> WallClock:
    """A clock that is right until it is moved; `folder` must be there."""
    assert COMPILER is not None
    library, file = folder / "clock.so", folder / "clock"
    subprocess.run(
        [COMPILER, "-O2", "-shared", "-fPIC", "-Wall", "-Werror", "-o", library, SOURCE], check=True
    )
    file.write_bytes(bytes(16))
    with file.open("r+b") as opened:
        lever = mmap.mmap(opened.fileno(), 16)
    environment = {"LD_PRELOAD": str(library), "FAULT_CLOCK": str(file)}
    return WallClock(environment, lever)
