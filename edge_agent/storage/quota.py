"""How many bytes each lane may hold, and what is done at the limit (contract, "Up: facts, once").

Judged by the lane's own counter of what waits, so it costs a comparison. What the hub has, and what
is kept to be looked at, is bounded elsewhere (`cursors.RECENT`, `dispatcher.MOST_PARKED`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from cloud_bridge.wire.envelope import ROLLABLE, Lane
from edge_agent.storage.errors import DiskFull, LaneFull
from edge_agent.storage.head import LaneHead
from edge_agent.storage.relief import Relief
from edge_agent.storage.unit import Tx

RESERVE_PERCENT: Final = 10
"""Of a lane, for what has happened in the world and for lane `record` (contract): at the rates of a
usual week (facts/sync.md), more than a day of doors, sales and handovers after people's requests
are refused already."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Of one lane, in bytes on the wire before compression.

    Attributes:
        whole: nothing waits beyond it.
        plain: what people ask for is refused beyond it.
    """

    whole: int

    @property
    def plain(self) -> int:
        """`whole` without the reserve."""
        return self.whole * (100 - RESERVE_PERCENT) // 100


def limits_of(total: int, shares: Mapping[str, int]) -> Mapping[str, Limit]:
    """The limits of the lanes, of `total` bytes by `shares` in percent."""
    return {lane: Limit(total * percent // 100) for lane, percent in shares.items()}


class Quota:
    """The `Admission` of a store: refuses, or makes room."""

    def __init__(
        self,
        limits: Mapping[str, Limit],
        relief: Relief,
        *,
        make_room: Callable[[Tx, str, int], object],
    ) -> None:
        """Bound each lane that `limits` names.

        Args:
            limits: by lane.
            relief: knows whether the disk is full.
            make_room: `make_room(tx, lane, size)` drops the oldest of a lane that may be rolled up,
                about `size` bytes of it, and counts the loss.
        """
        self._limits = limits
        self._relief = relief
        self._make_room = make_room

    def admit(self, lane: LaneHead, weight: int, tx: Tx, *, physical: bool) -> None:
        """Let the fact in while the lane has room; see `Admission.admit`.

        A lane that may be rolled up loses its oldest facts instead of refusing; where all of them
        are out of reach (handed to the link, not dispatched yet) it grows past its limit.

        Raises:
            LaneFull: the lane may hold no more of this kind.
            DiskFull: the disk may.
        """
        happened = physical or lane.lane == Lane.RECORD
        if self._relief.emergency and not happened and lane.lane not in ROLLABLE:
            raise DiskFull  # what the ballast gave is the upkeep's, to make room by
        limit = self._limits.get(lane.lane)
        if limit is None or (size := lane.waiting_bytes + weight) <= limit.plain:
            return
        if lane.lane in ROLLABLE:
            if size > limit.whole:
                self._make_room(tx, lane.lane, size - limit.plain)
        elif size > (limit.whole if happened else limit.plain):
            raise LaneFull(lane.lane)
