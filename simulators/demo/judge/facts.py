"""Whether the hub has every fact of the store exactly once, and unaltered.

The agent has deleted what the hub acknowledged; what it still knows is how many facts each lane
had, their chain hash, and what waits. The hub has the facts. Recomputing the hash from them tells
whether they are those that the agent recorded.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec


class _Envelope(msgspec.Struct):
    """The parts of a CloudEvent that are hashed; `data` keeps its bytes."""

    id: str
    data: msgspec.Raw


Facts = dict[int, tuple[str, bytes]]
"""Id and data by sequence, in one lane and epoch."""


@dataclass(frozen=True, slots=True)
class LaneAccount:
    """What the agent's database says of one lane."""

    lane: str
    next_sequence: int
    cursor: int
    hash: str
    recorded: int
    acknowledged: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A fact in the agent's log that the hub has not acknowledged."""

    lane: str
    sequence: int
    id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of the hub's table of facts; `raw` is the event as it came."""

    epoch: int
    lane: str
    sequence: int
    raw: bytes

    @property
    def envelope(self) -> _Envelope:
        """Id and data as they stand in the raw event."""
        return msgspec.json.decode(self.raw, type=_Envelope)

    @property
    def event(self) -> Mapping[str, Any]:
        """The whole event."""
        return dict(msgspec.json.decode(self.raw))


@dataclass(frozen=True, slots=True)
class FactsAccount:
    """The comparison; `altered` names the lanes whose facts are not those that were recorded."""

    recorded: int
    acknowledged: int
    lost: int
    doubled: int
    altered: tuple[str, ...]


def compare(
    epoch: int,
    lanes: Sequence[LaneAccount],
    waiting: Sequence[Waiting],
    stored: Sequence[Stored],
) -> FactsAccount:
    """Compare the agent's lanes with the hub's facts.

    Args:
        epoch: the one that the agent numbers its facts in.
        lanes: of the agent.
        waiting: of the agent, above the lanes' cursors.
        stored: all facts of the store at the hub, whatever epoch.
    """
    lost = doubled = 0
    altered: list[str] = []
    for lane in lanes:
        now = [row for row in stored if row.lane == lane.lane and row.epoch == epoch]
        before = [row for row in stored if row.lane == lane.lane and row.epoch != epoch]
        rest = [fact for fact in waiting if fact.lane == lane.lane]
        facts = _sequence(lane, now, before, rest)
        missing = _missing(lane, facts, before)
        again = _again(lane, [*before, *now], now)
        lost += missing
        doubled += again
        if not missing and not again and _chain(facts) != lane.hash:
            altered.append(lane.lane)
    return FactsAccount(
        recorded=sum(lane.recorded for lane in lanes),
        acknowledged=sum(lane.acknowledged for lane in lanes),
        lost=lost,
        doubled=doubled,
        altered=tuple(altered),
    )


def _sequence(
    lane: LaneAccount, now: Sequence[Stored], before: Sequence[Stored], rest: Sequence[Waiting]
) -> Facts:
    """The lane's facts in the agent's epoch.

    What the hub had when the epoch was granted, though the agent did not know it, was numbered
    anew from 1 and handed over again, and kept its old row: those are the newest of `before`.
    """
    facts = {fact.sequence: (fact.id, fact.data) for fact in rest}
    facts |= {row.sequence: (row.envelope.id, bytes(row.envelope.data)) for row in now}
    handed_again = min(facts, default=lane.next_sequence) - 1
    older = sorted(before, key=lambda row: (row.epoch, row.sequence))
    for number, row in enumerate(older[len(older) - handed_again :], start=1):
        facts[number] = (row.envelope.id, bytes(row.envelope.data))
    return facts


def _missing(lane: LaneAccount, facts: Facts, before: Sequence[Stored]) -> int:
    gaps = len(set(range(1, lane.next_sequence)) - facts.keys())
    known = {row.envelope.id for row in before} | {fact_id for fact_id, _ in facts.values()}
    return max(gaps, lane.recorded - len(known))


def _again(lane: LaneAccount, rows: Sequence[Stored], now: Sequence[Stored]) -> int:
    repeated = sum(times - 1 for times in Counter(row.envelope.id for row in rows).values())
    invented = sum(not 1 <= row.sequence < lane.next_sequence for row in now)
    return max(repeated, invented)


def _chain(facts: Facts) -> str:
    """SHA-256 over the hash before, the id and the data, fact by fact (contract, "hello")."""
    running = ""
    for sequence in sorted(facts):
        fact_id, data = facts[sequence]
        running = hashlib.sha256(b"\n".join((running.encode(), fact_id.encode(), data))).hexdigest()
    return running
