"""How full the disk is, and what follows from it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cloud_bridge.wire.facts.storage import DiskState

MB: Final = 1024 * 1024

BALLAST_BYTES: Final = 16 * MB
"""What is let go of on a full disk, so that a checkpoint and deletions can be written (measured in
facts/sync.md): the WAL grows by some 8 MB between checkpoints, twice that is enough."""

FULL_BYTES: Final = 2 * BALLAST_BYTES
"""With less free the disk counts as full before a write fails: the next checkpoint would."""

ROOM_AGAIN: Final = 2
"""The disk must have twice a mark free to leave the state below it: else it would flap while
something else writes and deletes there."""


@dataclass(frozen=True, slots=True)
class Disk:
    """What a look at the disk showed.

    Attributes:
        free: bytes that the agent's user may still write.
    """

    state: DiskState
    free: int


def judge(before: DiskState, free: int, *, low_bytes: int, refused: bool) -> Disk:
    """The state of a disk with `free` bytes; `refused`: it has refused a write since `before`."""
    if refused or free < FULL_BYTES:
        return Disk("full", free)
    if before == "full" and free < ROOM_AGAIN * FULL_BYTES:
        return Disk("full", free)
    if free < low_bytes or (before != "ok" and free < ROOM_AGAIN * low_bytes):
        return Disk("low", free)
    return Disk("ok", free)


@dataclass(frozen=True, slots=True)
class Level:
    """Roll-up by `window_s` when a lane is filled to `above`; `early`: in which state in any case.

    Attributes:
        above: share of the lane's limit.
    """

    window_s: int
    above: float
    early: frozenset[DiskState]


LEVELS: Final = (
    Level(10, 0.5, frozenset({"low", "full"})),
    Level(60, 0.65, frozenset({"low", "full"})),
    Level(3600, 0.8, frozenset({"full"})),
)
"""Windows of the contract. Half of a lane is a month of a usual store (docs/performance.md): before
that every fact is worth its room. Each level begins where the one before must have helped."""


def windows(filled: float, disk: DiskState) -> Sequence[int]:
    """By which windows a lane is rolled up now, the shortest first; `filled` of its limit."""
    return [level.window_s for level in LEVELS if filled > level.above or disk in level.early]
