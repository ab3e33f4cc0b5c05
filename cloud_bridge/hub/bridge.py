"""The hub at the broker: hears every store, answers after the commit, tells what is new."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

import msgspec
import structlog

from cloud_bridge.hub import commands, epochs, people, streams
from cloud_bridge.hub.affecting import Effect
from cloud_bridge.hub.clock import Clock, stamp
from cloud_bridge.hub.database import Database, Tx
from cloud_bridge.hub.ingest import ingest, take_keys
from cloud_bridge.hub.reading import check_batch, read_batch
from cloud_bridge.hub.rooms.orders import store as orders
from cloud_bridge.mqtt import Broker, BrokerError, Connection, Message, backoff, connect
from cloud_bridge.wire.batch import MOST_WIRE_BYTES, MalformedBatch, ReceivedFact
from cloud_bridge.wire.envelope import UNREADABLE
from cloud_bridge.wire.facts.shoppers import Left
from cloud_bridge.wire.messages import ORDERS, PEOPLE, Ack, Ask, Hello, LaneAck, Status, Taken
from cloud_bridge.wire.streams.orders import STREAM as COMMANDS
from cloud_bridge.wire.topics import (
    DEFAULT_ROOT,
    FromStore,
    StoreTopics,
    hub_filters,
    parse_from_store,
)

OUTGOING = 1000
"""Messages that wait for the broker. Full, the hub stops taking facts until it drains."""

LONGEST_WAIT_S = 10.0
"""Cap of the wait between attempts: hubs are few, so none must spare the broker a stampede."""

MOST_STRANGERS = 100
"""Topics of stores that are not ours, told in the log; beyond, an operator knows."""

log = structlog.get_logger("hub")


@dataclass(slots=True)
class _Told:
    """How far a store has been told, since its hello: command sequence, and version by stream."""

    commands: int
    streams: dict[str, int]


class Bridge:
    """Runs until cancelled.

    Args:
        stores: the stores that this hub serves; others are ignored.
        changed: called after each commit that may have changed what people see.
    """

    def __init__(
        self,
        *,
        database: Database,
        broker: Broker,
        stores: frozenset[str],
        effects: Mapping[str, Effect],
        clock: Clock,
        random: Random,
        changed: Callable[[], None],
        root: str = DEFAULT_ROOT,
    ) -> None:
        self._database, self._broker, self._stores = database, broker, stores
        self._effects, self._clock, self._random = effects, clock, random
        self._changed = changed
        self._root = root
        self._attempt = 0  # since a store was heard: a broker that kicks us is tried less and less
        self._strangers: set[str] = set()
        self._told: dict[str, _Told] = {}
        self._behind: set[str] = set()
        self._scrub_due = True  # a crash may have left in the WAL what was deleted
        self._poked = asyncio.Event()
        self._outgoing: asyncio.Queue[tuple[str, bytes]]

    def poke(self, store: str) -> None:
        """There is something new for `store` in the database."""
        self._behind.add(store)
        self._poked.set()

    async def run(self) -> None:
        """Connect, serve, and connect again, for ever.

        Raises:
            ExceptionGroup: of database errors; the broker's troubles are waited out.
        """
        await self._nobody_heard()
        while True:
            try:
                async with connect(self._broker) as connection:
                    await connection.subscribe(*hub_filters(self._root))
                    await self._serve(connection)
            except* BrokerError as group:
                log.warning("hub.broker_lost", error=str(_first(group)), attempt=self._attempt)
            await self._nobody_heard()
            await asyncio.sleep(backoff(self._attempt, self._random, LONGEST_WAIT_S))
            self._attempt += 1

    async def _serve(self, connection: Connection) -> None:
        """One connection. Every store is asked for a hello: we may have been away."""
        log.info("hub.connected", broker=self._broker.where)
        self._outgoing = asyncio.Queue(OUTGOING)
        self._told.clear()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._publish(connection), name="hub publishes")
            tasks.create_task(self._tell(), name="hub tells")
            tasks.create_task(self._ask_hellos(), name="hub asks for hellos")
            async for message in connection.messages:
                await self._take(message)
                message.ack()

    async def _publish(self, connection: Connection) -> None:
        while True:
            await connection.publish(*await self._outgoing.get())

    async def _ask_hellos(self) -> None:
        for store in sorted(self._stores):
            known = await self._known(store)
            await self._answer(store, Ack(epoch=known.epoch, hello=True))

    async def _nobody_heard(self) -> None:
        now = stamp(self._clock())
        await self._database.run(
            lambda tx: tx.execute("UPDATE store SET online = 0, since = $1 WHERE online = 1", now)
        )
        self._changed()

    async def _take(self, message: Message) -> None:
        source = parse_from_store(message.topic, self._root)
        if source is None or source.store not in self._stores:
            self._note_stranger(message.topic)
            return
        self._attempt = 0
        try:
            await self._dispatch(source, message.payload)
        except (MalformedBatch, *UNREADABLE) as err:
            log.warning("hub.malformed", topic=message.topic, reason=str(err))
            await self._refuse(source, str(err)[:500])
        self._changed()

    async def _refuse(self, source: FromStore, reason: str) -> None:
        known = await self._known(source.store)
        lanes: dict[str, LaneAck] = {}
        if source.lane is not None:
            position = known.lanes.get(source.lane)
            lanes[source.lane] = LaneAck(cursor=position.sequence if position else 0)
        await self._answer(source.store, Ack(epoch=known.epoch, lanes=lanes, refused=reason))

    def _note_stranger(self, topic: str) -> None:
        """Say it once per topic: who publishes to the wrong hub does so again and again."""
        if topic not in self._strangers and len(self._strangers) < MOST_STRANGERS:
            self._strangers.add(topic)
            log.warning("hub.stranger", topic=topic)

    async def _dispatch(self, source: FromStore, payload: bytes) -> None:
        if len(payload) > MOST_WIRE_BYTES:
            msg = f"{len(payload)} bytes on the wire, at most {MOST_WIRE_BYTES} are allowed"
            raise MalformedBatch(msg)
        match source:
            case FromStore(store, "up", str(lane)):
                await self._facts(store, lane, payload)
            case FromStore(store, "hello"):
                await self._hello(store, msgspec.json.decode(payload, type=Hello))
            case FromStore(store, "ask"):
                await self._ask(store, msgspec.json.decode(payload, type=Ask))
            case FromStore(store):  # status, the last of `topics.hub_filters`
                status = msgspec.json.decode(payload, type=Status)
                now = stamp(self._clock())
                await self._database.run(lambda tx: epochs.take_status(tx, store, status, now))

    async def _facts(self, store: str, lane: str, payload: bytes) -> None:
        batch = check_batch(lane, read_batch(payload))
        now = stamp(self._clock())
        ack = await self._database.run(lambda tx: ingest(tx, store, batch, now, self._effects))
        await self._answer(store, ack)
        if self._scrub_due or any(
            isinstance(fact, ReceivedFact) and fact.event.type == Left.TYPE for fact in batch.facts
        ):
            self._scrub_due = not await self._database.scrub()

    async def _hello(self, store: str, hello: Hello) -> None:
        now = stamp(self._clock())
        ack = await self._database.run(lambda tx: epochs.answer_hello(tx, store, hello, now))
        log.info("hub.hello", store=store, gateway=hello.gateway, epoch=ack.epoch,
                 granted=ack.granted, fenced=ack.fenced)  # fmt: skip
        await self._answer(store, ack)
        if not ack.fenced:
            self._told[store] = _Told(hello.commands, dict(hello.streams))
            self.poke(store)

    async def _ask(self, store: str, ask: Ask) -> None:
        if ask.stream == PEOPLE:
            await self._keys(store, ask)
            return
        if ask.stream == ORDERS:
            standings = await self._database.read(lambda tx: orders.standings(tx, store, ask))
            payload = msgspec.json.encode(standings)
            await self._outgoing.put((self._topics(store).down(ORDERS), payload))
            return
        if ask.version is None:
            if told := self._told.get(store):
                told.streams[ask.stream] = ask.above
                self.poke(store)
            return
        version, number = ask.version, ask.chunk
        payload = await self._database.read(
            lambda tx: streams.chunk(tx, store, ask.stream, version=version, number=number)
        )
        await self._outgoing.put((self._topics(store).down(ask.stream), payload))

    async def _keys(self, store: str, ask: Ask) -> None:
        now = stamp(self._clock())

        async def work(tx: Tx) -> list[str]:
            await take_keys(tx, store, ask.keys, now, self._effects)
            return await people.departed(tx, store, ask.keys)

        left = await self._database.run(work)
        taken = Taken(stream=PEOPLE, answers=ask.id, keys=[each.id for each in ask.keys], left=left)
        await self._outgoing.put((self._topics(store).down(PEOPLE), msgspec.json.encode(taken)))

    async def _tell(self) -> None:
        while True:
            await self._poked.wait()
            self._poked.clear()
            while self._behind:
                store = self._behind.pop()
                if told := self._told.get(store):
                    await self._catch_up(store, told)

    async def _catch_up(self, store: str, told: _Told) -> None:
        topics = self._topics(store)
        while found := await self._database.read(
            lambda tx: commands.above(tx, store, told.commands)
        ):
            told.commands = found[-1][0]
            for payload in commands.messages(found):
                await self._outgoing.put((topics.down(COMMANDS), payload))
        present = await self._database.read(lambda tx: streams.versions(tx, store))
        for stream, version in present.items():
            held = told.streams.get(stream, 0)
            told.streams[stream] = version
            for payload in await self._missing(store, stream, held):
                await self._outgoing.put((topics.down(stream), payload))

    async def _missing(self, store: str, stream: str, held: int) -> list[bytes]:
        return await self._database.read(lambda tx: streams.missing(tx, store, stream, held))

    async def _known(self, store: str) -> epochs.Known:
        now = stamp(self._clock())
        return await self._database.read(lambda tx: epochs.known_of(tx, store, now))

    async def _answer(self, store: str, ack: Ack) -> None:
        await self._outgoing.put((self._topics(store).ack, msgspec.json.encode(ack)))

    def _topics(self, store: str) -> StoreTopics:
        return StoreTopics(store, self._root)


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
