"""Orders as the hub knows them."""

from enum import StrEnum

import msgspec

from cloud_bridge.wire.streams.orders import OrderLine


class State(StrEnum):
    """How far an order is, as the newest fact about it says."""

    PLACED = "placed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PICKING = "picking"
    READY = "ready"
    ARRIVED = "arrived"
    COLLECTED = "collected"
    CANCELLED = "cancelled"
    CANCEL_REFUSED = "cancel_refused"


ENDED = frozenset({State.REJECTED, State.COLLECTED, State.CANCELLED})
"""States that no later fact changes."""


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """An order as the pages show it."""

    store: str
    order: str
    state: str
    collector: str
    lines: list[OrderLine]
    placed_at: str
    updated_at: str
    reason: str | None
    evidence: list[str] | None
