"""The life of an order in the store."""

from datetime import datetime
from typing import ClassVar, Literal

from cloud_bridge.wire.envelope import Lane
from cloud_bridge.wire.facts import Payload

ArrivalBy = Literal["presence", "button", "pass"]
Proof = Literal["pass", "staff"]


class OrderPayload(Payload, frozen=True, kw_only=True):
    """Base: which order."""

    LANE: ClassVar[str] = Lane.PICKUP
    order: str


class Accepted(OrderPayload, frozen=True, kw_only=True):
    """The store took the order on; the answer to `PlaceOrder`."""

    TYPE: ClassVar[str] = "store.order.accepted.v1"


class Rejected(OrderPayload, frozen=True, kw_only=True):
    """The store cannot take the order on; the answer to `PlaceOrder`."""

    TYPE: ClassVar[str] = "store.order.rejected.v1"
    reason: str


class Cancelled(OrderPayload, frozen=True, kw_only=True):
    """The order ended unhanded; the answer to `CancelOrder`."""

    TYPE: ClassVar[str] = "store.order.cancelled.v1"
    reason: str


class CancelRefused(OrderPayload, frozen=True, kw_only=True):
    """The order could not be cancelled any more; the answer to `CancelOrder`."""

    TYPE: ClassVar[str] = "store.order.cancel_refused.v1"
    reason: str


class CommandUnsupported(Payload, frozen=True, kw_only=True):
    """The answer to a command that this version does not know."""

    TYPE: ClassVar[str] = "store.command.unsupported.v1"
    LANE: ClassVar[str] = Lane.PICKUP
    command: str
    sequence: int
    type: str


class PickingStarted(OrderPayload, frozen=True, kw_only=True):
    """A clerk began to collect the lines."""

    TYPE: ClassVar[str] = "store.pickup.picking_started.v1"


class Picked(OrderPayload, frozen=True, kw_only=True):
    """All lines are in the bag."""

    TYPE: ClassVar[str] = "store.pickup.picked.v1"


class Ready(OrderPayload, frozen=True, kw_only=True):
    """The bag lies where it will be handed over: a compartment, or the desk (both None)."""

    TYPE: ClassVar[str] = "store.pickup.ready.v1"
    bank: str | None
    compartment: int | None
    collect_by: datetime


class Arrived(OrderPayload, frozen=True, kw_only=True):
    """The customer is believed to be here."""

    TYPE: ClassVar[str] = "store.pickup.arrived.v1"
    by: ArrivalBy


class Verified(OrderPayload, frozen=True, kw_only=True):
    """The pickup pass was checked and found good, at a bank or at the desk."""

    TYPE: ClassVar[str] = "store.pickup.verified.v1"
    proof: Proof
    at: str


class DoorOpened(OrderPayload, frozen=True, kw_only=True):
    """The compartment's own sensor says that its door is open after our command."""

    TYPE: ClassVar[str] = "store.pickup.door_opened.v1"
    PHYSICAL: ClassVar[bool] = True
    bank: str
    compartment: int
    command: str


class OpeningFailed(OrderPayload, frozen=True, kw_only=True):
    """The door did not open, or the command came too late; the order is unreleased."""

    TYPE: ClassVar[str] = "store.pickup.opening_failed.v1"
    PHYSICAL: ClassVar[bool] = True
    bank: str
    compartment: int
    command: str
    reason: str


class Collected(OrderPayload, frozen=True, kw_only=True):
    """The goods left with the customer.

    Attributes:
        evidence: what the store saw, in order, such as ``pass_verified``, ``door_opened``,
            ``goods_taken``, ``door_closed``, ``staff_confirmed``.
        lines: units by GTIN.
    """

    TYPE: ClassVar[str] = "store.pickup.collected.v1"
    PHYSICAL: ClassVar[bool] = True
    evidence: list[str]
    lines: dict[str, int]


class DoorOpenedUnasked(Payload, frozen=True, kw_only=True):
    """A compartment opened without a command of ours. Never counts as collected."""

    TYPE: ClassVar[str] = "store.locker.opened_unasked.v1"
    LANE: ClassVar[str] = Lane.RECORD
    bank: str
    compartment: int
    order: str | None
