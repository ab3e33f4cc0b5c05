"""Whether a lane takes one more fact: asked before each is recorded."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from edge_agent.storage.head import LaneHead
    from edge_agent.storage.unit import Tx


class Admission(Protocol):
    """Keeps a lane within its share of the disk.

    Called on the writer's thread, inside the unit of work that records the fact.
    """

    def admit(self, lane: "LaneHead", weight: int, tx: "Tx", *, physical: bool) -> None:
        """Let a fact in, or raise what the unit's caller is to hear.

        Args:
            lane: its counters before this fact; read only.
            weight: bytes of the fact on the wire (`head.weight`).
            tx: the unit of work; what is done with it goes with the unit.
            physical: it has happened in the world already (`Payload.PHYSICAL`), so that refusing
                it would be a lie.

        Raises:
            StorageError: the lane is full; nothing of the unit is kept, unless it says otherwise.
        """
        ...


class Unlimited:
    """Takes everything: for a log whose disk is somebody else's care."""

    def admit(self, lane: "LaneHead", weight: int, tx: "Tx", *, physical: bool) -> None:
        """Always."""
