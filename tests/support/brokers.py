"""Real brokers for tests, as processes on ephemeral ports of loopback."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

Kind = Literal["amqtt", "mosquitto"]

READY_S = 20.0
"""Deadline for a broker to listen: amqtt takes 2 s on a busy machine."""

_AMQTT = "import typer; from simulators.broker import broker; typer.run(broker)"


class BrokerProcess:
    """A broker that can be killed and started again, empty, on the same port."""

    def __init__(self, kind: Kind, folder: Path, settings: str = "") -> None:
        self.kind = kind
        self.port = free_port()
        self._folder = folder
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._process = subprocess.Popen(self._command(), stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + READY_S
        while not listens(self.port):
            assert self._process.poll() is None, (
                f"{self.kind} ended with {self._process.returncode}"
            )
            assert time.monotonic() < deadline, f"{self.kind} does not listen"

    def kill(self) -> None:
        """SIGKILL: all that it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _command(self) -> list[str]:
        if self.kind == "amqtt":
            return [sys.executable, "-c", _AMQTT, "--port", str(self.port)]
        settings = self._folder / f"mosquitto-{self.port}.conf"
        settings.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n"
            f"log_type none\nuser root\n{self._settings}"
        )
        return [mosquitto_path() or "mosquitto", "-c", str(settings)]


@contextmanager
def broker_process(kind: Kind, folder: Path, settings: str = "") -> Iterator[BrokerProcess]:
    """A running broker; killed at the end. `settings` are lines of mosquitto's."""
    broker = BrokerProcess(kind, folder, settings)
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


def mosquitto_path() -> str | None:
    """Where mosquitto is installed; None when it is not (`make test` installs it)."""
    return shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/opt/homebrew/sbin")


def free_port() -> int:
    """A TCP port of loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody listens on this port of loopback."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.2):
            return True
    except OSError:
        time.sleep(0.02)
        return False
