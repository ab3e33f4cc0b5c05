"""A store in memory, with the promises of the real log and inbox."""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import msgspec

from cloud_bridge.link import InboxPositions
from cloud_bridge.wire.digests import Buckets, bucket_of, digest
from cloud_bridge.wire.envelope import EMPTY_HASH, Command, Lane, chain_hash
from cloud_bridge.wire.messages import Delta, PersonKey

START = datetime(2026, 11, 22, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Moment:
    wall: datetime
    monotonic: float


class LoopClock:
    """The event loop's own time."""

    def now(self) -> Moment:
        seconds = asyncio.get_running_loop().time()
        return Moment(START + timedelta(seconds=seconds), seconds)


@dataclass(frozen=True)
class FakeFact:
    id: str
    type: str
    lane: str
    epoch: int
    sequence: int
    subject: str
    data: bytes
    time: datetime = START
    boot: str = "boot-1"
    monotonic: float = 0.0
    clock_quality: str = "synced"
    covers: int | None = None


@dataclass(frozen=True)
class FakeLane:
    next_sequence: int = 1
    cursor: int = 0
    hash: str = EMPTY_HASH


@dataclass
class FakeLog:
    """The log as durable state: copy it to back it up, put the copy in its place to restore it."""

    epoch: int = 0
    lanes: dict[str, FakeLane] = field(
        default_factory=lambda: {str(lane): FakeLane() for lane in Lane}
    )
    facts: list[FakeFact] = field(default_factory=list)
    recorded: int = 0

    def record(
        self,
        lane: str,
        *,
        kind: str = "test.happened.v1",
        subject: str = "things/1",
        data: bytes = b"{}",
    ) -> str:
        head = self.lanes[lane]
        fact_id = str(uuid.uuid4())
        self.facts.append(
            FakeFact(fact_id, kind, lane, self.epoch, head.next_sequence, subject, data)
        )
        chain = chain_hash(head.hash, fact_id, data)
        self.lanes[lane] = FakeLane(head.next_sequence + 1, head.cursor, chain)
        self.recorded += 1
        return fact_id

    def waiting(self, lane: str, above: int, limit: int) -> list[FakeFact]:
        found = [fact for fact in self.facts if fact.lane == lane and fact.sequence > above]
        return found[:limit]

    def acknowledge(self, epoch: int, cursors: Mapping[str, int]) -> None:
        if epoch != self.epoch:
            return
        for lane, cursor in cursors.items():
            head = self.lanes[lane]
            assert cursor < head.next_sequence, "the hub acknowledged what was never recorded"
            self.lanes[lane] = replace(head, cursor=max(cursor, head.cursor))
        self.facts = [f for f in self.facts if f.sequence > self.lanes[f.lane].cursor]

    def renumber(self, epoch: int) -> None:
        assert epoch > self.epoch
        waiting, self.facts, self.epoch = self.facts, [], epoch
        self.lanes = {str(lane): FakeLane() for lane in Lane}
        for fact in waiting:
            head = self.lanes[fact.lane]
            self.facts.append(replace(fact, epoch=epoch, sequence=head.next_sequence))
            chain = chain_hash(head.hash, fact.id, fact.data)
            self.lanes[fact.lane] = FakeLane(head.next_sequence + 1, 0, chain)


class FakeOutbox:
    """`FakeLog` behind the link's `Outbox`."""

    def __init__(self) -> None:
        self.log = FakeLog()
        self._grown = asyncio.Condition()

    async def record(self, lane: str, count: int = 1, *, data: bytes = b"{}") -> list[str]:
        ids = [self.log.record(lane, data=data) for _ in range(count)]
        async with self._grown:
            self._grown.notify_all()
        return ids

    async def state(self) -> FakeLog:
        return replace(self.log, lanes=dict(self.log.lanes), facts=list(self.log.facts))

    async def waiting(
        self, lane: str, above: int, limit: int, max_bytes: int
    ) -> Sequence[FakeFact]:
        return self.log.waiting(lane, above, min(limit, max(1, max_bytes // 500)))

    async def handed(self, lane: str, last: int) -> None:
        """Nothing is ever rolled up here."""

    async def acknowledge(self, epoch: int, cursors: Mapping[str, int]) -> None:
        self.log.acknowledge(epoch, cursors)

    async def renumber(self, epoch: int) -> None:
        self.log.renumber(epoch)

    async def beyond(self, position: int) -> int:
        async with self._grown:
            await self._grown.wait_for(lambda: self.log.recorded > position)
        return self.log.recorded


@dataclass
class FakeInbox:
    """Keeps what came down, and refuses, as the real one, what is not next."""

    commands: list[Command] = field(default_factory=list)
    streams: dict[str, int] = field(default_factory=dict)
    items: dict[str, dict[str, bytes]] = field(default_factory=dict)
    snapshots: int = 0
    received: int = 0
    deltas: int = 0

    async def positions(self) -> InboxPositions:
        last = self.commands[-1].sequence if self.commands else 0
        digests = {stream: digest(self._held(stream)) for stream in self.streams}
        return InboxPositions(last, dict(self.streams), digests)

    def _held(self, stream: str) -> Buckets:
        return Buckets.of(self.items.get(stream, {}).items())

    async def buckets(self, stream: str) -> Sequence[str]:
        return self._held(stream).hashes

    async def command(self, command: Command) -> None:
        assert command.sequence == (await self.positions()).commands + 1
        self.commands.append(command)

    async def delta(self, delta: Delta) -> None:
        assert delta.version == self.streams.get(delta.stream, 0) + 1
        self.deltas += 1
        self.streams[delta.stream] = delta.version
        items = self.items.setdefault(delta.stream, {})
        for change in delta.changes:
            if change.removes:
                items.pop(change.key, None)
            else:
                items[change.key] = bytes(change.item)

    async def snapshot(
        self,
        stream: str,
        version: int,
        items: Sequence[msgspec.Raw],
        buckets: Sequence[int] | None = None,
    ) -> None:
        self.snapshots += 1
        self.streams[stream] = version
        kept = {
            key: item
            for key, item in self.items.get(stream, {}).items()
            if buckets is not None and bucket_of(key) not in buckets
        }
        self.received = len(items)
        self.items[stream] = kept | {msgspec.json.decode(item)["id"]: bytes(item) for item in items}


@dataclass
class FakeKeyring:
    """Keys in memory; each is told once, whatever the epoch."""

    keys: dict[str, bytes] = field(default_factory=dict)
    told_ids: set[str] = field(default_factory=set)
    minted: int = 0

    async def untold(self, limit: int) -> Sequence[PersonKey]:
        untold = [each for each in self.keys if each not in self.told_ids]
        return [PersonKey(id=each, key=self.keys[each]) for each in untold[:limit]]

    async def told(self, keys: Sequence[str]) -> None:
        self.told_ids.update(keys)
