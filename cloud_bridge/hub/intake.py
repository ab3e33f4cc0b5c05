"""What a store says, into the database, and what it is answered after the commit."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import msgspec
import structlog

from cloud_bridge.hub import commands, epochs, people, streams, told
from cloud_bridge.hub.affecting import Effect
from cloud_bridge.hub.clock import Clock, stamp
from cloud_bridge.hub.database import Database, Tx, Unacceptable
from cloud_bridge.hub.ingest import ingest, take_keys
from cloud_bridge.hub.pace import Pace
from cloud_bridge.hub.quarantine import QuarantineFull
from cloud_bridge.hub.reading import Batch, check_batch, read_batch
from cloud_bridge.hub.rooms.orders import store as orders
from cloud_bridge.hub.snapshots import Snapshots
from cloud_bridge.wire.batch import MOST_WIRE_BYTES, MalformedBatch, ReceivedFact
from cloud_bridge.wire.digests import BadBuckets, Buckets
from cloud_bridge.wire.envelope import UNREADABLE
from cloud_bridge.wire.facts.shoppers import Left
from cloud_bridge.wire.messages import ORDERS, PEOPLE, Ack, Ask, Hello, LaneAck, Status, Taken
from cloud_bridge.wire.topics import FromStore

ACK = "ack"

log = structlog.get_logger("hub")


@dataclass(slots=True)
class Reply:
    """What goes down to the store: (stream, payload) each; `behind` when there may be more."""

    messages: list[tuple[str, bytes]] = field(default_factory=list)
    behind: bool = False

    @classmethod
    def of(cls, ack: Ack) -> "Reply":
        """One acknowledgement."""
        return cls([(ACK, msgspec.json.encode(ack))])


class Intake:
    """One per worker; takes any number of messages at once.

    Each raises `Unavailable` when the database cannot be had: the same message is then to be taken
    again, and acknowledged to nobody before.
    """

    def __init__(
        self,
        database: Database,
        effects: Mapping[str, Effect],
        clock: Clock,
        snapshots: Snapshots,
    ) -> None:
        self.pace = Pace()
        self._database, self._effects, self._clock = database, effects, clock
        self._snapshots = snapshots
        self._scrub_due = True  # a crash may have left in the WAL what was deleted

    async def take(self, source: FromStore, payload: bytes) -> Reply:
        """One message; what cannot be read is refused with its reason, to the store."""
        try:
            return await self._dispatch(source, payload)
        except (MalformedBatch, BadBuckets, QuarantineFull, Unacceptable, *UNREADABLE) as err:
            log.warning("hub.malformed", store=source.store, kind=source.kind, reason=str(err))
            return await self._refusal(source, str(err)[:500])

    async def asks_hello(self, store: str) -> Reply:
        """The question for a hello: we may have missed something."""
        known = await self._known(store)
        return Reply.of(Ack(epoch=known.epoch, hello=True))

    async def _refusal(self, source: FromStore, reason: str) -> Reply:
        known = await self._known(source.store)
        lanes: dict[str, LaneAck] = {}
        if source.lane is not None:
            position = known.lanes.get(source.lane)
            lanes[source.lane] = LaneAck(cursor=position.sequence if position else 0)
        return Reply.of(Ack(epoch=known.epoch, lanes=lanes, refused=reason))

    async def _dispatch(self, source: FromStore, payload: bytes) -> Reply:
        if len(payload) > MOST_WIRE_BYTES:
            msg = f"{len(payload)} bytes on the wire, at most {MOST_WIRE_BYTES} are allowed"
            raise MalformedBatch(msg)
        match source:
            case FromStore(store, "up", str(lane)):
                return await self._facts(store, check_batch(lane, read_batch(payload)))
            case FromStore(store, "hello"):
                return await self._hello(store, msgspec.json.decode(payload, type=Hello))
            case FromStore(store, "ask"):
                return await self._ask(store, msgspec.json.decode(payload, type=Ask))
            case FromStore(store):  # status, the last of `topics.hub_filters`
                status = msgspec.json.decode(payload, type=Status)
                now = self._now()
                await self._database.run(lambda tx: epochs.take_status(tx, store, status, now))
                return Reply()

    async def _facts(self, store: str, batch: Batch) -> Reply:
        now, taken = self._now(), 0
        monotonic = asyncio.get_running_loop().time
        self.pace.begin(monotonic())
        try:
            ack = await self._database.run(lambda tx: ingest(tx, store, batch, now, self._effects))
            taken = 0 if ack.fenced or ack.hello else len(batch.facts)
        finally:
            rate = self.pace.end(store, taken, monotonic())
        await self._scrub(batch)
        return Reply.of(msgspec.structs.replace(ack, rate=rate))

    async def _scrub(self, batch: Batch) -> None:
        left = any(
            isinstance(fact, ReceivedFact) and fact.event.type == Left.TYPE for fact in batch.facts
        )
        if self._scrub_due or left:
            self._scrub_due = not await self._database.scrub()

    async def _hello(self, store: str, hello: Hello) -> Reply:
        moment = self._clock()
        now = stamp(moment)

        async def work(tx: Tx) -> Ack:
            ack = await epochs.answer_hello(tx, store, hello, now)
            if ack.answers and not ack.fenced:
                await commands.fill(tx, store, hello.commands, moment)
                await told.begin(tx, store, hello)
            return ack

        ack = await self._database.run(work)
        log.info("hub.hello", store=store, gateway=hello.gateway, epoch=ack.epoch,
                 granted=ack.granted, fenced=ack.fenced, doubtful=ack.hello)  # fmt: skip
        reply = Reply.of(ack)
        reply.behind = not (ack.fenced or ack.hello)
        return reply

    async def _ask(self, store: str, ask: Ask) -> Reply:
        known = await self._known(store)
        if not known.session:  # who asks was deposed, or is new to a hub that was restored
            return await self.asks_hello(store)
        if ask.stream == PEOPLE:
            return await self._keys(store, ask)
        if ask.stream == ORDERS:
            standings = await self._database.read(lambda tx: orders.standings(tx, store, ask))
            return Reply([(ORDERS, msgspec.json.encode(standings))])
        return await self._stream(store, ask)

    async def _stream(self, store: str, ask: Ask) -> Reply:
        theirs = Buckets.read(ask.buckets) if ask.buckets else None

        async def look(tx: Tx) -> list[bytes]:
            if theirs is not None:
                piece = partial(streams.differing, version=ask.version, number=ask.chunk)
                return [await piece(tx, store, ask.stream, theirs, kept=self._snapshots)]
            if ask.version is None:
                return await streams.missing(tx, store, ask.stream, ask.above, self._snapshots)
            piece = partial(streams.chunk, version=ask.version, number=ask.chunk)
            return [await piece(tx, store, ask.stream, kept=self._snapshots)]

        found = await self._database.read(look)
        return Reply([(ask.stream, payload) for payload in found])

    async def _keys(self, store: str, ask: Ask) -> Reply:
        now = self._now()

        async def work(tx: Tx) -> list[str]:
            await take_keys(tx, store, ask.keys, now, self._effects)
            return await people.departed(tx, store, ask.keys)

        left = await self._database.run(work)
        taken = Taken(stream=PEOPLE, answers=ask.id, keys=[each.id for each in ask.keys], left=left)
        return Reply([(PEOPLE, msgspec.json.encode(taken))])

    async def _known(self, store: str) -> epochs.Known:
        now = self._now()
        return await self._database.read(lambda tx: epochs.known_of(tx, store, now))

    def _now(self) -> str:
        return stamp(self._clock())
