"""Time comes in here and nowhere else.

A cause (a request, a sighting, a message) takes one `Instant` at the edge and hands it down;
decisions never ask a clock. Order and durations come from `monotonic`, wall time is for people
and for the envelope of facts.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol


class Instant(NamedTuple):
    """One moment on both clocks.

    Attributes:
        wall: UTC, microseconds.
        monotonic: seconds on this boot's monotonic clock; comparable only within one boot.
    """

    wall: datetime
    monotonic: float

    def plus(self, seconds: float) -> "Instant":
        """The moment `seconds` later, on both clocks."""
        return Instant(self.wall + timedelta(seconds=seconds), self.monotonic + seconds)


class Clock(Protocol):
    """Where the edge takes its instants from."""

    def now(self) -> Instant:
        """The present moment."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> Instant:
        """The present moment, read from the operating system."""
        return Instant(datetime.now(UTC), time.monotonic())
