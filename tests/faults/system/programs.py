"""The programs under test, each a process that can be killed and started again."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[3]

AGENT = "edge-agent"
HUB = "cloud-hub"
STATION = "fault-station"
MODULES: Mapping[str, str] = {
    AGENT: "edge_agent.__main__",
    HUB: "cloud_bridge.hub.__main__",
    STATION: "tests.faults.system.station",
}
"""What `python -m` starts: the package's console scripts, and the suite's own program."""


@dataclass
class Program:
    """One process, with its log beside its settings.

    Attributes:
        words: the command; the first is one of `MODULES`, or an executable.
        folder: where it runs; standard output and error go to a file there.
        listening: whether it does, so that a test may wait for it.
        environment: beside this process's own.
    """

    words: Sequence[str]
    folder: Path
    listening: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start it; what it says goes to a file in its folder."""
        with self.log.open("ab") as said:
            self._process = subprocess.Popen(
                _command(self.words),
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **self.environment},
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    @property
    def log(self) -> Path:
        """Where it says what it says."""
        return self.folder / f"{Path(self.words[0]).name}.log"

    @property
    def pid(self) -> int:
        """Of the process that was started last."""
        assert self._process is not None
        return self._process.pid

    @property
    def ended(self) -> int | None:
        """Its exit status; None while it runs."""
        assert self._process is not None
        return self._process.poll()

    @property
    def memory(self) -> int:
        """Resident bytes."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[1])
        return pages * resource.getpagesize()

    def last_words(self) -> str:
        """The end of what it said, for the text of a failure."""
        if not self.log.exists():
            return ""
        return self.log.read_text(encoding="utf-8", errors="replace")[-2000:]

    def kill(self) -> None:
        """SIGKILL, also of one that is stopped, or gone already."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=30)


def _command(words: Sequence[str]) -> list[str]:
    name, *rest = words
    return [sys.executable, "-m", MODULES[name], *rest] if name in MODULES else [*words]
