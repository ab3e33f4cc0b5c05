"""Child processes: minded, stopped, and never left behind."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from simulators.demo.background import background
from simulators.demo.children import Child, ChildDied

DEADLINE_S = 20.0
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"  # noqa: E501 - one program
PATIENT = "import time; time.sleep(600)"


class Told(list[str]):
    """What a child's supervisor was told."""


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def start(tmp_path: Path, told: Told) -> AsyncIterator[Callable[[str], Child]]:
    children: list[Child] = []

    def make(program: str) -> Child:
        argv = [sys.executable, "-c", program]
        child = Child("sleeper", argv, log=tmp_path / "log", tell=told.append, changed=lambda: None)
        children.append(child)
        return child

    yield make
    for child in children:
        await child.kill()


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not seen():  # noqa: ASYNC110 - another process rings no bell here
            await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def test_a_child_that_dies_unasked_is_told_counted_and_started_again(
    start: Callable[[str], Child], told: Told
) -> None:
    child = start(PATIENT)
    await child.start()
    first = child.pid
    assert first is not None
    async with background() as beside:
        beside.start(child.mind(), "mind")
        os.kill(first, signal.SIGKILL)
        await until(lambda: child.pid not in (None, first))
    assert child.deaths == 1
    assert "sleeper died (SIGKILL), starting it again" in told[0]


async def test_a_child_that_is_killed_on_purpose_stays_down_until_it_is_started(
    start: Callable[[str], Child], told: Told
) -> None:
    child = start(PATIENT)
    await child.start()
    async with background() as beside:
        beside.start(child.mind(), "mind")
        await child.kill()
        killed = child.pid
        await child.start()
        assert (killed, child.pid is None) == (None, False)
    assert told == []


async def test_a_child_that_does_not_listen_is_killed(
    start: Callable[[str], Child], told: Told, tmp_path: Path
) -> None:
    child = start(STUBBORN)
    await child.start()
    await until(lambda: "up" in (tmp_path / "log").read_text())
    await child.stop(within_s=0.2)
    assert child.pid is None
    assert "was killed" in told[0]


async def test_a_child_that_ends_at_start_is_told_with_its_last_words(
    start: Callable[[str], Child],
) -> None:
    child = start("raise SystemExit('no such file: store.toml')")
    await child.start()
    with pytest.raises(ChildDied, match=r"no such file: store\.toml"):
        await child.ready(_never, within_s=DEADLINE_S)


async def test_a_child_that_never_answers_is_told(start: Callable[[str], Child]) -> None:
    child = start(PATIENT)
    await child.start()
    with pytest.raises(ChildDied, match="was not ready after"):
        await child.ready(_never, within_s=0.3)


async def test_nothing_survives_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    program = f"""
import asyncio, sys
from pathlib import Path
from simulators.demo.children import Child

async def main():
    child = Child("c", [sys.executable, "-c", {PATIENT!r}], log=Path({str(tmp_path / "log")!r}),
                  tell=print, changed=lambda: None)
    await child.start()
    print(child.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=subprocess.PIPE
    )
    assert supervisor.stdout is not None
    pid = int(await supervisor.stdout.readline())
    assert alive(pid)
    supervisor.kill()
    await supervisor.wait()
    deadline = time.monotonic() + DEADLINE_S
    await until(lambda: not alive(pid) or time.monotonic() > deadline)
    assert not alive(pid)


async def _never() -> bool:
    return False
