"""One connection of the link, from SUBACK to its end.

Three tasks: `_hear` reads what comes down and carries it out, in order; `_watch` waits for new
facts; `_pump` alone touches uplink and outbox. What goes out is published by tasks of its own
(at most a handful: two batches, a hello, a question), so that a pickup does not wait for the
PUBACK of a bulk batch.
"""

import asyncio
import contextlib
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec
import structlog

from cloud_bridge.link.downlink import Apply, Carry, Compare, Downlink, Replace, SayHello, Step
from cloud_bridge.link.inquiries import Inquiries
from cloud_bridge.link.keys import KeyOffers
from cloud_bridge.link.ports import (
    Clock,
    Inbox,
    Keyring,
    NeverRestored,
    Outbox,
    Restoration,
    Unusable,
    WaitingFact,
)
from cloud_bridge.link.uplink import Acknowledge, Phase, Renumber, Uplink, Wanted
from cloud_bridge.mqtt import Broker, BrokerError, Connection, Message, Will, connect
from cloud_bridge.wire.batch import MalformedBatch, first_batch
from cloud_bridge.wire.envelope import ROLLABLE, UNREADABLE, Command, Event, gateway_source
from cloud_bridge.wire.messages import (
    KEY_BYTES_ON_WIRE,
    MOST_KEYS,
    Ack,
    Ask,
    Hello,
    LaneHello,
    Standings,
    Status,
    StreamMessage,
    Taken,
)
from cloud_bridge.wire.streams.orders import STREAM as COMMANDS
from cloud_bridge.wire.topics import StoreTopics

SHRINKS = 10
"""Events shrink about so much (`facts/sync.md`): bytes of facts to read for a byte on the wire. Of
facts that shrink less some are read in vain; of facts that shrink more a batch has fewer than it
could."""

MOST_READ_BYTES = 256 * 1024
"""Of facts before compression in one batch, whatever they shrink to: 5 ms of encoding."""

GOODBYE_S = 1.0
"""What a stopping agent spends on saying that it goes; else the Last Will says it."""

log = structlog.get_logger("link")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """The store's end: who speaks, where, and for whom.

    Attributes:
        boot: random id of this process start, the scope of its monotonic clock.
    """

    broker: Broker
    topics: StoreTopics
    gateway: str
    agent_version: str
    boot: str
    outbox: Outbox
    inbox: Inbox
    keyring: Keyring
    clock: Clock
    restoration: Restoration = field(default_factory=NeverRestored)

    def status(self, *, online: bool) -> bytes:
        """The payload of topic ``status``."""
        since = self.clock.now().wall.isoformat()
        status = Status(
            online=online, gateway=self.gateway, agent_version=self.agent_version, since=since
        )
        return msgspec.json.encode(status)


class Session:
    """One connection. `report` is called whenever the uplink may have changed."""

    def __init__(self, endpoint: Endpoint, report: Callable[[Uplink], None]) -> None:
        self.uplink = Uplink()
        self._endpoint = endpoint
        self._report = report
        self._downlink: Downlink
        self._offers = KeyOffers()
        self._inquiries = Inquiries()
        self._connection: Connection
        self._tasks: asyncio.TaskGroup
        self._acks: deque[Ack] = deque(maxlen=64)  # the newest say most; older ones may go
        self._acks_applied = asyncio.Event()
        self._wake = asyncio.Event()
        self._status_said = False

    async def run(self) -> None:
        """Connect and serve until the connection ends.

        Raises:
            BrokerError: alone before the connection stands, in an ExceptionGroup afterwards.
        """
        end = self._endpoint
        self._downlink = Downlink(await end.inbox.positions())
        will = Will(end.topics.status, end.status(online=False))
        async with connect(end.broker, will=will) as self._connection:
            await self._connection.subscribe(end.topics.everything_down)
            try:
                async with asyncio.TaskGroup() as self._tasks:
                    self._tasks.create_task(self._hear(), name="link hears")
                    self._tasks.create_task(self._watch(), name="link watches the log")
                    self._tasks.create_task(self._pump(), name="link pumps")
            finally:
                await self._say_goodbye()

    async def _hear(self) -> None:
        async for message in self._connection.messages:
            try:
                await self._take(message)
            except (*UNREADABLE, Unusable) as err:
                log.warning("link.unusable", topic=message.topic, error=str(err))
            message.ack()

    async def _take(self, message: Message) -> None:
        topics = self._endpoint.topics
        if message.topic == topics.ack:
            self._acks.append(msgspec.json.decode(message.payload, type=Ack))
            self._acks_applied.clear()
            self._wake.set()
            return
        await self._acks_applied.wait()  # whether this gateway leads may stand in them
        if not self.uplink.leads:
            log.debug("link.not_for_us", topic=message.topic)
        elif message.topic == topics.down(COMMANDS):
            for command in msgspec.json.decode(message.payload, type=list[Command]):
                await self._do(self._downlink.command(command))
        elif message.topic.startswith(topics.down("")):  # amqtt sends others' retained ones too
            change = msgspec.json.decode(message.payload, type=StreamMessage)
            if isinstance(change, Taken):
                await self._taken(change)
            elif isinstance(change, Standings):
                await self._endpoint.restoration.answered(change)
                self._inquiries.answered(self._now())
                self._wake.set()
            else:
                await self._do(self._downlink.stream(change, self._now()))

    async def _taken(self, taken: Taken) -> None:
        if self._offers.answered(taken):
            if taken.left:
                await self._endpoint.restoration.left(taken.left)
            await self._endpoint.keyring.told(taken.keys)
            self._wake.set()

    async def _do(self, step: Step | None) -> None:
        inbox = self._endpoint.inbox
        match step:
            case None:
                return
            case Carry(command):
                await inbox.command(command)
                self._downlink.done(step)
            case Apply(delta):
                await inbox.delta(delta)
                self._downlink.done(step)
            case Replace(stream, version, items, buckets):
                await inbox.snapshot(stream, version, items, buckets)
                self._downlink.done(step)
            case Compare(stream):
                hashes = await inbox.buckets(stream)
                await self._do(self._downlink.compare(stream, hashes, self._now()))
            case SayHello():
                self.uplink.doubt()
                self._wake.set()
            case Ask():
                self._send(self._endpoint.topics.ask, msgspec.json.encode(step))
                self._wake.set()

    async def _watch(self) -> None:
        position = 0
        while True:
            position = await self._endpoint.outbox.beyond(position)
            self._wake.set()

    async def _pump(self) -> None:
        while True:
            self._wake.clear()
            while self._acks:
                await self._apply(self._acks.popleft())
            self._acks_applied.set()
            if self._now() >= self.uplink.hello_at():
                await self._say_hello()
            if self.uplink.phase is Phase.OPEN:
                self._ask_again()
                await self._offer_keys()
                await self._inquire()
                await self._send_batches()
            self._report(self.uplink)
            await self._rest()

    async def _rest(self) -> None:
        """Wait until something happens or something is due."""
        soonest = self.uplink.due_at()
        if self.uplink.phase is Phase.OPEN:  # what is not asked in another must not wake us
            asked = [each.due_at() for each in (self._downlink, self._offers, self._inquiries)]
            soonest = min([soonest, *(at for at in asked if at is not None)])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, soonest - self._now())):
                await self._wake.wait()

    async def _apply(self, ack: Ack) -> None:
        effect = self.uplink.heard(ack, self._now())
        if ack.refused:
            log.warning("link.refused", reason=ack.refused)
        if isinstance(effect, Acknowledge):
            await self._endpoint.outbox.acknowledge(effect.epoch, effect.cursors)
            for fact in effect.quarantined:
                log.warning("link.quarantined", fact=fact)
        elif isinstance(effect, Renumber):
            await self._endpoint.outbox.renumber(effect.epoch)
            self._offers = KeyOffers()  # the hub that grants may have lost what it was told
            self._inquiries = Inquiries()
            log.info("link.epoch", epoch=effect.epoch)
        if self.uplink.leads and not self._status_said:
            self._status_said = True
            self._tasks.create_task(self._say_status(online=True), name="link says status")

    async def _say_hello(self) -> None:
        end = self._endpoint
        log_state = await end.outbox.state()
        self._downlink.read(await end.inbox.positions())
        held = self._downlink.positions
        hello = Hello(
            id=str(uuid.uuid4()),
            gateway=end.gateway,
            boot=end.boot,
            agent_version=end.agent_version,
            epoch=log_state.epoch,
            lanes={
                name: LaneHello(
                    next_sequence=lane.next_sequence, cursor=lane.cursor, hash=lane.hash
                )
                for name, lane in log_state.lanes.items()
            },
            streams=dict(held.streams),
            digests=dict(held.digests),
            commands=held.commands,
        )
        self.uplink.said_hello(hello, self._now())
        self._send(end.topics.hello, msgspec.json.encode(hello))

    def _ask_again(self) -> None:
        for ask in self._downlink.overdue(self._now()):
            self._send(self._endpoint.topics.ask, msgspec.json.encode(ask))

    async def _offer_keys(self) -> None:
        keyring, now = self._endpoint.keyring, self._now()
        minted = keyring.minted
        if not self._offers.due(minted, now):
            return
        most = min(MOST_KEYS, self.uplink.room() // KEY_BYTES_ON_WIRE)
        if keys := await keyring.untold(most):
            ask = self._offers.offer(keys, now)
            self._send(self._endpoint.topics.ask, msgspec.json.encode(ask))
        else:
            self._offers.all_told(minted)

    async def _inquire(self) -> None:
        """Ask how orders stand, where a restored database holds them."""
        now = self._now()
        if not self._inquiries.due(now):
            return
        ask = await self._endpoint.restoration.question()
        if ask is None:
            self._inquiries.nothing_to_ask()
        else:
            self._inquiries.asked(now)
            self._send(self._endpoint.topics.ask, msgspec.json.encode(ask))

    async def _send_batches(self) -> None:
        state = await self._endpoint.outbox.state()
        for wanted in self.uplink.wanted(state.lanes, self._now()):
            if facts := await self._settled(wanted):
                self._send_batch(wanted, facts)

    async def _settled(self, wanted: Wanted) -> Sequence[WaitingFact]:
        """The facts to hand over; no roll-up changes them from here on."""
        outbox, lane = self._endpoint.outbox, wanted.lane
        most_bytes = min(MOST_READ_BYTES, wanted.most_bytes * SHRINKS)
        last = wanted.above + wanted.most_facts
        while True:
            if lane in ROLLABLE:
                await outbox.handed(lane, last)
            facts = await outbox.waiting(lane, wanted.above, wanted.most_facts, most_bytes)
            settled = [fact for fact in facts if lane not in ROLLABLE or fact.sequence <= last]
            if settled or not facts:
                return settled
            last = facts[-1].sequence  # the first of them is a sum that reaches farther

    def _send_batch(self, wanted: Wanted, facts: Sequence[WaitingFact]) -> None:
        lane = wanted.lane
        try:
            part, wire = first_batch([self._event(fact) for fact in facts], wanted.most_bytes)
        except MalformedBatch as err:
            self.uplink.stall(lane, f"{lane} {facts[0].sequence}: {err}")
            log.error("link.stalled", lane=lane, sequence=facts[0].sequence, reason=str(err))  # noqa: TRY400 - the reason says it all
            self._wake.set()  # another lane may go in its place
            return
        last = part[-1].sequence
        self.uplink.sent(lane, last, self._now(), facts=len(part), size=len(wire))
        self._tasks.create_task(self._hand_over(lane, last, wire), name=f"hands over {lane}")

    async def _hand_over(self, lane: str, last: int, wire: bytes) -> None:
        await self._connection.publish(self._endpoint.topics.up(lane), wire)
        self.uplink.delivered(lane, last, self._now())
        self._wake.set()

    def _event(self, fact: WaitingFact) -> Event:
        return Event(
            id=fact.id,
            source=gateway_source(self._endpoint.topics.store, self._endpoint.gateway),
            type=fact.type,
            subject=fact.subject,
            time=fact.time,
            lane=fact.lane,
            epoch=fact.epoch,
            sequence=fact.sequence,
            boot=fact.boot,
            monotonic=fact.monotonic,
            clockquality=fact.clock_quality,
            data=msgspec.Raw(fact.data),
            covers=msgspec.UNSET if fact.covers is None else fact.covers,
        )

    def _send(self, topic: str, payload: bytes) -> None:
        self._tasks.create_task(self._connection.publish(topic, payload), name=f"publish {topic}")

    async def _say_status(self, *, online: bool) -> None:
        payload = self._endpoint.status(online=online)
        await self._connection.publish(self._endpoint.topics.status, payload, retain=True)

    async def _say_goodbye(self) -> None:
        """An orderly end: the broker publishes no Last Will. A fenced gateway says nothing."""
        if self.uplink.phase is Phase.FENCED:
            return
        with contextlib.suppress(BrokerError, TimeoutError):
            async with asyncio.timeout(GOODBYE_S):
                await self._say_status(online=False)

    def _now(self) -> float:
        return self._endpoint.clock.now().monotonic
