"""A gateway: the link's real decisions, a disk, and a process that may end between any two units.

`Session` with its tasks taken away: what that does upon a message or a deadline is done here at
once, with the same `Uplink` and `Downlink`, and every word goes over the wire's own codecs.
"""

import uuid
from collections.abc import Callable
from functools import partial

import msgspec

from cloud_bridge.hub.intake import ACK
from cloud_bridge.link.downlink import Apply, Carry, Compare, Downlink, Replace, SayHello, Step
from cloud_bridge.link.uplink import Acknowledge, Phase, Renumber, Uplink, Wanted
from cloud_bridge.wire.batch import encode_batch
from cloud_bridge.wire.envelope import ROLLABLE, Command, Event, gateway_source
from cloud_bridge.wire.messages import Ack, Ask, Chunk, Delta, Differs, Hello, LaneHello, Status
from cloud_bridge.wire.streams.orders import STREAM as COMMANDS
from cloud_bridge.wire.topics import FromStore
from tests.faults.simulation.disk import RECORDED_AT, Disk, Fact, heads
from tests.faults.simulation.hub import STORE, Hub
from tests.faults.simulation.world import World

LONGEST_WAIT_S = 10.0
"""Between two attempts; the real cap would only make the calm longer."""

FACTS_AT_ONCE = 5
"""So that a story of a hundred facts has many batches."""


class Crashed(Exception):
    """The process has ended; what it had not committed is gone."""


class Gateway:
    """One gateway of the store. `disk` alone outlives a crash."""

    def __init__(self, world: World, hub: Hub, name: str) -> None:
        self.world, self.hub, self.name = world, hub, name
        self.disk = Disk()
        self.uplink = Uplink()
        self.connected = False
        self._downlink: Downlink
        self._connection = 0
        self._boot = 0

    # The process

    def connect(self) -> None:
        self._connection += 1
        self.connected = True
        self.uplink, self._downlink = Uplink(), Downlink(self.disk.positions())
        self.hub.listeners[self.name] = self.hear
        self._do(self._pump)

    def disconnect(self, why: str) -> None:
        """The connection ends; the broker publishes the Last Will."""
        self.world.tell(f"{self.name}: {why}")
        if self.connected:
            self._say_status(online=False)
        self.connected = False
        self._connection += 1
        connection = self._connection
        wait = self.world.random.uniform(0, LONGEST_WAIT_S)
        self.world.after(wait, lambda: self._come_back(connection))

    def _come_back(self, connection: int) -> None:
        if connection == self._connection:
            self.connect()

    def _do(self, action: Callable[[], None]) -> None:
        """Let the process act; it may end on the way."""
        try:
            action()
        except Crashed:
            self.restart("crashes")

    def restart(self, why: str) -> None:
        """The process ends and begins anew."""
        self._boot += 1
        self.disconnect(why)

    def unit(self, work: Callable[[], None]) -> None:
        """One unit of work on the disk: whole or not at all."""
        if self.world.chance(self.world.weather.crash):
            raise Crashed
        work()
        if self.world.chance(self.world.weather.crash):
            raise Crashed

    # What happens in the store

    def record(self, lane: str, fact_id: str, kind: str) -> None:
        self.disk.record(lane, fact_id, kind)
        self.world.tell(f"{self.name}: records {fact_id} in {lane}")
        if self.connected:
            self._do(self._pump)

    def roll_up(self, lane: str, fact_id: str) -> tuple[str, ...]:
        """The facts that became one; none when there were not two to be had."""
        parts = self.disk.roll_up(lane, fact_id)
        self.world.tell(f"{self.name}: {parts} of {lane} become {fact_id}")
        return parts

    # Up

    def _pump(self) -> None:
        now = self.world.now
        if now >= self.uplink.hello_at():
            self._say_hello()
        if self.uplink.phase is Phase.OPEN:
            for ask in self._downlink.overdue(now):
                self._ask(ask)
        for wanted in self.uplink.wanted(heads(self.disk), now):
            self._hand_over(wanted)
        connection = self._connection
        self.world.at(self._due_at() + 0.001, lambda: self._wake(connection))

    def _wake(self, connection: int) -> None:
        if connection == self._connection and self._due_at() <= self.world.now:
            self._do(self._pump)

    def _due_at(self) -> float:
        due, asked = self.uplink.due_at(), self._downlink.due_at()
        return due if asked is None or self.uplink.phase is not Phase.OPEN else min(due, asked)

    def _say_hello(self) -> None:
        lanes = {
            name: LaneHello(next_sequence=lane.next_sequence, cursor=lane.cursor, hash=lane.hash)
            for name, lane in heads(self.disk).items()
        }
        self._downlink.read(self.disk.positions())
        held = self._downlink.positions
        hello = Hello(
            id=str(uuid.UUID(int=self.world.random.getrandbits(128))),
            gateway=self.name,
            boot=f"{self.name}-{self._boot}",
            agent_version="0",
            epoch=self.disk.epoch,
            lanes=lanes,
            streams=dict(held.streams),
            digests=dict(held.digests),
            commands=held.commands,
        )
        self.uplink.said_hello(hello, self.world.now)
        self._send(FromStore(STORE, "hello"), msgspec.json.encode(hello))

    def _send(self, source: FromStore, payload: bytes, what: str = "") -> None:
        self.world.send(
            f"{self.name} {source.kind} {what}", partial(self.hub.hear, source, payload)
        )

    def _hand_over(self, wanted: Wanted) -> None:
        limit = min(FACTS_AT_ONCE, wanted.most_facts)
        facts = self.disk.next_batch(wanted.lane, wanted.above, limit)
        if not facts:
            return
        last = facts[-1].sequence
        if wanted.lane in ROLLABLE:
            self.unit(lambda: self.disk.hand(wanted.lane, last))
        wire = encode_batch([self._event(fact) for fact in facts])
        self.uplink.sent(wanted.lane, last, self.world.now, facts=len(facts), size=len(wire))
        what = f"{wanted.lane} {facts[0].first}-{last} of epoch {self.disk.epoch}"
        self._send(FromStore(STORE, "up", wanted.lane), wire, what)
        connection = self._connection
        self.world.send("PUBACK", lambda: self._delivered(connection, wanted.lane, last))

    def _delivered(self, connection: int, lane: str, last: int) -> None:
        if connection == self._connection:
            self.uplink.delivered(lane, last, self.world.now)
            self._do(self._pump)

    def _event(self, fact: Fact) -> Event:
        return Event(
            id=fact.id,
            source=gateway_source(STORE, self.name),
            type=fact.kind,
            subject="things/1",
            time=RECORDED_AT,
            lane=fact.lane,
            epoch=fact.epoch,
            sequence=fact.sequence,
            boot="boot-1",
            monotonic=0.0,
            clockquality="synced",
            data=msgspec.Raw(fact.data),
            covers=msgspec.UNSET if fact.covers is None else fact.covers,
        )

    def _say_status(self, *, online: bool) -> None:
        status = Status(online=online, gateway=self.name, agent_version="0", since="")
        self._send(FromStore(STORE, "status"), msgspec.json.encode(status), str(online))

    # Down

    def hear(self, stream: str, payload: bytes) -> None:
        if self.connected:
            self._do(lambda: self._take(stream, payload))

    def _take(self, stream: str, payload: bytes) -> None:
        if stream == ACK:
            self._apply(msgspec.json.decode(payload, type=Ack))
        elif not self.uplink.leads:
            self.world.tell(f"{self.name}: passes over what is for the leader")
        elif stream == COMMANDS:
            for command in msgspec.json.decode(payload, type=list[Command]):
                self._step(self._downlink.command(command))
        else:
            change = msgspec.json.decode(payload, type=Delta | Chunk | Differs)
            self._step(self._downlink.stream(change, self.world.now))
        self._pump()

    def _apply(self, ack: Ack) -> None:
        led = self.uplink.leads
        match self.uplink.heard(ack, self.world.now):
            case Acknowledge(epoch, cursors):
                self.unit(lambda: self.disk.acknowledge(epoch, cursors))
                self.world.tell(f"{self.name}: lets go up to {cursors}")
            case Renumber(epoch):
                self.unit(lambda: self.disk.renumber(epoch))
                self.world.tell(f"{self.name}: begins epoch {epoch}")
            case None:
                pass
        if self.uplink.leads and not led:
            self._say_status(online=True)

    def _step(self, step: Step | None) -> None:
        match step:
            case Carry(command):
                self.carry_out(command)
                self._downlink.done(step)
            case Apply(delta):
                self.unit(lambda: self.disk.apply(delta))
                self._downlink.done(step)
            case Replace():
                self.unit(lambda: self.disk.replace(step))
                self._downlink.done(step)
            case Compare(stream):
                hashes = self.disk.buckets(stream).hashes
                self._step(self._downlink.compare(stream, hashes, self.world.now))
            case SayHello():
                self.uplink.doubt()
            case Ask():
                self._ask(step)
            case None:
                pass

    def carry_out(self, command: Command) -> None:
        """Effect and cursor in one unit."""

        def work() -> None:
            if command.sequence == self.disk.command_cursor + 1:
                self.disk.carry_out(command)
                self.disk.command_cursor = command.sequence

        self.unit(work)

    def _ask(self, ask: Ask) -> None:
        self._send(FromStore(STORE, "ask"), msgspec.json.encode(ask), ask.stream)
