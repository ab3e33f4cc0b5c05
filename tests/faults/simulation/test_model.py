"""Log, cursors and streams of the real storage, with the real uplink and downlink, against a model.

The model is the hub as the contract has it, and what was recorded, in the order in which it was.
"""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from typing_extensions import override

from cloud_bridge.link.downlink import Apply, Carry, Compare, Downlink, Replace, SayHello, Step
from cloud_bridge.link.ports import InboxPositions
from cloud_bridge.link.uplink import Acknowledge, Renumber, Uplink, Wanted
from cloud_bridge.wire.digests import Buckets, digest
from cloud_bridge.wire.envelope import Command, Lane
from cloud_bridge.wire.messages import REMOVED, Ack, Ask, Change, Delta, Hello, LaneAck, LaneHello
from edge_agent import stream_digests
from edge_agent.storage import Storage, Tx
from edge_agent.storage.reads import Reads
from tests.storage.support import CALLED, SOLD, START, opened, recorded

FACTS = {Lane.STOCK.value: SOLD, Lane.PICKUP.value: CALLED}
LANES = st.sampled_from(sorted(FACTS))
KEYS = st.sampled_from("abc")
STREAM = "shoppers"


@dataclass
class HubModel:
    """What the hub holds; `states` is the stream at each version."""

    epoch: int = 0
    session: str = ""
    doubted: bool = False
    cursors: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FACTS, 0))
    taken: dict[str, list[str]] = field(default_factory=lambda: {lane: [] for lane in FACTS})
    commands: list[Command] = field(default_factory=list)
    states: list[dict[str, bytes]] = field(default_factory=lambda: [{}])
    deltas: list[Delta] = field(default_factory=list)

    def hear(self, hello: Hello) -> Ack:
        granted = self.doubted or hello.epoch != self.epoch or self.epoch == 0
        if granted:
            self.epoch = max(self.epoch, hello.epoch) + 1
            self.cursors = dict.fromkeys(FACTS, 0)
        self.session, self.doubted = hello.id, False
        return Ack(epoch=self.epoch, answers=hello.id, granted=granted)

    def take(self, lane: str, epoch: int, first: int, ids: list[str]) -> Ack:
        cursor = self.cursors[lane]
        if epoch != self.epoch:
            return Ack(epoch=self.epoch, fenced=True)
        if first > cursor + 1:
            word = LaneAck(cursor=cursor, expected=cursor + 1)
            return Ack(epoch=self.epoch, session=self.session, lanes={lane: word})
        new = [each for each in ids[cursor + 1 - first :] if each not in self.taken[lane]]
        self.taken[lane] += new
        self.cursors[lane] = max(cursor, first + len(ids) - 1)
        lanes = {lane: LaneAck(cursor=self.cursors[lane])}
        return Ack(epoch=self.epoch, session=self.session, lanes=lanes)


class LinkMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.hub = HubModel()
        self.recorded: dict[str, list[str]] = {lane: [] for lane in FACTS}
        self.done: list[str] = []
        self.now = 0.0
        self._hellos = count()
        self._open()

    def _open(self) -> None:
        self.stack = AsyncExitStack()
        path = Path(self.folder.name) / "a.db"
        self.storage: Storage = self.runner.run(self.stack.enter_async_context(opened(path)))
        self.reconnect()

    @rule()
    def reconnect(self) -> None:
        self.uplink, self.downlink = Uplink(), Downlink(self._positions())

    @rule()
    def restart(self) -> None:
        self.runner.run(self.stack.aclose())
        self._open()

    @rule(seconds=st.sampled_from([0.1, 1.0, 6.0, 20.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    # Up

    @rule(lane=LANES, number=st.integers(1, 30))
    def record(self, lane: str, number: int) -> None:
        def work(tx: Tx) -> list[str]:
            return [recorded(tx, FACTS[lane]).id for _ in range(number)]

        self.recorded[lane] += self.runner.run(self.storage.run(work))

    @rule(heard=st.booleans(), answered=st.booleans())
    def say_hello(self, *, heard: bool, answered: bool) -> None:
        state = self.runner.run(self.storage.log.state())
        lanes = {
            name: LaneHello(next_sequence=lane.next_sequence, cursor=lane.cursor, hash=lane.hash)
            for name, lane in state.lanes.items()
        }
        hello = Hello(
            id=f"hello-{next(self._hellos)}",
            gateway="gw-1",
            boot="boot-1",
            agent_version="0",
            epoch=state.epoch,
            lanes=lanes,
            streams=dict(self.downlink.positions.streams),
            commands=self.downlink.positions.commands,
        )
        self.uplink.said_hello(hello, self.now)
        if heard:
            ack = self.hub.hear(hello)
            if answered:
                self._hear(ack)

    @rule()
    def doubt(self) -> None:
        """The hub finds something that does not fit: the next hello is granted an epoch."""
        self.hub.doubted = True

    @rule(arrives=st.booleans(), answered=st.booleans())
    def hand_over(self, *, arrives: bool, answered: bool) -> None:
        state = self.runner.run(self.storage.log.state())
        for wanted in self.uplink.wanted(state.lanes, self.now):
            first, ids = self._batch(wanted)
            self.uplink.sent(
                wanted.lane, first + len(ids) - 1, self.now, facts=len(ids), size=len(ids)
            )
            self.uplink.delivered(wanted.lane, first + len(ids) - 1, self.now)
            if arrives:
                ack = self.hub.take(wanted.lane, state.epoch, first, ids)
                if answered:
                    self._hear(ack)

    def _batch(self, wanted: Wanted) -> tuple[int, list[str]]:
        waiting = self.storage.log.waiting(wanted.lane, wanted.above, 10, 10**6)
        facts = self.runner.run(waiting)
        assert [fact.sequence for fact in facts] == [
            wanted.above + 1 + offset for offset in range(len(facts))
        ]
        return wanted.above + 1, [fact.id for fact in facts]

    def _hear(self, ack: Ack) -> None:
        match self.uplink.heard(ack, self.now):
            case Acknowledge(epoch, cursors):
                self.runner.run(self.storage.log.acknowledge(epoch, cursors))
            case Renumber(epoch):
                self.runner.run(self.storage.log.renumber(epoch))
            case None:
                pass

    # Down

    @rule()
    def order(self) -> None:
        number = len(self.hub.commands) + 1
        data, time = msgspec.Raw(b"{}"), START.wall
        self.hub.commands.append(
            Command(id=f"c-{number}", type="t", subject="s", time=time, sequence=number, data=data)
        )

    @rule(back=st.integers(0, 3))
    def command_arrives(self, back: int) -> None:
        if self.hub.commands:
            self._do(self.downlink.command(self.hub.commands[-1 - back % len(self.hub.commands)]))

    @rule(key=KEYS, text=st.integers(0, 5))
    def change(self, key: str, text: int) -> None:
        item = REMOVED if text == 0 else msgspec.Raw(b'{"id":"%s","n":%d}' % (key.encode(), text))
        state = dict(self.hub.states[-1])
        if text == 0:
            state.pop(key, None)
        else:
            state[key] = bytes(item)
        self.hub.states.append(state)
        version = len(self.hub.states) - 1
        changes = [Change(key=key, item=item)]
        self.hub.deltas.append(Delta(stream=STREAM, version=version, changes=changes))

    @rule(back=st.integers(0, 3))
    def delta_arrives(self, back: int) -> None:
        if self.hub.deltas:
            delta = self.hub.deltas[-1 - back % len(self.hub.deltas)]
            self._do(self.downlink.stream(delta, self.now))

    def _do(self, step: Step | None) -> None:
        match step:
            case Carry(command):
                self.runner.run(self.storage.run(lambda tx: self._carry_out(tx, command)))
                self.done.append(command.id)
                self.downlink.done(step)
            case Apply(delta):
                self.runner.run(self.storage.run(lambda tx: self._apply(tx, delta)))
                self.downlink.done(step)
            case SayHello():
                self._replay()
            case Ask(above=above):
                for delta in self.hub.deltas[above:]:
                    self._do(self.downlink.stream(delta, self.now))
            case Replace() | Compare() | None:
                pass

    def _replay(self) -> None:
        for command in self.hub.commands[self.downlink.positions.commands :]:
            self._do(self.downlink.command(command))

    def _carry_out(self, tx: Tx, command: Command) -> None:
        tx.execute("UPDATE command_cursor SET sequence = ?", (command.sequence,))

    def _apply(self, tx: Tx, delta: Delta) -> None:
        for change in delta.changes:
            if change.removes:
                stream_digests.remove(tx, STREAM, change.key)
            else:
                stream_digests.put(tx, STREAM, change.key, bytes(change.item))
        tx.execute("INSERT OR REPLACE INTO stream_version VALUES (?, ?)", (STREAM, delta.version))

    def _positions(self) -> InboxPositions:
        return self.runner.run(self.storage.view(_positions))

    @invariant()
    def the_hub_has_each_fact_once_and_in_order(self) -> None:
        state = self.runner.run(self.storage.log.state())
        for lane, ids in self.recorded.items():
            taken = self.hub.taken[lane]
            assert taken == ids[: len(taken)]
            held = state.lanes[lane]
            read = self.runner.run(self.storage.log.waiting(lane, held.cursor, 10_000, 10**9))
            waiting = [fact.id for fact in read]
            assert waiting == ids[len(ids) - len(waiting) :]
            assert len(ids) - len(waiting) <= len(taken)

    @invariant()
    def what_comes_down_is_done_once_and_in_order(self) -> None:
        positions = self._positions()
        assert self.done == [each.id for each in self.hub.commands[: positions.commands]]
        wanted = self.hub.states[positions.streams.get(STREAM, 0)]
        assert positions.digests[STREAM] == digest(Buckets.of(wanted.items()))

    @override
    def teardown(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()
        self.folder.cleanup()


def _positions(reads: Reads) -> InboxPositions:
    row = reads.execute("SELECT sequence FROM command_cursor").fetchone()
    rows = reads.execute("SELECT stream, version FROM stream_version")
    streams = {each["stream"]: each["version"] for each in rows}
    word = digest(stream_digests.buckets(reads, STREAM))
    return InboxPositions(row["sequence"], streams, {STREAM: word})


TestLinkAgainstModel = LinkMachine.TestCase
TestLinkAgainstModel.settings = settings(max_examples=8, stateful_step_count=30, deadline=None)
