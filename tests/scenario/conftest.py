"""Whole demos with the real processes, three at a time: a story needs a third of a core."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

STORY_S = 50
"""The shortest story; a start, an end and a late cloud come on top."""

DEADLINE_S = STORY_S + 80.0

AT_A_TIME = 3


@dataclass
class Demo:
    """A demo process with a directory of its own on ports that are free."""

    directory: Path
    arguments: tuple[str, ...] = ()
    process: subprocess.Popen[str] | None = field(default=None)

    def start(self) -> "Demo":
        """Start it; `finish` or `kill` must follow."""
        argv = [
            sys.executable,
            *("-m", "simulators", "demo", "--port-base", "0"),
            *("--directory", str(self.directory)),
            *self.arguments,
        ]
        self.process = subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        return self

    def finish(self) -> "Result":
        """Wait until it has ended by itself."""
        assert self.process is not None
        try:
            out, err = self.process.communicate(timeout=DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
        last = out.strip().splitlines()[-1:] or ["{}"]
        return Result(self.process.returncode, json.loads(last[0]), err)

    def printed_until(self, last: str) -> str:
        """What the demo prints, up to the line with `last`."""
        assert self.process is not None
        assert self.process.stdout is not None
        printed = ""
        while last not in printed:
            line = self.process.stdout.readline()
            if not line:
                pytest.fail(f"the demo ended: {self.finish().said}")
            printed += line
        return printed

    def signal(self, number: signal.Signals) -> None:
        """Send the supervisor a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def pids(self) -> dict[str, int]:
        """The children that run, by name; none before they are started."""
        file = self.directory / "children.json"
        if not file.exists():
            return {}
        known = json.loads(file.read_text(encoding="utf-8"))
        return {name: pid for name, pid in known.items() if pid is not None}

    def until(self, seen: Callable[[], Any], what: str) -> None:
        """Wait until `seen`, as long as the demo lives."""
        deadline = time.monotonic() + DEADLINE_S
        while not seen():
            assert self.process is not None
            if self.process.poll() is not None:
                pytest.fail(f"the demo ended before {what}: {self.finish().said}")
            assert time.monotonic() < deadline, f"never: {what}"
            time.sleep(0.05)

    def noted(self, event: str) -> bool:
        """Whether the actors wrote of such an event."""
        journal = self.directory / "sim-actors.jsonl"
        return journal.exists() and f'"event": "{event}"' in journal.read_text(encoding="utf-8")


@dataclass(frozen=True)
class Result:
    """How a headless demo ended."""

    status: int
    verdict: dict[str, Any]
    said: str

    @property
    def problems(self) -> str:
        """What the judge found, in one text."""
        return " | ".join(self.verdict.get("problems", [self.said]))


def headless(*arguments: str) -> tuple[str, ...]:
    """The arguments of a headless story of `STORY_S` seconds."""
    return ("--headless", "--seconds", str(STORY_S), *arguments)


SCRIPTS = {
    "good": headless("--seed", "7"),
    "other": headless("--seed", "8"),
    **{
        name: headless("--seed", "7", "--sabotage", name)
        for name in ("drop-fact", "double-fact", "no-door", "no-coupon")
    },
}


QUICK = ("good", "drop-fact")


@pytest.fixture(scope="session")
def performances(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, "Future[Result]"]]:
    """Each script's result, once it has been acted out; without the long tests, of a few."""
    long = any(item.get_closest_marker("long") for item in request.session.items)
    with ThreadPoolExecutor(AT_A_TIME) as stage:
        yield {
            name: stage.submit(lambda demo: demo.start().finish(), Demo(folder, arguments))
            for name, arguments in SCRIPTS.items()
            if long or name in QUICK
            for folder in (tmp_path_factory.mktemp(name) / "demo",)
        }


def alive(pid: int) -> bool:
    """Whether a process runs; one that waits to be reaped does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Callable[..., Demo]]:
    """Starts a demo of one test's own; whatever is left of it is killed."""
    started: list[Demo] = []

    def start(*arguments: str) -> Demo:
        started.append(Demo(tmp_path / "demo", arguments).start())
        return started[-1]

    yield start
    for one in started:
        if one.process is not None:
            one.process.kill()
            one.process.communicate()
        for pid in one.pids().values():
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
