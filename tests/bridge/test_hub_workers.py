"""Several workers at one PostgreSQL, behind a shared subscription: each fact once, whoever dies."""

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec
import pytest

from cloud_bridge.hub import told, workers
from cloud_bridge.hub.clock import system_clock
from cloud_bridge.hub.database import Database, PostgresServer, Tx, open_database
from cloud_bridge.hub.errors import HubError
from cloud_bridge.hub.rooms.orders import service as orders
from cloud_bridge.hub.rooms.stores import store as stores
from cloud_bridge.hub.worker import first_reason
from cloud_bridge.mqtt import Broker, connect
from cloud_bridge.wire.topics import StoreTopics, hub_filters
from tests.bridge.rig import Hub, Store, make_bridge, running, until, until_row
from tests.bridge.test_hub_store_contract import hub, values, wish
from tests.bridge.test_ingest import STORE, hello
from tests.support.brokers import BrokerProcess

__all__ = ["hub"]

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def broker(mosquitto: BrokerProcess) -> Broker:
    return Broker(host="127.0.0.1", port=mosquitto.port, receive_maximum=10)


@pytest.fixture
def server(new_postgres: Callable[[], PostgresServer]) -> PostgresServer:
    return new_postgres()


@asynccontextmanager
async def worker(server: PostgresServer, broker: Broker, *served: str) -> AsyncIterator[Hub]:
    async with open_database(server) as database:
        for name in served:
            await database.run(partial(stores.add, store=name))
        bridge = make_bridge(database, broker, *served)
        async with running(bridge.run()):
            yield Hub(database, bridge)


async def test_workers_that_come_and_go_take_each_fact_once(
    server: PostgresServer, broker: Broker
) -> None:
    names = [f"store-{uuid.uuid4().hex[:8]}" for _ in range(4)]
    fleet = [Store(name, broker) for name in names]
    ids: dict[str, list[str]] = {}
    for store in fleet:
        ids[store.name] = await store.outbox.record("pickup", 60)
        ids[store.name] += await store.outbox.record("presence", 1500)
    async with AsyncExitStack() as first:
        hub = await first.enter_async_context(worker(server, broker, *names))
        async with worker(server, broker, *names) as second, AsyncExitStack() as links:
            for store in fleet:
                await links.enter_async_context(running(store.link().run()))
            await until_row(second, "some facts", "SELECT 1 FROM store WHERE facts > 300")
            await first.aclose()  # in the midst of it
            async with worker(server, broker, *names):
                for store in fleet:
                    await store.drained()
                for name in names:
                    assert await second.ids(name) == ids[name]
                rows = await second.rows("SELECT facts FROM store")
                assert [row["facts"] for row in rows] == [1560] * 4
    del hub


async def test_messages_doubled_and_given_to_different_workers_are_taken_once(
    server: PostgresServer, broker: Broker
) -> None:
    name = f"store-{uuid.uuid4().hex[:8]}"
    store, topics = Store(name, broker), StoreTopics(name)
    ids = await store.outbox.record("stock", 3000)

    async def echo() -> None:
        """Whatever the store sends up is sent once more, late."""
        async with connect(broker) as ears, connect(broker) as mouth:
            await ears.subscribe(topics.up("+"))
            seen: set[bytes] = set()
            async for message in ears.messages:
                message.ack()
                if message.payload not in seen:
                    seen.add(message.payload)
                    await mouth.publish(message.topic, message.payload)

    async with (
        worker(server, broker, name),
        worker(server, broker, name) as hub,
        running(echo(), store.link().run()),
    ):
        await store.drained()
        assert await hub.ids(name) == ids


async def test_a_command_that_another_process_appended_is_told_by_whoever_looks(
    server: PostgresServer, broker: Broker
) -> None:
    name = f"store-{uuid.uuid4().hex[:8]}"
    store = Store(name, broker)
    async with (
        worker(server, broker, name) as hub,
        worker(server, broker, name),
        running(store.link().run()),
        open_database(server) as elsewhere,
    ):
        await until_row(hub, "online", "SELECT 1 FROM told WHERE store = $1", name)
        for _ in range(3):
            await elsewhere.run(partial(place, store=name))
        await until(lambda: len(store.inbox.commands) == 3, "the commands")
        await until_row(hub, "the note of it", "SELECT 1 FROM told WHERE commands = 3")
    assert [each.sequence for each in store.inbox.commands] == [1, 2, 3]


async def place(tx: Tx, store: str) -> None:
    await orders.place(tx, store, wish(), system_clock())


async def test_nobody_is_called_offline_while_another_worker_hears(
    server: PostgresServer, broker: Broker
) -> None:
    name = f"store-{uuid.uuid4().hex[:8]}"
    store = Store(name, broker)
    online = "SELECT 1 FROM store WHERE online = 1"
    async with worker(server, broker, name) as hub:
        async with worker(server, broker, name) as second:
            await until_row(hub, "two workers", "SELECT 1 FROM worker HAVING count(*) = 2")
            async with running(store.link().run()):
                await until_row(hub, "online", online)
                await store.drained()
        del second
        await until_row(hub, "still one", "SELECT 1 FROM worker")


async def test_one_worker_tells_a_store_at_a_time_and_a_dead_ones_lease_runs_out(
    hub: Database,
) -> None:
    now = system_clock()
    await hub.run(lambda tx: told.begin(tx, STORE, hello()))
    assert await hub.run(lambda tx: told.lease(tx, STORE, "a", now))
    assert not await hub.run(lambda tx: told.lease(tx, STORE, "b", now))
    assert await hub.run(lambda tx: told.lease(tx, STORE, "a", now))
    assert not await hub.run(lambda tx: told.lease(tx, STORE, "b", now + told.LEASE))
    later = now + told.LEASE * 1.01
    assert await hub.run(lambda tx: told.lease(tx, STORE, "b", later))


async def test_what_was_told_counts_from_the_last_hello(hub: Database) -> None:
    now = system_clock()
    await hub.run(lambda tx: place(tx, STORE))
    assert await hub.read(told.behind) == [], "it said no hello yet"
    await hub.run(lambda tx: told.begin(tx, STORE, hello()))
    assert await hub.read(told.behind) == [STORE]
    await hub.run(lambda tx: told.lease(tx, STORE, "a", now))
    owed = await hub.read(lambda tx: told.owed(tx, STORE))
    assert (owed.commands, len(owed.messages)) == (1, 1)
    again = msgspec.structs.replace(hello(), id="another")
    await hub.run(lambda tx: told.begin(tx, STORE, again))
    await hub.run(lambda tx: told.record(tx, STORE, "a", owed))
    assert await hub.read(told.behind) == [STORE], "to a store that has come anew"
    await hub.run(lambda tx: told.lease(tx, STORE, "b", now))
    owed = await hub.read(lambda tx: told.owed(tx, STORE))
    await hub.run(lambda tx: told.record(tx, STORE, "b", owed))
    assert await hub.read(partial(told.behind, store=STORE)) == []
    assert await values(hub, "SELECT leased_by AS it FROM told") == [""]


async def test_a_worker_counts_until_it_leaves_or_misses_three_beats(hub: Database) -> None:
    now = system_clock()
    assert await hub.run(lambda tx: workers.beat(tx, "a", now)) == 0
    assert await hub.run(lambda tx: workers.beat(tx, "b", now)) == 1
    assert await hub.run(lambda tx: workers.leave(tx, "b", now)) == 1
    later = now + workers.LASTS * 1.01
    assert await hub.run(lambda tx: workers.beat(tx, "c", later)) == 0


async def test_a_worker_refuses_a_broker_that_shares_no_subscriptions(
    mosquitto: BrokerProcess, tmp_path: Path
) -> None:
    old = Broker(host="127.0.0.1", port=mosquitto.port, mqtt5=False)
    async with open_database(tmp_path / "hub.db") as database:
        bridge = make_bridge(database, old, STORE, shared=True)
        with pytest.raises(HubError, match="shares no subscriptions"), first_reason():
            await bridge.run()


def test_a_worker_shares_what_stores_send_and_hears_every_status() -> None:
    assert hub_filters("root", group="hub") == (
        "$share/hub/root/+/up/+",
        "$share/hub/root/+/hello",
        "$share/hub/root/+/ask",
        "root/+/status",
    )
