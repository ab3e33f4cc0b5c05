"""Runs one of our programs and kills it with SIGKILL at a named point.

    python -m tests.faults.crashing --at storage.commit.before:3 -- edge-agent run

A point is a function of the product in the table `tests.faults.points.POINTS`; ``before`` or
``after`` it, at its n-th call (default: the first). The program itself knows nothing of it: the
function is wrapped before the program starts, and nothing is flushed or closed when it dies.
"""

import argparse
import functools
import importlib
import inspect
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, Literal

PROGRAMS: Final = {
    "edge-agent": "edge_agent.__main__",
    "cloud-hub": "cloud_bridge.hub.__main__",
    "store-sim": "simulators.__main__",
}

Moment = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Point:
    """Where a program can be made to die.

    Attributes:
        module: that holds the function.
        function: its qualified name there, such as ``Writer._commit_group``.
        moment: before it runs, or after it has returned.
    """

    module: str
    function: str
    moment: Moment


def arm(point: Point, nth: int = 1) -> None:
    """Have this process die at the `nth` time that it comes to `point`.

    Raises:
        LookupError: the product has no such function any more; mend the table.
    """
    holder, name, original = find(point)
    setattr(holder, name, _deadly(original, point.moment, nth))


def find(point: Point) -> tuple[Any, str, Callable[..., Any]]:
    """The module or class that holds the point's function, its name there, and the function.

    Raises:
        LookupError: the product has no such function any more; mend the table.
    """
    holder: Any = importlib.import_module(point.module)
    *path, name = point.function.split(".")
    try:
        for part in path:
            holder = getattr(holder, part)
        return holder, name, inspect.getattr_static(holder, name)
    except AttributeError as err:
        msg = f"{point.module} has no {point.function}"
        raise LookupError(msg) from err


def _deadly(original: Callable[..., Any], moment: Moment, nth: int) -> Callable[..., Any]:
    calls = 0

    def die_when_due() -> None:
        nonlocal calls
        calls += 1
        if calls == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    if inspect.iscoroutinefunction(original):
        return _deadly_coroutine(original, moment, die_when_due)

    @functools.wraps(original)
    def wrapped(*args: Any, **keywords: Any) -> Any:  # noqa: ANN401 - whatever the function takes
        if moment == "before":
            die_when_due()
        result = original(*args, **keywords)
        if moment == "after":
            die_when_due()
        return result

    return wrapped


def _deadly_coroutine(
    original: Callable[..., Coroutine[Any, Any, Any]],
    moment: Moment,
    die_when_due: Callable[[], None],
) -> Callable[..., Coroutine[Any, Any, Any]]:
    @functools.wraps(original)
    async def wrapped(*args: Any, **keywords: Any) -> Any:  # noqa: ANN401 - as above
        if moment == "before":
            die_when_due()
        result = await original(*args, **keywords)
        if moment == "after":
            die_when_due()
        return result

    return wrapped


def main(points: dict[str, Point]) -> None:
    """Arm what ``--at`` names (several may be given) and become the program."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.crashing")
    parser.add_argument("--at", action="append", required=True, metavar="NAME[:N]")
    parser.add_argument("program", choices=PROGRAMS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    chosen = parser.parse_args()
    for at in chosen.at:
        name, _, nth = at.partition(":")
        arm(points[name], int(nth or 1))
    sys.argv = [chosen.program, *chosen.arguments]
    importlib.import_module(PROGRAMS[chosen.program]).main()


if __name__ == "__main__":
    from tests.faults.points import POINTS

    main(POINTS)
