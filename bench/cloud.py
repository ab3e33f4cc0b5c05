"""A broker, a hub and a fleet of stores for a benchmark, each a process of its own."""

import json
import os
import resource
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.error import URLError
from urllib.request import urlopen

from bench.harness import ROOT
from simulators.fleet.fleet import store_names
from tests.support.brokers import BrokerProcess, broker_process, free_port
from tests.support.postgres import postgres_path, postgres_process

READY_S: Final = 30.0
"""Deadline for a hub to answer."""

HZ: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cloud:
    """A hub at its broker.

    Attributes:
        broker_port: where stores connect.
        processes: the hub's, the one with HTTP first.
    """

    broker_port: int
    processes: Sequence["subprocess.Popen[bytes]"]

    @property
    def cpu_s(self) -> float:
        """Processor seconds of the hub's processes so far."""
        return sum(processor_s(process.pid) for process in self.processes)

    @property
    def memory_mb(self) -> float:
        """Resident megabytes of the hub's processes."""
        return sum(resident_mb(process.pid) for process in self.processes)


@contextmanager
def own_disk() -> Iterator[Path]:
    """An empty directory on the project's own disk (the system's may be memory)."""
    home = ROOT / "var"
    home.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=home) as directory:
        yield Path(directory)


@contextmanager
def postgres_url() -> Iterator[str]:
    """An empty database on a server of its own, whose COMMIT waits for the disk.

    Raises:
        FileNotFoundError: PostgreSQL is not installed.
    """
    programs = postgres_path()
    if programs is None:
        msg = "PostgreSQL is not installed; apt-get install postgresql"
        raise FileNotFoundError(msg)
    with postgres_process(programs, durable=True) as server:
        yield server.create("bench")


@contextmanager
def cloud(folder: Path, database: str, *, stores: int, workers: int = 1) -> Iterator[Cloud]:
    """mosquitto, and a hub of `workers` processes over `database`, a path or a URL."""
    with ExitStack() as stack:
        broker: BrokerProcess = stack.enter_context(broker_process("mosquitto", folder))
        port = free_port()
        settings = _settings(folder, database, store_names(stores), broker.port, port)
        processes = [stack.enter_context(_hub(folder, "run", settings))]
        _await_health(port, processes[0])
        processes += [
            stack.enter_context(_hub(folder, "worker", settings)) for _ in range(workers - 1)
        ]
        yield Cloud(broker.port, processes)


def fleet(port: int, *options: str) -> list[dict[str, Any]]:
    """The reports of a `store-sim fleet` at the broker.

    Raises:
        RuntimeError: it was not drained.
    """
    command = [sys.executable, "-m", "simulators", "fleet", "--port", str(port), *options]
    ended = subprocess.run(  # noqa: S603 - our own module
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    if ended.returncode:
        msg = f"the fleet ended with {ended.returncode}: {ended.stdout.splitlines()[-1:]}"
        raise RuntimeError(msg)
    return [json.loads(line) for line in ended.stdout.splitlines()]


def _settings(folder: Path, database: str, stores: list[str], broker: int, port: int) -> Path:
    for name in ("operator", "api"):
        (folder / f"{name}.key").write_text(secrets.token_urlsafe(24) + "\n")
    file = folder / "hub.toml"
    file.write_text(f"""
database = {json.dumps(database)}
listen = "127.0.0.1:{port}"
stores = {json.dumps(stores)}

[broker]
host = "127.0.0.1"
port = {broker}

[access]
operator_key_file = "operator.key"
api_key_file = "api.key"
""")
    return file


@contextmanager
def _hub(folder: Path, command: str, settings: Path) -> Iterator["subprocess.Popen[bytes]"]:
    words = [sys.executable, "-m", "cloud_bridge.hub", command, "--settings", str(settings)]
    with (
        (folder / "hub.log").open("ab") as said,
        subprocess.Popen(words, cwd=ROOT, stdout=said, stderr=said) as process,  # noqa: S603 - our own module
    ):
        try:
            yield process
        finally:
            process.terminate()


def _await_health(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/v1/health", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    msg = "the hub does not answer; its log lies in the benchmark's folder"
    raise RuntimeError(msg)


def processor_s(pid: int) -> float:
    """Processor seconds that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / HZ


def resident_mb(pid: int) -> float:
    """Megabytes that a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20
