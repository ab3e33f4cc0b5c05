"""Runs the script with the library preloaded, and cuts the power at any point of that run."""

import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from typing_extensions import override

from tests.faults.disk.image import Cut, Disk, lay_out
from tests.faults.disk.preload import environment
from tests.faults.disk.promises import broken, told
from tests.faults.disk.script import Level
from tests.faults.disk.writelog import NOTES, Op, read_log
from tests.faults.seeds import chance

ROOT: Final = Path(__file__).parents[3]


def record(scratch: Path, units: int, level: Level = "FULL") -> list[Op]:
    """All that a run of `units` units did to its disk."""
    directory, log = scratch / "recorded", scratch / "write.log"
    directory.mkdir(parents=True)
    subprocess.run(
        [
            *(sys.executable, "-m", "tests.faults.disk.script", str(directory)),
            *("--units", str(units), "--synchronous", level),
        ],
        cwd=ROOT,
        env=environment(directory, log),
        check=True,
    )
    return read_log(log)


def acknowledgements(ops: list[Op]) -> list[int]:
    """Where, in the log, a unit's caller had just been told that it is kept."""
    return [at for at, op in enumerate(ops, 1) if op.path == NOTES and op.data.startswith(b"kept ")]


@dataclass(frozen=True, slots=True)
class PowerCut:
    """The machine stops after the first `after` operations.

    Attributes:
        after: operations of the log.
        cut: what becomes of what was not synced by then.
    """

    after: int
    cut: Cut

    @override
    def __str__(self) -> str:
        return f"cut after operation {self.after}, {self.cut}"


def cut_power(
    ops: list[Op], cuts: Iterable[PowerCut], scratch: Path, seed: int
) -> Iterator[tuple[PowerCut, list[str]]]:
    """For each of `cuts`, which must come in order, the promises that it breaks."""
    disk, replayed = Disk(), 0
    last: tuple[dict[str, bytes], bytes] = {}, b""
    found: list[str] = []
    for number, each in enumerate(cuts):
        for op in ops[replayed : each.after]:
            disk.replay(op)
        replayed = each.after
        image = disk.image(each.cut, chance(seed, each.after, each.cut))
        if (image, disk.notes) != last:  # else nothing has become certain since the last cut
            lay_out(image, scratch / str(number))
            found = broken(scratch / str(number), told(disk.notes), in_order=True)
            shutil.rmtree(scratch / str(number))
        last = image, disk.notes
        yield each, found
