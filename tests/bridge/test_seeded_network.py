"""Uplink against the hub's database over a network that drops, doubles, delays and reorders.

Seeded and without I/O: the store's durable state is a `FakeLog`, everything else dies with a crash.
In mid-story the store's database may be put back to an older copy.
"""

import heapq
import sqlite3
import uuid
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random

import msgspec
import pytest

from cloud_bridge.hub import epochs
from cloud_bridge.hub.database.schema import migrate
from cloud_bridge.hub.database.sqlite_tx import SqliteTx, complete
from cloud_bridge.hub.ingest import ingest
from cloud_bridge.hub.reading import check_batch
from cloud_bridge.hub.rooms.stores import store as stores
from cloud_bridge.link.uplink import Acknowledge, Renumber, Uplink
from cloud_bridge.wire.batch import decode_batch, encode_batch
from cloud_bridge.wire.envelope import Event, gateway_source
from cloud_bridge.wire.messages import Ack, Hello, LaneHello
from tests.bridge.fakes import START, FakeFact, FakeLog

STORE, GATEWAY = "store-1", "gw-1"
NOW = "2026-11-22T09:00:00.000000+00:00"
LANES = ("pickup", "stock", "presence")
CALM_AT = 120.0
"""From here the network behaves, so that everything must have arrived in the end."""

END_AT = 400.0


@dataclass
class World:
    """Store, network and hub under one virtual clock."""

    random: Random
    now: float = 0.0
    log: FakeLog = field(default_factory=FakeLog)
    uplink: Uplink = field(default_factory=Uplink)
    lost: set[str] = field(default_factory=set)
    effects: dict[str, int] = field(default_factory=dict)
    _later: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _count: int = 0

    def __post_init__(self) -> None:
        self.hub = sqlite3.connect(":memory:", isolation_level=None)
        self.hub.row_factory = sqlite3.Row
        self.tx = SqliteTx(self.hub)
        complete(migrate(self.tx, "sqlite"))
        complete(stores.add(self.tx, STORE))
        self.backup = deepcopy(self.log)

    def at(self, when: float, action: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._later, (when, self._count, action))

    def send(self, deliver: Callable[[], None]) -> None:
        """Over the network: perhaps not at all, perhaps twice, perhaps late."""
        calm = self.now >= CALM_AT
        if not calm and self.random.random() < 0.2:
            return
        for _ in range(1 if calm else self.random.choice((1, 1, 1, 2))):
            delay = 0.05 if calm else self.random.expovariate(1.0)
            self.at(self.now + delay, deliver)

    def run(self) -> None:
        while self._later:
            self.now, _, action = heapq.heappop(self._later)
            if self.now > END_AT:
                return
            action()

    # The store

    def pump(self) -> None:
        if self.now >= self.uplink.hello_at():
            self._say_hello()
        for wanted in self.uplink.wanted(self.log.lanes, self.now):
            lane = wanted.lane
            facts = self.log.waiting(lane, wanted.above, limit=5)
            wire = encode_batch([_event(fact) for fact in facts])
            last = facts[-1].sequence
            self.uplink.sent(lane, last, self.now, facts=len(facts), size=len(wire))
            self.uplink.delivered(lane, last, self.now)
            self.send(lambda lane=lane, wire=wire: self._hub_takes(lane, wire))  # type: ignore[misc]

    def _say_hello(self) -> None:
        lanes = {
            name: LaneHello(next_sequence=lane.next_sequence, cursor=lane.cursor, hash=lane.hash)
            for name, lane in self.log.lanes.items()
        }
        hello = Hello(
            id=str(uuid.UUID(int=self.random.getrandbits(128))),
            gateway=GATEWAY,
            boot="boot-1",
            agent_version="0",
            epoch=self.log.epoch,
            lanes=lanes,
            streams={},
            commands=0,
        )
        self.uplink.said_hello(hello, self.now)
        self.send(lambda: self._hub_hears(hello))

    def hear(self, ack: Ack) -> None:
        match self.uplink.heard(ack, self.now):
            case Acknowledge(epoch, cursors):
                self.log.acknowledge(epoch, cursors)
            case Renumber(epoch):
                self.log.renumber(epoch)
            case None:
                pass
        self.pump()

    def record(self) -> None:
        fact_id = self.log.record(self.random.choice(LANES))
        self.effects.setdefault(fact_id, 0)

    def crash(self) -> None:
        self.uplink = Uplink()

    def restore(self) -> None:
        """What only the younger copy held and the hub has not got is gone; nobody promised it."""
        kept = {fact.id for fact in self.backup.facts}
        self.lost |= {fact.id for fact in self.log.facts} - kept
        self.log = deepcopy(self.backup)
        self.crash()

    # The hub

    def _hub_takes(self, lane: str, wire: bytes) -> None:
        async def count(_tx: object, _store: str, event: Event, _now: str) -> None:
            self.effects[event.id] += 1

        batch = check_batch(lane, decode_batch(wire))
        ack = complete(ingest(self.tx, STORE, batch, NOW, {"test.happened.v1": count}))
        self.send(lambda: self.hear(ack))

    def _hub_hears(self, hello: Hello) -> None:
        ack = complete(epochs.answer_hello(self.tx, STORE, hello, NOW))
        self.send(lambda: self.hear(ack))


def _event(fact: FakeFact) -> Event:
    return Event(
        id=fact.id,
        source=gateway_source(STORE, GATEWAY),
        type=fact.type,
        subject=fact.subject,
        time=START,
        lane=fact.lane,
        epoch=fact.epoch,
        sequence=fact.sequence,
        boot=fact.boot,
        monotonic=fact.monotonic,
        clockquality="synced",
        data=msgspec.Raw(fact.data),
    )


def _story(world: World) -> None:
    random = world.random
    for second in range(int(END_AT)):
        world.at(float(second), world.pump)
    for _ in range(random.randrange(20, 120)):
        world.at(random.uniform(0, CALM_AT), world.record)
    for _ in range(random.randrange(4)):
        world.at(random.uniform(0, CALM_AT), world.crash)
    if random.random() < 0.5:
        backed_up = random.uniform(0, CALM_AT)
        world.at(backed_up, lambda: setattr(world, "backup", deepcopy(world.log)))
        world.at(random.uniform(backed_up, CALM_AT), world.restore)


@pytest.mark.parametrize("decade", range(20))
def test_every_fact_takes_effect_once_whatever_the_network_and_the_store_do(decade: int) -> None:
    for seed in range(decade * 10, decade * 10 + 10):
        world = World(Random(seed))  # noqa: S311 - repeatable, not secret
        _story(world)
        world.run()
        assert not world.log.facts, f"seed {seed}: facts still wait"
        owed = {fact for fact in world.effects if fact not in world.lost}
        missing = [fact for fact in owed if world.effects[fact] != 1]
        assert not missing, f"seed {seed}: {len(missing)} facts without exactly one effect"
        assert max(world.effects.values()) == 1, f"seed {seed}: an effect was doubled"
        held = {row["id"] for row in world.hub.execute("SELECT id FROM fact")}
        assert owed <= held, f"seed {seed}"
        _assert_cursor_is_the_log(world, seed)
        world.hub.close()


def _assert_cursor_is_the_log(world: World, seed: int) -> None:
    for lane in LANES:
        head = world.log.lanes[lane]
        row = world.hub.execute(
            "SELECT sequence, hash FROM cursor WHERE epoch = ? AND lane = ?",
            (world.log.epoch, lane),
        ).fetchone()
        found = tuple(row) if row else (0, "")
        assert found == (head.next_sequence - 1, head.hash), f"seed {seed}, {lane}"
