"""Programs that die at named points while people use them."""

import asyncio
import signal
from collections.abc import Iterable
from random import Random

from tests.faults.crash_points.flows import Crash
from tests.faults.system.forked import Forked
from tests.faults.system.house import House
from tests.faults.system.waiting import until

OFTEN_PASSED = (
    "storage.",
    "mqtt.",
    "dispatcher.",
    "link.batch",
    "hub.facts",
    "hub.ingest",
    "hub.answer",
)
"""Points that a program comes to many times a second: it dies at one of the first times."""

FIRST_TIMES = 4


async def die_at(one: House[Forked], crash: Crash, random: Random) -> None:
    """Start the program anew and let it die at the point.

    Fails when the program never comes to the point.
    """
    name, point = crash
    program = program_of(one, name)
    nth = random.randint(1, FIRST_TIMES) if point.startswith(OFTEN_PASSED) else 1
    program.kill()
    program.at = [f"{point}:{nth}"]
    program.start()
    await until(
        lambda: program.ended is not None,
        lambda: f"{name} comes to {point}:{nth}; {program.last_words()}",
    )
    assert program.ended == -signal.SIGKILL, program.last_words()


def program_of(one: House[Forked], name: str) -> Forked:
    """By the names of `flows`."""
    return {"agent": one.agent, "hub": one.hub}[name]


async def one_after_the_other(
    one: House[Forked], name: str, crashes: Iterable[Crash], random: Random
) -> None:
    """The program dies at each of its own points, at once again after the last; then it lives."""
    program = program_of(one, name)
    for crash in crashes:
        if crash[0] == name:
            await die_at(one, crash, random)
    if not program.lives:
        program.at = []
        program.start()


async def side_by_side(one: House[Forked], crashes: Iterable[Crash], random: Random) -> None:
    """Agent and hub die in turn, each at its own points, whatever the other one does."""
    crashes = list(crashes)
    async with asyncio.TaskGroup() as tasks:
        for name in ("agent", "hub"):
            walk = one_after_the_other(one, name, crashes, random)
            tasks.create_task(walk, name=f"{name} dies")
