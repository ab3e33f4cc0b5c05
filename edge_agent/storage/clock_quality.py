"""How far the wall clock can be trusted, asked of the kernel."""

import ctypes
from pathlib import Path
from typing import Final

from edge_agent.kernel.clock import Clock
from edge_agent.kernel.facts import ClockQuality
from edge_agent.kernel.timekeeping import BUILT

_NOT_SYNCHRONISED: Final = 5
"""``TIME_ERROR`` of adjtimex(2)."""

_TIMEX_BYTES: Final = 256
"""More than ``struct timex`` takes (208 on 64-bit Linux); zeroed, it only asks."""

_LIBC: Final = ctypes.CDLL(None)

_MACHINE_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


def is_synchronised() -> bool:
    """Whether somebody keeps the wall clock right; setting it by hand ends that."""
    return bool(_LIBC.adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)) != _NOT_SYNCHRONISED)


def clock_quality(clock: Clock) -> ClockQuality:
    """Synchronised, set once and left to itself, or never set; of a clock without memory."""
    if clock.now().wall < BUILT:
        return ClockQuality.UNSET
    return ClockQuality.SYNCED if is_synchronised() else ClockQuality.SAVED


def machine_boot() -> str:
    """The id of the machine's boot, within which processes share one monotonic clock; or empty."""
    try:
        return _MACHINE_BOOT.read_text("ascii").strip()
    except OSError:
        return ""
