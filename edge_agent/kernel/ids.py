"""Identifiers that sort by time and need no coordination."""

import os
from typing import Final

from edge_agent.kernel.clock import Instant

_VARIANT: Final = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
"""The two bits of variant 0b10 before two bits of a random digit."""


def uuid7(now: Instant) -> str:
    """A UUIDv7 (RFC 9562, section 5.7) for `now`: 48 bits of Unix milliseconds, 74 random bits."""
    time = f"{int(now.wall.timestamp() * 1000) & (1 << 48) - 1:012x}"
    random = os.urandom(10).hex()
    variant = _VARIANT[random[3]]
    return f"{time[:8]}-{time[8:]}-7{random[:3]}-{variant}{random[4:7]}-{random[7:19]}"
