"""Programs that start in a tenth of the time: forked from a process that has imported them.

The child is a process like any other: own memory, own sockets, own files, killed with SIGKILL.
Only the second of imports is spared, so that a run may start hundreds.
"""

import importlib
import multiprocessing
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from typing_extensions import override

from tests.faults.crashing import arm
from tests.faults.points import POINTS
from tests.faults.system.programs import MODULES, Program

PRELOADED = [
    "tests.faults.system.forked",
    "tests.faults.system.station",
    "edge_agent.app",
    "cloud_bridge.hub.app",
]
"""Imported once, by the process that is forked; it runs no thread and opens nothing."""


@dataclass
class Forked(Program):
    """As `Program`, of one of our own programs.

    Attributes:
        at: names of crash points, each with its ``:n``, at which the next start will die.
    """

    at: Sequence[str] = ()
    _child: ForkServerProcess | None = field(default=None, repr=False)

    @override
    def start(self) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOADED)
        self._child = context.Process(
            target=become, args=(self.words, self.folder, self.log, tuple(self.at)), daemon=True
        )
        self._child.start()

    @property
    @override
    def pid(self) -> int:
        assert self._child is not None
        assert self._child.pid is not None
        return self._child.pid

    @property
    @override
    def ended(self) -> int | None:
        assert self._child is not None
        return self._child.exitcode

    @property
    def lives(self) -> bool:
        """Whether it was started and has not ended."""
        return self._child is not None and self._child.is_alive()

    @override
    def kill(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.join()


def become(words: Sequence[str], folder: Path, log: Path, at: Sequence[str]) -> None:
    """In the child: turn into the program that `words` name."""
    os.chdir(folder)
    said = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(said, 1)
    os.dup2(said, 2)
    for each in at:
        name, _, nth = each.partition(":")
        arm(POINTS[name], int(nth or 1))
    sys.argv = [*words]
    importlib.import_module(MODULES[words[0]]).main()
