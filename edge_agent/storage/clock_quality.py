"""How far the wall clock can be trusted, asked of the kernel."""

import ctypes
from datetime import UTC, datetime
from typing import Final

from edge_agent.kernel.clock import Clock
from edge_agent.kernel.facts import ClockQuality

_NOT_SYNCHRONISED: Final = 5
"""``TIME_ERROR`` of adjtimex(2)."""

_TIMEX_BYTES: Final = 256
"""More than ``struct timex`` takes (208 on 64-bit Linux); zeroed, it only asks."""

_LIBC: Final = ctypes.CDLL(None)

NOT_BEFORE: Final = datetime(2026, 11, 1, tzinfo=UTC)
"""This version did not exist earlier: a wall clock that says so was never set."""


def clock_quality(clock: Clock) -> ClockQuality:
    """Synchronised, set once and left to itself, or never set."""
    if clock.now().wall < NOT_BEFORE:
        return ClockQuality.UNSET
    state = _LIBC.adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    return ClockQuality.SAVED if state == _NOT_SYNCHRONISED else ClockQuality.SYNCED
