"""What a gateway has on its disk: the log, and how far it is with what comes down.

The promises of `edge_agent.storage` and `edge_agent.inbox`, in a hundred lines.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec

from cloud_bridge.link import InboxPositions
from cloud_bridge.link.downlink import Replace
from cloud_bridge.wire.digests import Buckets, bucket_of, digest
from cloud_bridge.wire.envelope import EMPTY_HASH, Command, Lane, chain_hash
from cloud_bridge.wire.messages import Delta
from tests.faults.simulation.world import START, Violation

KIND = "test.happened.v1"

POISON = "test.poison.v1"
"""A fact that the hub cannot take."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A recorded fact; `count` says how many happenings it stands for."""

    id: str
    lane: str
    epoch: int
    sequence: int
    count: int
    kind: str = KIND
    covers: int | None = None

    @property
    def first(self) -> int:
        return self.sequence if self.covers is None else self.covers

    @property
    def data(self) -> bytes:
        return b'{"count":%d}' % self.count


@dataclass
class LaneLog:
    next_sequence: int = 1
    cursor: int = 0
    hash: str = EMPTY_HASH
    handed: int = 0
    facts: list[Fact] = field(default_factory=list)

    def append(self, fact: Fact) -> None:
        self.facts.append(fact)
        self.next_sequence = fact.sequence + 1
        before = self.hash if fact.covers is None else EMPTY_HASH
        self.hash = chain_hash(before, fact.id, fact.data)


@dataclass
class Disk:
    """Copy it to back it up; put the copy in its place to restore it."""

    epoch: int = 0
    lanes: dict[str, LaneLog] = field(
        default_factory=lambda: {str(lane): LaneLog() for lane in Lane}
    )
    commands: list[str] = field(default_factory=list)
    command_cursor: int = 0
    versions: dict[str, int] = field(default_factory=dict)
    items: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def record(self, lane: str, fact_id: str, kind: str = KIND) -> None:
        log = self.lanes[lane]
        log.append(Fact(fact_id, lane, self.epoch, log.next_sequence, 1, kind))

    @property
    def waiting(self) -> list[Fact]:
        return [fact for log in self.lanes.values() for fact in log.facts]

    def next_batch(self, lane: str, above: int, limit: int) -> list[Fact]:
        return [fact for fact in self.lanes[lane].facts if fact.sequence > above][:limit]

    def hand(self, lane: str, last: int) -> None:
        log = self.lanes[lane]
        log.handed = max(log.handed, last)

    def acknowledge(self, epoch: int, cursors: Mapping[str, int]) -> None:
        if epoch != self.epoch:
            return
        for lane, cursor in cursors.items():
            log = self.lanes[lane]
            if cursor >= log.next_sequence:
                msg = f"{lane} {cursor} was acknowledged and never recorded"
                raise Violation(msg)
            log.cursor = max(log.cursor, cursor)
            log.facts = [fact for fact in log.facts if fact.sequence > log.cursor]

    def renumber(self, epoch: int) -> None:
        self.epoch = epoch
        for lane, old in self.lanes.items():
            new = LaneLog(handed=max(0, old.handed - old.cursor))
            for fact in old.facts:
                covers = None if fact.covers is None else fact.covers - old.cursor
                sequence = fact.sequence - old.cursor
                new.append(replace(fact, epoch=epoch, sequence=sequence, covers=covers))
            self.lanes[lane] = new

    def set_apart(self) -> None:
        """It was restored: what waits may be at the hub, and is never summed up."""
        for log in self.lanes.values():
            log.handed = log.next_sequence - 1

    def roll_up(self, lane: str, fact_id: str) -> tuple[str, ...]:
        """What was not handed over becomes one fact that stands for it; the ids of what did."""
        log = self.lanes[lane]
        summed = [fact for fact in log.facts if fact.first > log.handed]
        if len(summed) < 2:
            return ()
        kept = log.facts[: len(log.facts) - len(summed)]
        count = sum(fact.count for fact in summed)
        last, first = summed[-1].sequence, summed[0].first
        log.facts = kept
        log.append(Fact(fact_id, lane, self.epoch, last, count, covers=first))
        return tuple(fact.id for fact in summed)

    # What comes down

    def positions(self) -> InboxPositions:
        digests = {stream: digest(self.buckets(stream)) for stream in self.versions}
        return InboxPositions(self.command_cursor, dict(self.versions), digests)

    def buckets(self, stream: str) -> Buckets:
        return Buckets.of(self.items.get(stream, {}).items())

    def carry_out(self, command: Command) -> None:
        self.commands.append(command.id)

    def apply(self, delta: Delta) -> None:
        items = self.items.setdefault(delta.stream, {})
        for change in delta.changes:
            if change.removes:
                items.pop(change.key, None)
            else:
                items[change.key] = bytes(change.item)
        self.versions[delta.stream] = delta.version

    def replace(self, step: Replace) -> None:
        kept = {
            key: item
            for key, item in self.items.get(step.stream, {}).items()
            if step.buckets is not None and bucket_of(key) not in step.buckets
        }
        come = {msgspec.json.decode(each)["id"]: bytes(each) for each in step.items}
        self.items[step.stream] = kept | come
        self.versions[step.stream] = step.version

    def mislay(self, stream: str) -> None:
        """An item goes astray, and nobody says so."""
        if items := self.items.get(stream):
            items.popitem()


@dataclass(frozen=True, slots=True)
class Head:
    """`link.ports.LaneState`, as of now."""

    next_sequence: int
    cursor: int
    hash: str


def heads(disk: Disk) -> dict[str, Head]:
    return {lane: Head(log.next_sequence, log.cursor, log.hash) for lane, log in disk.lanes.items()}


RECORDED_AT: datetime = START
