"""Batches as they come in: each fact read by itself, so that one that cannot be stops no other."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from cloud_bridge.wire.batch import MalformedBatch, ReceivedFact, elements
from cloud_bridge.wire.envelope import UNREADABLE, Count, Event, Word


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The least by which a fact has its place in a lane."""

    source: Word
    lane: Word
    epoch: Count
    sequence: Count
    covers: Count | msgspec.UnsetType = msgspec.UNSET

    @property
    def first(self) -> int:
        """As `Event.first`."""
        return self.sequence if self.covers is msgspec.UNSET else self.covers


class _Chained(msgspec.Struct, frozen=True):
    id: Word
    data: msgspec.Raw


@dataclass(frozen=True, slots=True)
class Poison:
    """A fact that has its place and cannot be read.

    Attributes:
        id: its own, or one made of its place when that cannot be read either.
        data: for the chain hash; None when nobody can say.
    """

    head: Head
    id: str
    data: bytes | None
    raw: bytes
    reason: str


Arrived = ReceivedFact | Poison


def read_batch(wire: bytes) -> list[Arrived]:
    """What is in a payload, in order.

    Raises:
        MalformedBatch: it is no batch, or one of its elements has no place in any lane.
    """
    return [_read(raw) for raw in elements(wire)]


def _read(raw: bytes) -> Arrived:
    try:
        return ReceivedFact(msgspec.json.decode(raw, type=Event), raw)
    except UNREADABLE as err:
        return _poison(raw, str(err))


def _poison(raw: bytes, reason: str) -> Poison:
    try:
        head = msgspec.json.decode(raw, type=Head)
    except UNREADABLE as err:
        msg = f"not a JSON array of events: {reason}"
        raise MalformedBatch(msg) from err
    try:
        chained = msgspec.json.decode(raw, type=_Chained)
    except UNREADABLE:
        return Poison(head, f"{head.epoch}/{head.lane}/{head.sequence}", None, raw, reason)
    return Poison(head, chained.id, bytes(chained.data), raw, reason)


def place(fact: Arrived) -> Head | Event:
    """Where `fact` stands in its lane."""
    return fact.event if isinstance(fact, ReceivedFact) else fact.head


def identity(fact: Arrived) -> str:
    """The id of `fact`."""
    return fact.event.id if isinstance(fact, ReceivedFact) else fact.id


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that keeps the contract: one lane, epoch and source, no hole between its facts.

    Attributes:
        first: the first sequence that it has or stands for.
    """

    lane: str
    epoch: int
    source: str
    first: int
    facts: Sequence[Arrived]

    @property
    def last(self) -> int:
        """The sequence of its last fact."""
        return place(self.facts[-1]).sequence


def check_batch(lane: str, facts: Sequence[Arrived]) -> Batch:
    """`facts` of topic lane `lane` as a `Batch`.

    Raises:
        MalformedBatch: they are none; its text says why.
    """
    if not facts:
        msg = "a batch without facts"
        raise MalformedBatch(msg)
    head = place(facts[0])
    due = head.first
    for offset, fact in enumerate(facts):
        at = place(fact)
        if (at.lane, at.epoch, at.source) != (lane, head.epoch, head.source):
            msg = f"fact {offset} is of another lane, epoch or source than its batch"
            raise MalformedBatch(msg)
        if at.first != due or not 0 < at.first <= at.sequence:
            msg = f"fact {offset} has sequence {at.first}, {due} is due"
            raise MalformedBatch(msg)
        due = at.sequence + 1
    return Batch(lane, head.epoch, head.source, head.first, facts)
