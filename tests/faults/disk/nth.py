"""Does the script with one fault and looks at what is left, many times in one process.

Run as ``python -m tests.faults.disk.nth SCRATCH --units 40 --seed 7``, with the library preloaded:
reads one fault a line (JSON) and answers each with one `Outcome`. The database is made beforehand,
unless ``--fresh`` has the fault strike while it is being made too.
"""

import argparse
import asyncio
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec

from edge_agent.storage import StorageError, StorageUnavailable
from tests.faults.disk.image import Cut, Disk, lay_out
from tests.faults.disk.preload import Fault, Lever
from tests.faults.disk.promises import broken, told_in, units_in
from tests.faults.disk.script import Run, opened
from tests.faults.disk.writelog import read_log
from tests.faults.seeds import chance

REFUSED_UNTIL_FREED = 3
"""Refusals in a row before somebody frees the disk; by then a refusal is no accident."""

MOST_REFUSED = 50
"""Refusals after which a run has plainly not resumed."""


class Ending(StrEnum):
    """How a run with a fault came to its end."""

    WHOLE = "whole"
    """Every unit was kept; refused now and then, perhaps."""
    FAILED = "failed"
    """The storage said that only a restart helps."""
    UNOPENED = "unopened"
    """It did not open."""
    STUCK = "stuck"
    """It went on refusing."""


class Outcome(msgspec.Struct, frozen=True):
    """One run and its rest.

    Attributes:
        counted: operations that the fault counted; below its n it did not strike.
        refusals: that a unit's caller was told.
        doubted: units there though their callers were told that the storage had failed.
        broken: promises, after a restart and after a power cut.
        reason: what the failure or the opening said.
    """

    counted: int
    ending: Ending
    refusals: int
    doubted: int
    broken: list[str]
    reason: str


class Stuck(Exception):
    """Refused more often than `MOST_REFUSED`."""


class Patience:
    """Counts refusals; frees the disk when there were enough."""

    def __init__(self, freed: str) -> None:
        self.refusals = 0
        self._freed = freed

    def refused(self, _refusal: StorageUnavailable) -> None:
        self.refusals += 1
        if self.refusals == REFUSED_UNTIL_FREED:
            self.free()
        if self.refusals > MOST_REFUSED:
            raise Stuck

    def free(self) -> None:
        """There is room again."""
        if self._freed:
            Path(self._freed).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Trial:
    """What one fault after another is tried on.

    Attributes:
        scratch: empty, and again after each.
        database: its files at the beginning; none: it is made in the run.
    """

    lever: Lever
    scratch: Path
    database: dict[str, bytes]
    units: int
    seed: int

    def survive(self, fault: Fault) -> Outcome:
        """Do the run with `fault`."""
        directory, log = self.scratch / "run", self.scratch / "write.log"
        self.scratch.mkdir()
        patience = Patience(fault.until)
        self.lever.watch(directory, log)
        lay_out(self.database, directory)
        _sync(directory)
        if fault.until:
            Path(fault.until).touch()
        self.lever.arm(fault)
        ending, reason = _ending(Run(directory, patience.refused), self.units)
        counted = self.lever.disarm()
        self.lever.watch(Path(os.devnull))
        patience.free()
        was_told = told_in(directory)
        doubted = len(units_in(directory) - was_told.kept)
        findings = [
            f"{where.name}: {finding}"
            for where in (directory, *self._after_power_cut(log))
            for finding in broken(where, was_told, in_order=False)
        ]
        shutil.rmtree(self.scratch)
        return Outcome(counted, ending, patience.refusals, doubted, findings, reason)

    def _after_power_cut(self, log: Path) -> Iterator[Path]:
        """The disk had the machine stopped at the end; what a failed sync had to bring is gone."""
        disk = Disk()
        for op in read_log(log):
            disk.replay(op)
        for cut in (Cut.DROPPED, Cut.SUBSET):
            lay_out(disk.image(cut, chance(self.seed, cut)), self.scratch / cut)
            yield self.scratch / cut


def _sync(directory: Path) -> None:
    """What lies there is certain."""
    for path in (*directory.iterdir(), directory):
        file = os.open(path, os.O_RDONLY)
        os.fsync(file)
        os.close(file)


def _made(directory: Path) -> dict[str, bytes]:
    """The files of a database as it is before its first fact."""

    async def make() -> None:
        async with opened(directory):
            pass

    directory.mkdir(parents=True)
    asyncio.run(make())
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def _ending(run: Run, units: int) -> tuple[Ending, str]:
    try:
        asyncio.run(run.go(units))
    except Stuck:
        return Ending.STUCK, ""
    except (StorageError, OSError) as err:
        return Ending.FAILED if run.failed else Ending.UNOPENED, str(err)
    finally:
        run.close()
    return Ending.WHOLE, ""


def main() -> None:
    """Answer each fault with its outcome."""
    parser = argparse.ArgumentParser()
    parser.add_argument("scratch", type=Path)
    parser.add_argument("--units", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--fresh", action="store_true")
    chosen = parser.parse_args()
    made = {} if chosen.fresh else _made(chosen.scratch / "made")
    trial = Trial(Lever(), chosen.scratch / "one", made, chosen.units, chosen.seed)
    for line in sys.stdin:
        outcome = trial.survive(msgspec.json.decode(line, type=Fault))
        print(msgspec.json.encode(outcome).decode(), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
