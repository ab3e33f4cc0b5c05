"""Contenders side by side: each a process of its own, taken in turn, medians of several runs."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple, TypedDict

import msgspec

ROOT: Final = Path(__file__).parents[1]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a result.

    Attributes:
        what: the thing measured and the load it was measured under.
        unit: of `ours` and `theirs`; more is better.
        ours: median over the runs; `theirs` likewise, of the peer of this line.
        ratio: median of ours through theirs, run by run: what slows the machine for a moment slows
            both.
        note: what a reader must know to read the number fairly.
    """

    what: str
    unit: str
    peer: str
    ours: float
    theirs: float
    ratio: float
    ours_runs: list[float]
    theirs_runs: list[float]
    note: str


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a result that is held to a figure of ours, for want of a peer.

    Attributes:
        what: the thing measured and the load it was measured under.
        value: median over the runs.
        to_reach: the figure, in words.
    """

    what: str
    unit: str
    value: float
    to_reach: str
    runs: list[float]
    note: str = ""


class Effort(NamedTuple):
    """How much is asked for: runs of each contender, and whether the long loads are run whole."""

    runs: int
    full: bool


@dataclass(frozen=True, slots=True)
class Contender:
    """A program of `bench.workers` and the interpreter it runs under."""

    worker: str
    python: Path


class Worker:
    """A running contender, spoken to one request at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, **request: object) -> Any:  # noqa: ANN401 - JSON, each worker's own
        """Send one request and wait for its answer.

        Raises:
            RuntimeError: the worker has ended; its own message stands above.
        """
        self.begin(**request)
        return self.end()

    def begin(self, **request: object) -> None:
        """Send one request; `end` waits for its answer."""
        assert self._process.stdin  # noqa: S101 - Popen was given pipes
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def end(self) -> Any:  # noqa: ANN401 - as above
        """The answer to what was begun; raises `RuntimeError` as `ask` does."""
        assert self._process.stdout  # noqa: S101 - Popen was given pipes
        answer = self._process.stdout.readline()
        if not answer:
            msg = f"worker ended with status {self._process.wait()}"
            raise RuntimeError(msg)
        return json.loads(answer)


@contextmanager
def working(contender: Contender) -> Iterator[Worker]:
    """The contender's worker for the length of a block."""
    with subprocess.Popen(  # noqa: S603 - our own module under an interpreter we chose
        [contender.python, "-m", f"bench.workers.{contender.worker}"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Worker(process)
        process.communicate()


class Done(TypedDict):
    """What a worker answers to a run."""

    done: int
    seconds: float


def rates(contenders: Sequence[Callable[[], Done]], runs: int) -> list[list[float]]:
    """What each contender does per second, `runs` times, the contenders taken in turn."""
    found: list[list[float]] = [[] for _ in contenders]
    for _ in range(runs):
        for rate, run in zip(found, contenders, strict=True):
            answer = run()
            rate.append(answer["done"] / answer["seconds"])
    return found


def figure(
    what: str, peer: str, found: tuple[list[float], list[float]], *, unit: str, note: str
) -> Figure:
    """The line that our rates and the peer's make."""
    ours, theirs = found
    return Figure(
        what=what,
        unit=unit,
        peer=peer,
        ours=median(ours),
        theirs=median(theirs),
        ratio=median(mine / other for mine, other in zip(ours, theirs, strict=True)),
        ours_runs=ours,
        theirs_runs=theirs,
        note=note,
    )


def measured(what: str, runs: list[float], *, unit: str, to_reach: str, note: str = "") -> Measure:
    """The line that `runs` make."""
    return Measure(
        what=what, unit=unit, value=median(runs), to_reach=to_reach, runs=runs, note=note
    )
