"""Identifiers that sort by time and need no coordination."""

import os
import uuid

from edge_agent.kernel.clock import Instant


def uuid7(now: Instant) -> str:
    """A UUIDv7 (RFC 9562, section 5.7) for `now`: 48 bits of Unix milliseconds, 74 random bits."""
    milliseconds = int(now.wall.timestamp() * 1000) & (1 << 48) - 1
    random = int.from_bytes(os.urandom(10), "big")
    value = milliseconds << 80 | 0x7 << 76 | (random >> 68) << 64 | 0b10 << 62
    return str(uuid.UUID(int=value | random & (1 << 62) - 1))
