"""Our storage and thingsboard-gateway's under the same scripts: what each acknowledged and lost.

``python -m tests.faults.disk.peer`` prints the figures; the long test keeps them for the table.
"""

import errno
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.peers import peers_python
from tests.faults.disk.image import Cut, Disk, lay_out
from tests.faults.disk.preload import SYNCS, Fault, environment
from tests.faults.disk.recording import ROOT
from tests.faults.disk.writelog import NOTES, SYNC_FAILED, read_log
from tests.faults.seeds import SEED, chance

KILL_RATES: Final = (100, 1000, 10_000)
KILL_AFTER_S: Final = 3.0
KILLS: Final = 3
"""At each rate; facts/sync.md has medians of six, this is to see the same order of size."""

CUT_RATE: Final = 100
CUT_WITHIN_S: Final = 10.0
CUTS: Final = 20
"""A hundred a second for ten seconds, as in facts/sync.md."""

RATE: Final = 1000
LASTS_S: Final = 4.0
FAILS_FROM, FAILS_UNTIL = 1000, 3000
"""Units: a disk that is full, or syncs no more, from the first second to the third of four."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A storage and how to run it at a rate.

    Attributes:
        name: in the figures' names.
        python: interpreter that has it.
        module: program with the arguments of `peer_worker`.
        select: SQL for the numbers of what is there.
    """

    name: str
    python: Callable[[], Path]
    module: str
    select: str

    def there(self, directory: Path) -> set[int]:
        """The units in all databases of `directory`."""
        found: set[int] = set()
        for path in directory.glob("*.db"):
            with closing(sqlite3.connect(path)) as connection:
                try:
                    found.update(row[0] for row in connection.execute(self.select))
                except sqlite3.DatabaseError:
                    continue  # nothing that SQLite can read
        return found


AISLE: Final = Contender(
    "aisle",
    lambda: Path(sys.executable),
    "tests.faults.disk.paced",
    "SELECT CAST(substr(subject, 7) AS INTEGER) FROM fact",
)
THINGSBOARD: Final = Contender(
    "thingsboard",
    peers_python,
    "tests.faults.disk.peer_worker",
    "SELECT CAST(json_extract(message, '$.unit') AS INTEGER) FROM messages",
)


class Paced:
    """One run of a contender."""

    def __init__(
        self, contender: Contender, directory: Path, process: subprocess.Popen[bytes]
    ) -> None:
        self._contender = contender
        self._process = process
        self.directory = directory

    def finish_putting(self) -> None:
        """Wait until everything was handed over."""
        assert self._process.stdout is not None
        while self._process.stdout.readline() not in (b"done\n", b""):
            pass

    def await_unit(self, number: int) -> None:
        """Wait until unit `number`, a whole thousand, was handed over, whatever became of it."""
        assert self._process.stdout is not None
        for line in iter(self._process.stdout.readline, b"%d\n" % number):
            if not line:
                msg = f"{self._contender.name} has ended before unit {number}"
                raise ChildProcessError(msg)

    def stop(self) -> None:
        """End it as its own stop does."""
        self._process.communicate()

    def noted(self, word: str) -> set[int]:
        """The units that it has noted so."""
        return noted((self.directory / NOTES).read_bytes(), word)

    def lost(self) -> set[int]:
        """Acknowledged, and not in the database."""
        return self.noted("kept") - self._contender.there(self.directory)


def noted(notes: bytes, word: str) -> set[int]:
    """The units noted with `word`."""
    lines = (line.split() for line in notes.decode().splitlines())
    return {int(line[1]) for line in lines if line[0] == word and line[1:]}


@contextmanager
def paced(
    contender: Contender,
    directory: Path,
    rate: int,
    seconds: float,
    *,
    log: Path | None = None,
    fault: Fault | None = None,
) -> Iterator[Paced]:
    """Run `contender` in a new `directory`; killed at the block's end unless it was stopped."""
    directory.mkdir(parents=True)
    arguments = [str(directory), "--rate", str(rate), "--seconds", str(seconds)]
    with subprocess.Popen(
        [str(contender.python()), "-m", contender.module, *arguments],
        cwd=ROOT,
        env=environment(directory, log, fault) | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield Paced(contender, directory, process)
        finally:
            process.kill()


def killed(contender: Contender, scratch: Path) -> dict[str, float]:
    """SIGKILL after some seconds at each rate: acknowledged and lost, the median of `KILLS`."""
    figures: dict[str, float] = {}
    for rate in KILL_RATES:
        lost, kept = [], 0
        for number in range(KILLS):
            directory = scratch / f"kill-{rate}-{number}"
            with paced(contender, directory, rate, KILL_AFTER_S) as run:
                run.finish_putting()
            lost.append(len(run.lost()))
            kept += len(run.noted("kept"))
        figures |= {f"kill_{rate}_lost": statistics.median(lost), f"kill_{rate}_kept": kept}
    return figures


def stopped(contender: Contender, scratch: Path) -> dict[str, float]:
    """A clean stop at a thousand a second."""
    with paced(contender, scratch / "stop", RATE, KILL_AFTER_S) as run:
        run.finish_putting()
        run.stop()
    return {"stop_lost": len(run.lost()), "stop_kept": len(run.noted("kept"))}


def cut(contender: Contender, scratch: Path, seed: int) -> dict[str, float]:
    """The power goes at moments of a run; what was not synced by then is not there."""
    log = scratch / "cut.log"
    with paced(contender, scratch / "cut", CUT_RATE, CUT_WITHIN_S, log=log) as run:
        run.finish_putting()
    ops = read_log(log)
    told = [at for at, op in enumerate(ops, 1) if op.path == NOTES]
    moments = told[len(told) // CUTS - 1 :: len(told) // CUTS]
    disk, replayed, shares = Disk(), 0, []
    for at in moments:
        for op in ops[replayed:at]:
            disk.replay(op)
        replayed = at
        directory = scratch / f"cut-{at}"
        lay_out(disk.image(Cut.DROPPED, chance(seed, at)), directory)
        kept = noted(disk.notes, "kept")
        shares.append(len(kept - contender.there(directory)) / max(1, len(kept)))
    return {
        "cuts": len(shares),
        "cut_losing": sum(share > 0 for share in shares),
        "cut_median_percent": 100 * statistics.median(shares),
        "cut_kept": len(run.noted("kept")),
    }


def filled(contender: Contender, scratch: Path) -> dict[str, float]:
    """The disk is full for a while, then freed; then a clean stop."""
    full = scratch / "disk-is-full"
    fault = Fault("wc", 1, errno.ENOSPC, until=str(full))
    with paced(contender, scratch / "full", RATE, LASTS_S, fault=fault) as run:
        run.await_unit(FAILS_FROM)
        full.touch()
        run.await_unit(FAILS_UNTIL)
        full.unlink()
        run.finish_putting()
        run.stop()
    notes = (run.directory / NOTES).read_bytes()
    return {
        "full_lost": len(run.lost()),
        "full_kept": len(run.noted("kept")),
        "full_refused": len(run.noted("refused")),
        "full_errors": notes.count(b"error\n"),
    }


def unsynced(contender: Contender, scratch: Path) -> dict[str, float]:
    """From some unit on every sync of a WAL fails; the power goes when all is put."""
    log, failing = scratch / "sync.log", scratch / "syncs-fail"
    fault = Fault(SYNCS, 1, errno.EIO, suffix="-wal", until=str(failing))
    with paced(contender, scratch / "sync", RATE, LASTS_S, log=log, fault=fault) as run:
        run.await_unit(FAILS_FROM)
        failing.touch()
        run.finish_putting()
    disk = Disk()
    ops = read_log(log)
    for op in ops:
        disk.replay(op)
    lay_out(disk.image(Cut.DROPPED, chance(SEED)), scratch / "synced")
    kept = noted(disk.notes, "kept")
    failed = next((at for at, op in enumerate(ops) if op.kind == SYNC_FAILED), len(ops))
    after = b"".join(op.data for op in ops[failed:] if op.path == NOTES)
    return {
        "sync_kept": len(kept),
        "sync_kept_after": len(noted(after, "kept")),
        "sync_lost": len(kept - contender.there(scratch / "synced")),
    }


def compared(contender: Contender, scratch: Path, seed: int) -> dict[str, float]:
    """All scripts."""
    return {
        **killed(contender, scratch),
        **stopped(contender, scratch),
        **cut(contender, scratch, seed),
        **filled(contender, scratch),
        **unsynced(contender, scratch),
    }


def main() -> None:
    """Print the figures of both."""
    for contender in (AISLE, THINGSBOARD):
        with tempfile.TemporaryDirectory() as scratch:
            figures = compared(contender, Path(scratch), SEED)
        print(contender.name, json.dumps(figures, indent=2), flush=True)  # noqa: T201 - the figures


if __name__ == "__main__":
    main()
