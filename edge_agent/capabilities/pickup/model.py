"""Orders, the places where their bags wait, and the openings of doors."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Literal, Protocol

from cloud_bridge.wire.facts.pickup import ArrivalBy
from edge_agent.devices.messages import Door
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import Fact
from edge_agent.storage.reads import Reads

ORDER_ID = r"^[A-Za-z0-9._-]{1,64}$"
"""What can stand in a path, on a label and in a pass."""


class State(StrEnum):
    """Where an order stands (docs/concepts/pickup.md)."""

    ACCEPTED = "accepted"
    PICKING = "picking"
    PICKED = "picked"
    STAGING = "staging"
    READY = "ready"
    ARRIVED = "arrived"
    OPENING = "opening"
    OPEN = "open"
    COLLECTED = "collected"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


class Event(StrEnum):
    """What can happen to an order."""

    START_PICKING = "start_picking"
    FINISH_PICKING = "finish_picking"
    STAGE_AT_DESK = "stage_at_desk"
    STAGE_IN_LOCKER = "stage_in_locker"
    ARRIVE = "arrive"
    OPEN = "open"
    HAND_OVER = "hand_over"
    REMOVE = "remove"
    CANCEL = "cancel"
    DOOR_OPENED = "door_opened"
    CLOSED_ON_GOODS = "closed_on_goods"
    CLOSED_ON_NOTHING = "closed_on_nothing"
    OPENING_FAILED = "opening_failed"


class Problem(StrEnum):
    """What staff must see to; pages say it in words, with what happens next."""

    DOOR_DID_NOT_OPEN = "door_did_not_open"
    OPENED_TOO_LATE = "opened_too_late"
    LOCKER_SILENT = "locker_silent"
    GOODS_LEFT_INSIDE = "goods_left_inside"
    COMPARTMENT_EMPTY = "compartment_empty"
    DOOR_LEFT_OPEN = "door_left_open"
    OPENED_UNASKED = "opened_unasked"
    TAKE_OUT_CANCELLED = "take_out_cancelled"


class Purpose(StrEnum):
    """Why a door is opened."""

    STAGE = "stage"
    COLLECT = "collect"
    REMOVE = "remove"


class OpeningState(StrEnum):
    """How far an opening has come."""

    PENDING = "pending"
    OPENED = "opened"
    ENDED = "ended"
    FAILED = "failed"


class Size(IntEnum):
    """How much a compartment takes, smallest first."""

    S = 1
    M = 2
    L = 3


@dataclass(frozen=True, slots=True)
class Compartment:
    """One door of a bank; `number` from 1, as printed on it."""

    bank: str
    number: int


@dataclass(frozen=True, slots=True)
class Desk:
    """The shelf behind the pickup desk; staff hand over from it."""


Slot = Compartment | Desk


@dataclass(frozen=True, slots=True)
class Box:
    """A compartment and what it takes."""

    place: Compartment
    size: Size = Size.M


@dataclass(frozen=True, slots=True)
class Reading:
    """The last that a compartment's sensors said; `occupied` None: no sensor, or not known."""

    door: Door = Door.UNKNOWN
    occupied: bool | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An article and how many of it; `name` by language code."""

    gtin: str
    quantity: int
    name: Mapping[str, str]
    size: str


@dataclass(frozen=True, slots=True)
class Order:
    """An order as the store holds it.

    Attributes:
        shopper: the pseudonym, where the customer has joined.
        collector, phone_last4: of the person, emptied some days after the order's end.
        slot: where the bag lies, or a compartment that is held for it.
        collect_by: until when it is kept; the pass is good as long.
        pass_id: what a good pass must carry; new whenever the order becomes ready.
        evidence: what was seen of the handover, in order.
    """

    id: str
    state: State
    shopper: str | None
    collector: str
    phone_last4: str
    language: str
    lines: tuple[Line, ...]
    placed_at: datetime
    collect_by: datetime
    slot: Slot | None = None
    arrived_at: datetime | None = None
    arrived_by: ArrivalBy | None = None
    ended_at: datetime | None = None
    pass_id: str | None = None
    evidence: tuple[str, ...] = ()
    problem: Problem | None = None
    reason: str = ""

    def units(self) -> dict[str, int]:
        """How many of each article, by GTIN."""
        units: dict[str, int] = {}
        for line in self.lines:
            units[line.gtin] = units.get(line.gtin, 0) + line.quantity
        return units


@dataclass(frozen=True, slots=True)
class Opening:
    """A door that is to be opened: a deed with a key and an end.

    Attributes:
        key: the command id on the device bus; the adapter carries it out at most once for ever.
        boot: of the process that decided it; its monotonic times mean nothing to another.
        not_after: later than this the door is not opened at all.
    """

    key: str
    order: str
    place: Compartment
    purpose: Purpose
    boot: str
    decided_at: Instant
    not_after: Instant
    state: OpeningState = OpeningState.PENDING
    opened_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The order afterwards, what is to be recorded, and the opening that began or moved."""

    order: Order
    facts: tuple[Fact, ...] = ()
    opening: Opening | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The store's rules, in seconds.

    Attributes:
        hold_s: how long a ready order waits at most, whatever the cloud allows.
        open_within_s: an unlock later than this is not done at all: the person may have gone.
        close_reminder_s: a door that is open this long is a task for staff.
        forget_after_s: how long after an order's end the collector's name is kept: three days,
            within which somebody comes back with a question.
    """

    hold_s: float = 259_200.0
    open_within_s: float = 20.0
    close_reminder_s: float = 60.0
    forget_after_s: float = 259_200.0


@dataclass(frozen=True, slots=True)
class AtDoor:
    """Where to go: a compartment whose door is being opened."""

    order: str
    bank: str
    compartment: int


@dataclass(frozen=True, slots=True)
class AtDesk:
    """Where to go: the desk."""

    order: str
    desk: Literal[True] = True


class Doors(Protocol):
    """The banks of lockers."""

    def present(self, bank: str, /) -> bool:
        """Whether the bank's adapter is on the device bus now."""
        ...

    async def unlock(
        self, bank: str, compartment: int, command_id: str, not_after: Instant
    ) -> None:
        """Ask for a door to be opened; safe to repeat under the same `command_id`.

        Returning proves nothing; only the sensors do.

        Raises:
            AisleError: the bank cannot be reached; nothing was done.
        """
        ...


class Withheld(Protocol):
    """Whether the store may hand anything over."""

    def __call__(self, reads: Reads, /) -> bool:
        """True while it runs on a restored database, whose orders may have ended since."""
        ...
