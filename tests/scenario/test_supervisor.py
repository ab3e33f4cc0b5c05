"""The supervisor: everything starts, everything stops, and what cannot start says why."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scenario.conftest import DEADLINE_S, Demo, alive, headless

pytestmark = [pytest.mark.slow, pytest.mark.timeout(DEADLINE_S)]

Start = Callable[..., Demo]

STOP_S = 5.0
"""The issue's promise for Ctrl-C."""


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.long)]
)
def test_a_signal_stops_everything_within_five_seconds(demo: Start, number: signal.Signals) -> None:
    running = demo(*headless())
    running.until(lambda: running.noted("opened"), "the store was open")
    children = running.pids()
    assert len(children) == 5
    running.signal(number)
    assert running.process is not None
    running.process.wait(timeout=STOP_S)
    assert not [name for name, pid in children.items() if alive(pid)]


def test_nothing_survives_a_supervisor_that_is_killed(demo: Start) -> None:
    running = demo(*headless())
    running.until(lambda: len(running.pids()) == 5, "all children ran")
    children = running.pids()
    running.signal(signal.SIGKILL)
    deadline = time.monotonic() + STOP_S
    while any(alive(pid) for pid in children.values()):
        assert time.monotonic() < deadline, "a child outlived the supervisor"
        time.sleep(0.05)


def test_a_port_that_is_taken_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        argv = [sys.executable, "-m", "simulators", "demo", "--port-base", str(port)]
        ended = subprocess.run(
            [*argv, "--headless", "--directory", str(tmp_path / "demo")],
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1
    assert f"{port} (agent)" in ended.stderr
    assert "--port-base" in ended.stderr


def test_a_directory_of_somebody_elses_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work")
    argv = [sys.executable, "-m", "simulators", "demo", "--port-base", "0", "--headless"]
    ended = subprocess.run(
        [*argv, "--directory", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "--directory" in ended.stderr
