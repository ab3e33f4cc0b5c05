"""What the contract promises, between a real link and a real hub over real brokers."""

import asyncio
import uuid
from collections.abc import Sequence
from copy import deepcopy
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random

import msgspec
import pytest
from typing_extensions import override

from cloud_bridge.hub.clock import system_clock
from cloud_bridge.hub.database import open_database
from cloud_bridge.hub.rooms.campaigns import store as campaigns
from cloud_bridge.hub.rooms.orders import service as orders
from cloud_bridge.hub.rooms.stores import store as stores
from cloud_bridge.link import Link, Unusable
from cloud_bridge.mqtt import Broker, connect
from cloud_bridge.wire.envelope import Command
from cloud_bridge.wire.facts.pickup import Accepted
from cloud_bridge.wire.messages import Ack
from cloud_bridge.wire.streams.coupons import STREAM, Campaign
from cloud_bridge.wire.streams.orders import OrderLine
from cloud_bridge.wire.topics import StoreTopics
from edge_agent.kernel.clock import SystemClock
from edge_agent.kernel.facts import Fact
from edge_agent.storage import Storage, open_storage
from tests.bridge.conftest import Seam
from tests.bridge.fakes import FakeInbox, FakeKeyring
from tests.bridge.rig import (
    DEADLINE_S,
    DiesAfterCommit,
    Hub,
    Killed,
    Store,
    make_bridge,
    running,
    running_hub,
    until,
    until_row,
)
from tests.support.brokers import BrokerProcess


@pytest.fixture
def name() -> str:
    return f"store-{uuid.uuid4().hex[:8]}"


async def test_each_fact_arrives_once_and_in_sequence(
    seam: Seam, tmp_path: Path, name: str
) -> None:
    store = Store(name, seam.broker())
    pickups = await store.outbox.record("pickup", 3)
    async with running_hub(tmp_path, seam.broker(), name) as hub, running(store.link().run()):
        await store.drained()
        presences = await store.outbox.record("presence", 1200)
        await store.drained()
        assert await hub.ids(name) == pickups + presences
        row = await until_row(hub, "a cursor", "SELECT * FROM cursor WHERE lane = 'presence'")
        assert (row["sequence"], row["hash"]) == (1200, store.outbox.log.lanes["presence"].hash)
        assert store.states[-1].online
        assert store.states[-1].epoch == 1


async def test_a_stopped_link_says_that_it_goes(seam: Seam, tmp_path: Path, name: str) -> None:
    store = Store(name, seam.broker())
    async with running_hub(tmp_path, seam.broker(), name) as hub:
        async with running(store.link().run()):
            await until_row(
                hub, "online", "SELECT 1 FROM store WHERE store = $1 AND online = 1", name
            )
        await until_row(hub, "offline", "SELECT 1 FROM store WHERE store = $1 AND online = 0", name)


async def test_a_hub_that_dies_between_commit_and_acknowledgement_doubles_nothing(
    seam: Seam, tmp_path: Path, name: str
) -> None:
    store = Store(name, seam.broker())
    ids = await store.outbox.record("pickup", 5)
    async with open_database(tmp_path / "hub.db") as database, running(store.link().run()):
        await database.run(lambda tx: stores.add(tx, name))

        with pytest.raises(ExceptionGroup) as death:
            await make_bridge(DiesAfterCommit(database), seam.broker(), name).run()
        assert death.group_contains(Killed)
        assert store.outbox.log.facts, "nothing was acknowledged"
        async with running(make_bridge(database, seam.broker(), name).run()):
            await store.drained()
        hub = Hub(database, make_bridge(database, seam.broker(), name))
        assert await hub.ids(name) == ids


async def test_a_broker_that_dies_and_comes_back_empty_loses_nothing(
    own_seam: Seam, tmp_path: Path, name: str
) -> None:
    store = Store(name, own_seam.broker())
    async with running_hub(tmp_path, own_seam.broker(), name) as hub, running(store.link().run()):
        ids = await store.outbox.record("pickup", 2)
        await store.drained()
        own_seam.process.kill()
        ids += await store.outbox.record("pickup", 700)
        await until(lambda: not store.states[-1].online, "the outage shows")
        assert own_seam.process.port in _ports(store.states[-1].last_error)
        await asyncio.to_thread(own_seam.process.start)
        await store.drained()
        assert await hub.ids(name) == ids
        assert store.states[-1].online
        assert store.states[-1].outages == 1


def _ports(text: str | None) -> set[int]:
    return {int(word) for word in (text or "").replace(":", " ").split() if word.isdecimal()}


async def test_commands_are_carried_out_once_and_in_order_also_after_an_outage(
    seam: Seam, tmp_path: Path, name: str
) -> None:
    store = Store(name, seam.broker())
    async with running_hub(tmp_path, seam.broker(), name) as hub:
        await _place(hub, name, 3)
        async with running(store.link().run()):
            await until(lambda: len(store.inbox.commands) == 3, "the waiting commands")
            await _place(hub, name, 1)
            await until(lambda: len(store.inbox.commands) == 4, "the command placed while online")
        await _place(hub, name, 250)
        async with running(store.link().run()):
            await until(lambda: len(store.inbox.commands) == 254, "the commands of the outage")
        assert [each.sequence for each in store.inbox.commands] == list(range(1, 255))


async def test_campaigns_come_as_a_snapshot_first_and_as_deltas_afterwards(
    seam: Seam, tmp_path: Path, name: str
) -> None:
    store = Store(name, seam.broker())
    async with running_hub(tmp_path, seam.broker(), name) as hub:
        await _publish(hub, name, *(f"c-{number}" for number in range(60)))
        async with running(store.link().run()):
            await until(lambda: store.inbox.streams.get(STREAM) == 60, "the snapshot")
            assert (store.inbox.snapshots, store.inbox.deltas) == (1, 0)
            assert len(store.inbox.items[STREAM]) == 60
            await _publish(hub, name, "new")
            await until(lambda: "new" in store.inbox.items[STREAM], "the delta")
            assert (store.inbox.snapshots, store.inbox.deltas) == (1, 1)
        await hub.database.run(lambda tx: campaigns.end(tx, "c-0", [name]))
        async with running(store.link().run()):
            await until(lambda: "c-0" not in store.inbox.items[STREAM], "the missed delta")
        assert store.inbox.snapshots == 1


async def test_a_restored_store_gets_a_new_epoch_and_doubles_nothing(
    seam: Seam, tmp_path: Path, name: str
) -> None:
    store = Store(name, seam.broker())
    async with running_hub(tmp_path, seam.broker(), name) as hub:
        async with running(store.link().run()):
            ids = await store.outbox.record("pickup", 3)
            await store.drained()
        ids += await store.outbox.record("pickup", 2)
        yesterday = deepcopy(store.outbox.log)
        ids += await store.outbox.record("pickup", 2)
        async with running(store.link().run()):
            await store.drained()
        store.outbox.log = yesterday
        ids += await store.outbox.record("pickup", 4)
        async with running(store.link().run()):
            await store.drained()
            assert store.outbox.log.epoch == 2
        assert sorted(await hub.ids(name)) == sorted(ids)


async def test_a_second_gateway_is_fenced_while_the_first_leads_and_takes_over_when_it_is_gone(
    seam: Seam, tmp_path: Path, name: str
) -> None:
    first, second = Store(name, seam.broker()), Store(name, seam.broker(), gateway="gw-2")
    async with running_hub(tmp_path, seam.broker(), name) as hub:
        async with running(first.link().run()):
            ids = await first.outbox.record("pickup", 2)
            await first.drained()
            await second.outbox.record("pickup", 1)
            async with running(second.link().run()):
                await until(lambda: any(s.fenced for s in second.states), "the second is fenced")
                assert not second.states[-1].online
                ids += await first.outbox.record("pickup", 1)
                await first.drained()
            assert await hub.ids(name) == ids
        await until_row(hub, "offline", "SELECT 1 FROM store WHERE store = $1 AND online = 0", name)
        async with running(second.link().run()):
            await second.drained()
        async with running(first.link().run()):
            await until(lambda: first.states[-1].fenced, "the older epoch is fenced")


async def test_of_two_machines_with_one_identity_one_leads_and_nothing_is_doubled(
    amqtt: BrokerProcess, tmp_path: Path, name: str
) -> None:
    broker = Broker(host="127.0.0.1", port=amqtt.port, mqtt5=False)
    real, clone = Store(name, broker), Store(name, broker, boot="boot-2")
    async with running_hub(tmp_path, broker, name) as hub, running(real.link().run()):
        ids = await real.outbox.record("pickup", 5)
        await real.drained()
        clone.outbox.log = deepcopy(real.outbox.log)
        async with running(clone.link().run()):
            await until_row(hub, "the clone leads", "SELECT 1 FROM store WHERE boot = 'boot-2'")
            lost = await real.outbox.record("pickup", 3)
            ids += await clone.outbox.record("pickup", 3)
            await until(lambda: real.states[-1].fenced, "the other is fenced")
            await clone.drained()
            taken = await hub.ids(name)
            assert set(ids) <= set(taken) <= {*ids, *lost}
            assert len(taken) == len(set(taken))
            [row] = await hub.rows("SELECT epoch, boot FROM store")
            assert (row["epoch"] <= 3, row["boot"]) == (True, "boot-2")


async def test_a_malformed_batch_is_refused_and_the_hub_goes_on(
    seam: Seam, tmp_path: Path, name: str
) -> None:
    store = Store(name, seam.broker())
    await store.outbox.record("coupon", data=b'{"not": JSON')
    async with running_hub(tmp_path, seam.broker(), name) as hub, running(store.link().run()):
        await until(
            lambda: "not a JSON array" in (store.states[-1].last_error or "") if store.states
            else False,
            "the refusal shows",
        )  # fmt: skip
        ids = await store.outbox.record("stock", 2)
        await until_row(hub, "the lane behind it", "SELECT 1 FROM cursor WHERE lane = 'stock'")
        assert await hub.ids(name) == ids


@pytest.mark.parametrize("kind", ["hello", "ask", "status", "up/pickup"])
@pytest.mark.parametrize(
    "payload",
    [b"[" * 20_000, b"\xff", b"{}", b"9" * 70_000, b'{"id": "\xff"}'],
    ids=["nested", "no UTF-8", "no fields", "oversized", "no UTF-8 inside"],
)
async def test_nothing_that_a_store_says_ends_the_hub(
    amqtt: BrokerProcess, tmp_path: Path, name: str, kind: str, payload: bytes
) -> None:
    broker = Broker(host="127.0.0.1", port=amqtt.port, mqtt5=False)
    topics = StoreTopics(name)
    async with running_hub(tmp_path, broker, name), connect(broker) as connection:
        await connection.subscribe(topics.ack)
        async with asyncio.timeout(DEADLINE_S):
            async for message in connection.messages:
                if message.topic != topics.ack:  # amqtt sends others' retained ones too
                    continue
                word = msgspec.json.decode(message.payload, type=Ack)
                if word.hello:
                    await connection.publish(f"{topics.root}/{name}/{kind}", payload)
                if word.refused:
                    break


async def test_nothing_that_comes_down_ends_the_link(
    amqtt: BrokerProcess, tmp_path: Path, name: str
) -> None:
    broker = Broker(host="127.0.0.1", port=amqtt.port, mqtt5=False)
    store, topics = Store(name, broker), StoreTopics(name)
    async with (
        running_hub(tmp_path, broker, name),
        running(store.link().run()),
        connect(broker) as connection,
    ):
        for topic in (topics.ack, topics.down("commands"), topics.down("coupons")):
            for payload in (b"[" * 20_000, b"\xff", b"{}", b'{"kind": "\xff"}'):
                await connection.publish(topic, payload)
        await store.outbox.record("pickup", 2)
        await store.drained()


async def test_state_that_the_store_cannot_use_does_not_end_the_link(
    seam: Seam, tmp_path: Path, name: str
) -> None:
    class Choosy(FakeInbox):
        @override
        async def snapshot(
            self,
            stream: str,
            version: int,
            items: Sequence[msgspec.Raw],
            buckets: Sequence[int] | None = None,
        ) -> None:
            refused.set()
            raise Unusable

    refused = asyncio.Event()
    store = Store(name, seam.broker(), inbox=Choosy())
    async with running_hub(tmp_path, seam.broker(), name) as hub, running(store.link().run()):
        await _publish(hub, name, "autumn", "winter")
        await refused.wait()
        ids = await store.outbox.record("pickup", 2)
        await store.drained()
        assert await hub.ids(name) == ids


async def test_the_agents_own_log_is_emptied_by_the_hub_alone(
    seam: Seam, tmp_path: Path, name: str
) -> None:
    clock = SystemClock()
    async with (
        running_hub(tmp_path, seam.broker(), name) as hub,
        open_storage(tmp_path / "store.db", gateway="gw-1", clock=clock) as storage,
    ):
        link = Link(
            broker=seam.broker(),
            store=name,
            gateway="gw-1",
            agent_version="0.1.0",
            boot=storage.boot,
            outbox=storage.log,
            inbox=FakeInbox(),
            keyring=FakeKeyring(),
            clock=clock,
            random=Random(7),  # noqa: S311 - jitter, repeatable
        )
        fact = Fact("orders/W-1", Accepted(order="W-1"))
        for _ in range(20):
            await storage.run(lambda tx: tx.record(fact, clock.now()))
        async with running(link.run()):
            await until_row(hub, "all of it", "SELECT 1 FROM cursor WHERE sequence = 20")
            await until_state(storage, acknowledged=20)
        lane = (await storage.log.state()).lanes["pickup"]
        row = await until_row(hub, "the cursor", "SELECT sequence, hash FROM cursor")
        assert (row["sequence"], row["hash"], lane.waiting) == (20, lane.hash, 0)


async def until_state(storage: Storage, *, acknowledged: int) -> None:
    async with asyncio.timeout(DEADLINE_S):
        generation = storage.generation
        while (await storage.log.state()).lanes["pickup"].acknowledged < acknowledged:
            generation = await storage.changed(generation)


async def test_a_command_interrupted_by_an_outage_is_not_carried_out_twice(
    seam: Seam, tmp_path: Path, name: str
) -> None:
    class Slow(FakeInbox):
        @override
        async def command(self, command: Command) -> None:
            await super().command(command)
            carried.set()
            await asyncio.Event().wait()  # until the link is cut off, after the commit

    carried = asyncio.Event()
    store = Store(name, seam.broker(), inbox=Slow())
    async with running_hub(tmp_path, seam.broker(), name) as hub:
        await _place(hub, name, 2)
        async with running(store.link().run()):
            await carried.wait()
        store.inbox = FakeInbox(commands=store.inbox.commands)
        async with running(store.link().run()):
            await until(lambda: len(store.inbox.commands) == 2, "the second command")


async def _place(hub: Hub, store: str, count: int) -> None:
    now = system_clock()
    wish = orders.Wish(
        order=None,
        lines=[OrderLine(gtin="8800000001012", quantity=1, name={"en": "Runner"}, size="240")],
        shopper=None,
        collector="Kim",
        phone_last4="1234",
        language="ko",
        collect_by=None,
    )
    for _ in range(count):
        await hub.database.run(lambda tx: orders.place(tx, store, wish, now))
    hub.bridge.poke(store)


async def _publish(hub: Hub, store: str, *ids: str) -> None:
    now = system_clock()
    for each in ids:
        campaign = Campaign(
            id=each,
            title={"ko": "러너 할인", "en": "Runner offer"},
            text={"ko": "(광고) " + "가" * 400, "en": "(ad)"},
            zone="shoes",
            gtins=["8800000001012"],
            discount=5000,
            currency="KRW",
            starts=now,
            ends=now + timedelta(days=1),
        )
        await hub.database.run(
            partial(campaigns.publish, campaign=campaign, chosen=None, served=[store])
        )
    hub.bridge.poke(store)
