"""The hub at the broker: hears every store, answers after the commit, tells what is new."""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from itertools import count
from random import Random
from typing import TypeVar

import structlog

from cloud_bridge.hub import workers
from cloud_bridge.hub.affecting import Effect
from cloud_bridge.hub.clock import Clock, stamp
from cloud_bridge.hub.database import Database, Tx, Unavailable
from cloud_bridge.hub.errors import HubError
from cloud_bridge.hub.intake import Intake, Reply
from cloud_bridge.hub.snapshots import Snapshots
from cloud_bridge.hub.teller import Teller
from cloud_bridge.mqtt import Broker, BrokerError, Connection, Message, backoff, connect
from cloud_bridge.wire.topics import (
    DEFAULT_ROOT,
    FromStore,
    StoreTopics,
    hub_filters,
    parse_from_store,
)

R = TypeVar("R")

AT_ONCE = 32
"""Messages taken at the same time. They share a COMMIT (SQLite) or the pool (PostgreSQL); brokers
of MQTT 5 give us no more than their receive maximum, of the others the rest waits in the inbox."""

LONGEST_WAIT_S = 10.0
"""Cap of the wait between attempts: hubs are few, so none must spare the broker a stampede."""

FINISHING_S = 1.5
"""What a stop gives to messages under way: a COMMIT and the broker's word for the answer take far
less, and with `app.GRACE_S` before it we are gone long before a container is killed (10 s)."""

MOST_STRANGERS = 100
"""Topics of stores that are not ours, told in the log; beyond, an operator knows."""

log = structlog.get_logger("hub")


class Bridge:
    """Runs until cancelled.

    Args:
        stores: the stores that this hub serves; others are ignored.
        changed: called after each commit that may have changed what people see.
        shared: whether to share the stores' messages with other workers (``$share``); None: where
            both database and broker can.
        group: the name under which they share (`access.Keys.group`).
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
        shared: bool | None = None,
        group: str,
    ) -> None:
        self._database, self._broker, self._stores = database, broker, stores
        self._clock, self._random = clock, random
        self._changed = changed
        self._root = root
        self._shared, self._group = shared, group
        self._worker = secrets.token_hex(8)
        snapshots = Snapshots()
        self._intake = Intake(database, effects, clock, snapshots)
        self._teller = Teller(database, self._worker, clock, snapshots)
        self._attempt = 0  # since a store was heard: a broker that kicks us is tried less and less
        self._strangers: set[str] = set()

    def poke(self, store: str) -> None:
        """There is something new for `store` in the database."""
        self._teller.poke(store)

    async def run(self) -> None:
        """Connect, serve, and connect again, for ever.

        When it is cancelled, what is under way is finished first (`FINISHING_S`): else facts that
        were committed would come again.

        Raises:
            ExceptionGroup: the database is broken; what the broker or a database that cannot be
                had does is waited out.
        """
        await self._patiently(self._gone)
        while True:
            try:
                async with connect(self._broker) as connection:
                    await connection.subscribe(*self._filters(connection))
                    await self._serve(connection)
            except* BrokerError as group:
                log.warning("hub.broker_lost", error=str(_first(group)), attempt=self._attempt)
            if _is_cancelled():
                return
            await self._patiently(self._gone)
            await asyncio.sleep(backoff(self._attempt, self._random, LONGEST_WAIT_S))
            self._attempt += 1

    def _filters(self, connection: Connection) -> tuple[str, ...]:
        can = connection.shared_subscriptions
        if self._shared and not can:
            msg = (
                f"the broker at {self._broker.where} shares no subscriptions (it takes MQTT 5, and"
                " `mqtt5 = true`): run one worker alone, with `shared_subscription = false`"
            )
            raise HubError(msg)
        wanted = self._database.shared if self._shared is None else self._shared
        return hub_filters(self._root, group=self._group if wanted and can else None)

    async def _serve(self, connection: Connection) -> None:
        """One connection."""
        log.info("hub.connected", broker=self._broker.where, worker=self._worker)
        say = partial(self._say, connection)
        room = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._teller.run(say), name="hub tells")
            tasks.create_task(self._be_there(connection), name="hub is there")
            try:
                async for message in connection.messages:
                    await room.acquire()
                    tasks.create_task(self._take(connection, message, room), name="hub takes")
            except asyncio.CancelledError:
                await _emptied(room)
                raise

    async def _say(self, connection: Connection, store: str, stream: str, payload: bytes) -> None:
        await connection.publish(StoreTopics(store, self._root).down(stream), payload)

    async def _be_there(self, connection: Connection) -> None:
        """Whoever comes first asks every store for a hello: nobody was there for some time."""
        others = await self._patiently(self._beat)
        if not others:
            for store in sorted(self._stores):
                reply = await self._patiently(partial(self._intake.asks_hello, store))
                await self._answer(connection, store, reply)
        while self._database.shared:
            await asyncio.sleep(workers.BEAT_S)
            self._intake.pace.workers = 1 + await self._patiently(self._beat)

    async def _beat(self) -> int:
        """How many other workers there are."""
        if not self._database.shared:
            return 0
        now = self._clock()
        return await self._database.run(lambda tx: workers.beat(tx, self._worker, now))

    async def _gone(self) -> None:
        """We hear nobody; when no other worker is there, nobody is heard at all."""

        async def work(tx: Tx) -> None:
            if await workers.leave(tx, self._worker, now) == 0 or not self._database.shared:
                silent = "UPDATE store SET online = 0, since = $1 WHERE online = 1"
                await tx.execute(silent, stamp(now))

        now = self._clock()
        await self._database.run(work)
        self._changed()

    async def _take(
        self, connection: Connection, message: Message, room: asyncio.Semaphore
    ) -> None:
        """One message: commit, answer, and only then acknowledge to the broker."""
        try:
            source = parse_from_store(message.topic, self._root)
            if source is None or source.store not in self._stores:
                self._note_stranger(message.topic)
            else:
                await self._take_from(connection, source, message.payload)
            message.ack()
        finally:
            room.release()

    async def _take_from(self, connection: Connection, source: FromStore, payload: bytes) -> None:
        self._attempt = 0
        reply = await self._patiently(partial(self._intake.take, source, payload))
        self._changed()
        await self._answer(connection, source.store, reply)
        if reply.behind:
            self.poke(source.store)

    async def _answer(self, connection: Connection, store: str, reply: Reply) -> None:
        for stream, payload in reply.messages:
            await self._say(connection, store, stream, payload)

    async def _patiently(self, job: Callable[[], Awaitable[R]]) -> R:
        """The result of `job`, begun anew for as long as the database cannot be had."""
        for attempt in count():
            try:
                return await job()
            except Unavailable as err:
                log.warning("hub.database_unavailable", reason=str(err), attempt=attempt)
            await asyncio.sleep(backoff(attempt, self._random, LONGEST_WAIT_S))
        raise AssertionError  # `count` has no end

    def _note_stranger(self, topic: str) -> None:
        """Say it once per topic: who publishes to the wrong hub does so again and again."""
        if topic not in self._strangers and len(self._strangers) < MOST_STRANGERS:
            self._strangers.add(topic)
            log.warning("hub.stranger", topic=topic)


async def _emptied(room: asyncio.Semaphore) -> None:
    """Nothing is under way any more, or it took too long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(FINISHING_S):
            for _ in range(AT_ONCE):
                await room.acquire()


def _is_cancelled() -> bool:
    """A TaskGroup before Python 3.13 forgets that, when one of its tasks fails meanwhile."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
