"""What a fact is before and after the log has taken it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, NamedTuple, Protocol


class ClockQuality(StrEnum):
    """How far the wall time of a fact can be trusted (contract, "Envelope")."""

    SYNCED = "synced"
    SAVED = "saved"
    UNSET = "unset"


class Seal(StrEnum):
    """How it stands with what a recorded fact says about a person (`wire.sealing`).

    Attributes:
        NONE: it says nothing that is sealed.
        OPENED: it was sealed, and is open in this copy.
        CLOSED: it is sealed; once the person's key is destroyed, for ever.
    """

    NONE = "none"
    OPENED = "opened"
    CLOSED = "closed"


class FactData(Protocol):
    """The payload of a fact: a struct of `cloud_bridge.wire.facts`, naming type and lane."""

    TYPE: ClassVar[str]
    LANE: ClassVar[str]
    PHYSICAL: ClassVar[bool]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened, as a decision returns it.

    Attributes:
        subject: the thing it happened to, such as ``orders/W-1042``.
        data: the payload; its class names the fact's type and lane.
    """

    subject: str
    data: FactData


class RecordedFact(NamedTuple):
    """A fact in the log.

    Attributes:
        position: its place over all lanes, growing, not contiguous.
        sequence: its place in its lane within the epoch, contiguous from 1.
        epoch: granted by the hub; 0 until the first grant.
        monotonic: seconds since boot when it was recorded, comparable within `boot` only.
        data: the payload as JSON.
        seal: whether what it says about a person is sealed in `data`.
        covers: set where it stands for several facts that are gone: the first of their sequences.
    """

    position: int
    id: str
    type: str
    lane: str
    epoch: int
    sequence: int
    subject: str
    time: datetime
    boot: str
    monotonic: float
    clock_quality: ClockQuality
    data: bytes
    seal: Seal = Seal.NONE
    covers: int | None = None
