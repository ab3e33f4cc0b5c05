"""The agent's clock: the machine's as far as it is to be believed, and a saved time to begin by."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from edge_agent.kernel.clock import Clock, Instant
from edge_agent.kernel.facts import ClockQuality
from edge_agent.kernel.files import write_whole
from edge_agent.kernel.timekeeping import begin, go_on, jumped, to_save

SAVE_EVERY_S: Final = 600.0
"""4 KiB in ten minutes; a start without network begins at most so far behind where it ended."""

TIME_FILE: Final = "time"
"""In the state directory: the wall time, ISO 8601, of the last moment that was synchronised."""


class Timekeeper:
    """A `Clock`; any thread. Two that ask at once differ by what lies between them."""

    def __init__(self, machine: Clock, *, synchronised: Callable[[], bool], file: Path) -> None:
        """Begin at what `machine` and the saved time allow.

        Args:
            machine: the machine's own clocks.
            synchronised: whether somebody keeps its wall clock right, by the kernel's word.
            file: where time is saved.
        """
        self._machine = machine
        self._synchronised = synchronised
        self._file = file
        self._is_synchronised = synchronised()
        self._believed = begin(
            machine.now(), synchronised=self._is_synchronised, saved=_saved_in(file)
        )

    def now(self) -> Instant:
        """The present moment, as far as it can be told; asks the kernel when the clock has jumped.

        What the kernel said before the jump says nothing: setting the clock by hand ends it.
        """
        raw = self._machine.now()
        if self._is_synchronised and jumped(self._believed, raw):
            self._is_synchronised = self._synchronised()
        self._believed = go_on(self._believed, raw, synchronised=self._is_synchronised)
        return self._believed.at

    def quality(self) -> ClockQuality:
        """How far `now` can be trusted; asks the kernel."""
        self._is_synchronised = self._synchronised()
        self.now()
        return self._believed.quality

    async def run(self) -> None:
        """Save the time now and then, while it is synchronised; for ever."""
        while True:
            await self.save()
            await asyncio.sleep(SAVE_EVERY_S)

    async def save(self) -> None:
        """Save the time for the next start, if it is synchronised."""
        self.quality()
        if (wall := to_save(self._believed)) is not None:
            await asyncio.to_thread(_save, self._file, wall)


def _saved_in(file: Path) -> datetime | None:
    """None where nothing was saved, or nothing that can be read."""
    try:
        saved = datetime.fromisoformat(file.read_text("ascii"))
    except (OSError, ValueError):
        return None
    return saved if saved.utcoffset() == timedelta(0) else None


def _save(file: Path, wall: datetime) -> None:
    """On a full disk the time before stays."""
    try:
        write_whole(file, wall.isoformat().encode())
    except OSError:
        return
