"""What the hub asks of its database, held to by both engines."""

import asyncio
import contextlib
from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
import pytest

from cloud_bridge.hub import commands, epochs, people, quarantine, streams, workers
from cloud_bridge.hub.clock import system_clock
from cloud_bridge.hub.database import (
    Database,
    Taken,
    Tx,
    Unacceptable,
    Unavailable,
    open_database,
    savepoint,
)
from cloud_bridge.hub.effects import EFFECTS
from cloud_bridge.hub.errors import HubError, Refused
from cloud_bridge.hub.ingest import ingest, take_keys
from cloud_bridge.hub.reading import check_batch, read_batch
from cloud_bridge.hub.rooms.campaigns import store as campaigns
from cloud_bridge.hub.rooms.orders import service as orders
from cloud_bridge.hub.rooms.shoppers import store as shoppers
from cloud_bridge.hub.rooms.stores import store as stores
from cloud_bridge.wire.batch import decode_batch
from cloud_bridge.wire.messages import REMOVED, Ack, Change
from cloud_bridge.wire.streams.orders import PlaceOrder
from cloud_bridge.wire.streams.shoppers import Shopper
from tests.bridge.conftest import Where
from tests.bridge.test_ingest import NOW, STORE, fact, hello

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
async def hub(database: Database) -> Database:
    """A database with one store that was granted epoch 1."""
    await database.run(lambda tx: stores.add(tx, STORE))
    await database.run(lambda tx: epochs.answer_hello(tx, STORE, hello(epoch=0), NOW))
    return database


async def take(hub: Database, *facts: dict[str, Any], lane: str = "pickup") -> Ack:
    batch = check_batch(lane, decode_batch(msgspec.json.encode(facts)))
    return await hub.run(lambda tx: ingest(tx, STORE, batch, NOW, EFFECTS))


async def values(hub: Database, sql: str) -> list[Any]:
    return [row["it"] for row in await hub.read(lambda tx: tx.rows(sql))]


async def test_a_work_that_raises_leaves_nothing_and_takes_nobody_with_it(hub: Database) -> None:
    async def fails(tx: Tx) -> None:
        await stores.add(tx, "store-2")
        raise LookupError

    async with asyncio.TaskGroup() as tasks:
        good = [
            tasks.create_task(hub.run(lambda tx, n=n: stores.add(tx, f"good-{n}")))  # type: ignore[misc]
            for n in range(5)
        ]
        with pytest.raises(LookupError):
            await hub.run(fails)
    assert all(task.done() for task in good)
    assert await values(hub, "SELECT count(*) AS it FROM store") == [6]


async def test_a_savepoint_undoes_its_block_alone_also_after_what_the_database_refused(
    hub: Database,
) -> None:
    async def work(tx: Tx) -> None:
        await stores.add(tx, "before")
        with pytest.raises(Taken):
            await refused_part(tx)
        await stores.add(tx, "after")

    async def refused_part(tx: Tx) -> None:
        async with savepoint(tx):
            await stores.add(tx, "inside")
            await tx.execute("INSERT INTO store (store) VALUES ($1)", STORE)

    await hub.run(work)
    names = await values(hub, "SELECT store AS it FROM store ORDER BY store")
    assert names == ["after", "before", STORE]


@pytest.mark.parametrize("kind", ["bar'", None, "ray"])
async def test_what_breaks_a_constraint_is_unacceptable(hub: Database, kind: str | None) -> None:
    with pytest.raises(Unacceptable):
        await hub.run(
            lambda tx: tx.execute("INSERT INTO unseen VALUES ($1, $2, 'x', 'b')", STORE, kind)
        )


async def test_many_rows_go_in_at_once_and_come_out_as_they_were(hub: Database) -> None:
    rows: Sequence[Sequence[object]] = [(STORE, f"k{n}", bytes([n])) for n in range(200)]
    await hub.run(lambda tx: tx.insert("person_key", ("store", "id", "key"), rows))
    found = await hub.read(lambda tx: tx.rows("SELECT id, key FROM person_key"))
    assert {row["id"]: row["key"] for row in found} == {f"k{n}": bytes([n]) for n in range(200)}


async def test_a_reader_sees_one_moment_and_nothing_that_is_not_committed(hub: Database) -> None:
    looking, written = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        await looking.wait()
        await hub.run(lambda tx: stores.add(tx, "store-2"))
        written.set()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(write())
        before = await values(hub, "SELECT count(*) AS it FROM store")
        looking.set()
        await written.wait()
    assert (before, await values(hub, "SELECT count(*) AS it FROM store")) == ([1], [2])


async def test_a_database_is_opened_again_as_it_was_left(where: Where) -> None:
    for expected in (0, 1):
        async with open_database(where) as database:
            assert await values(database, "SELECT count(*) AS it FROM store") == [expected]
            await database.run(lambda tx: stores.add(tx, STORE))
            await database.run(lambda tx: tx.execute("UPDATE migration SET sha256 = sha256"))


async def test_a_schema_file_that_was_changed_since_is_refused(where: Where) -> None:
    async with open_database(where) as database:
        await database.run(lambda tx: tx.execute("UPDATE migration SET sha256 = 'other'"))
    with pytest.raises(HubError, match="not the one that made this database"):
        async with open_database(where):
            pass


async def test_facts_are_taken_once_in_sequence_with_their_effects(hub: Database) -> None:
    await hub.run(lambda tx: orders.place(tx, STORE, wish("W-1"), system_clock()))
    assert (await take(hub, fact(1), fact(2))).lanes["pickup"].cursor == 2
    assert (await take(hub, fact(1), fact(2), fact(3))).lanes["pickup"].cursor == 3
    assert (await take(hub, fact(5))).lanes["pickup"].expected == 4
    assert await values(hub, "SELECT sequence AS it FROM fact ORDER BY sequence") == [1, 2, 3]
    assert await values(hub, "SELECT state AS it FROM orders") == ["ready"]
    [told] = await hub.read(stores.overview)
    assert (told.facts, told.open_orders, told.lanes["pickup"].cursor) == (3, 1, 3)
    newest = await hub.read(lambda tx: stores.newest_facts(tx, store=STORE, lane="pickup"))
    assert [each.sequence for each in newest] == [3, 2, 1]


async def test_batches_that_come_at_once_leave_one_unbroken_sequence(hub: Database) -> None:
    """Doubled, shuffled and concurrent, as a shared subscription hands them out."""

    async def hand_over(first: int) -> None:
        cursor = 0
        while cursor < first + 9:
            facts = [fact(n) for n in range(first, first + 10)]
            cursor = (await take(hub, *facts)).lanes["pickup"].cursor

    async with asyncio.TaskGroup() as tasks:
        for first in (41, 31, 21, 11, 1, 41, 11):
            tasks.create_task(hand_over(first))
    found = await values(hub, "SELECT sequence AS it FROM fact ORDER BY sequence")
    assert found == list(range(1, 51))
    assert await values(hub, "SELECT facts AS it FROM store") == [50]


async def test_two_workers_never_have_one_store_at_the_same_time(hub: Database) -> None:
    async def impatient(tx: Tx) -> None:
        await tx.execute("SET LOCAL lock_timeout = '20ms'")
        await epochs.hold(tx, STORE, NOW)

    async def holding(tx: Tx) -> None:
        await epochs.hold(tx, STORE, NOW)
        with pytest.raises(Unavailable):
            await hub.run(impatient)

    if hub.shared:  # SQLite has one writer
        await hub.run(holding)


async def test_an_older_epoch_and_another_gateway_are_fenced(hub: Database) -> None:
    assert (await take(hub, fact(1, epoch=0))).fenced
    assert (await take(hub, fact(1, source=f"/stores/{STORE}/gateways/gw-2"))).fenced
    assert await values(hub, "SELECT count(*) AS it FROM fact") == [0]


async def test_a_command_log_has_no_holes_though_many_write_and_some_fail(hub: Database) -> None:
    async def place(number: int) -> None:
        with contextlib.suppress(Refused):
            await hub.run(
                lambda tx: orders.place(tx, STORE, wish(f"W-{number % 7}"), system_clock())
            )

    async with asyncio.TaskGroup() as tasks:
        for number in range(21):
            tasks.create_task(place(number))
    found = await hub.read(lambda tx: commands.above(tx, STORE, 0))
    assert [sequence for sequence, _ in found] == list(range(1, 8))


async def test_streams_move_by_versions_and_forget_who_left(hub: Database) -> None:
    def item(text: str) -> msgspec.Raw:
        return msgspec.Raw(msgspec.json.encode(text))

    for n in range(3):
        change = [Change(key=f"k{n}", item=item(f"v{n}"))]
        await hub.run(lambda tx, change=change: streams.change(tx, STORE, "coupons", change))  # type: ignore[misc]
    await hub.run(lambda tx: streams.change(tx, STORE, "coupons", [Change(key="k1", item=REMOVED)]))
    assert await hub.read(lambda tx: streams.versions(tx, STORE)) == {"coupons": 4}
    assert len(await hub.read(lambda tx: streams.missing(tx, STORE, "coupons", 2))) == 2
    [snapshot] = await hub.read(lambda tx: streams.missing(tx, STORE, "coupons", 0))
    assert b'[\\"v0\\",\\"v2\\"]' in snapshot


async def test_every_list_of_the_pages_is_read(hub: Database) -> None:
    await take(hub, fact(1))
    assert await hub.read(campaigns.running) == []
    assert await hub.read(campaigns.version) == 0
    assert await hub.read(lambda tx: shoppers.listed(tx, STORE)) == []
    assert len(await hub.read(stores.newest_facts)) == 1


def wish(order: str | None = None) -> orders.Wish:
    return orders.Wish(
        order=order,
        lines=[],
        shopper=None,
        collector="Kim",
        phone_last4="1234",
        language="ko",
        collect_by=None,
    )


async def test_a_question_that_brings_no_keys_is_answered(hub: Database) -> None:
    await hub.run(lambda tx: take_keys(tx, STORE, [], NOW, EFFECTS))
    assert await hub.read(lambda tx: people.departed(tx, STORE, [])) == []


async def test_a_restored_hub_places_nothing_under_a_number_that_the_store_has_behind_it(
    hub: Database,
) -> None:
    now = system_clock()
    await hub.run(lambda tx: orders.place(tx, STORE, wish(), now))
    await hub.run(lambda tx: commands.fill(tx, STORE, 3, now))
    _, sequence = await hub.run(lambda tx: orders.place(tx, STORE, wish(), now))
    assert sequence == 4
    log = "SELECT type AS it FROM command ORDER BY sequence"
    assert await values(hub, log) == [
        PlaceOrder.TYPE,
        commands.LOST,
        commands.LOST,
        PlaceOrder.TYPE,
    ]
    await hub.run(lambda tx: commands.fill(tx, STORE, 10**9, now))
    assert await hub.read(lambda tx: commands.last(tx, STORE)) == 4 + commands.MOST_FILLED


async def test_somebody_who_is_dropped_while_they_are_published_is_not_in_the_stream(
    hub: Database,
) -> None:
    if not hub.shared:
        pytest.skip("one writer has one work at a time")
    await hub.run(lambda tx: shoppers.take_entry(tx, STORE, "anna-1234567"))
    held, go_on = asyncio.Event(), asyncio.Event()

    async def publish(tx: Tx) -> None:
        entry = await shoppers.take_entry(tx, STORE, "anna-1234567")
        held.set()
        await go_on.wait()
        item = Shopper(id=entry, shopper="anna-1234567", language="ko", beacons=[], consents=[])
        await shoppers.publish(tx, STORE, item)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(hub.run(publish))
        await held.wait()
        dropped = tasks.create_task(hub.run(lambda tx: shoppers.drop(tx, STORE, "anna-1234567")))
        await until_waiting(hub)
        go_on.set()
    assert dropped.result() == 2
    assert await hub.read(lambda tx: shoppers.listed(tx, STORE)) == []


async def until_waiting(hub: Database) -> None:
    """Another transaction waits for a row."""
    waits = "SELECT 1 AS it FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    async with asyncio.timeout(10):
        while not await values(hub, waits):
            pass


async def test_of_workers_that_leave_at_the_same_time_one_is_the_last(hub: Database) -> None:
    now = system_clock()
    for name in ("a", "b"):
        await hub.run(partial(workers.beat, worker=name, now=now))
    async with asyncio.TaskGroup() as tasks:
        left = [
            tasks.create_task(hub.run(partial(workers.leave, worker=name, now=now)))
            for name in ("a", "b")
        ]
    assert sorted(each.result() for each in left) == [0, 1]


async def test_of_two_who_drop_the_same_from_quarantine_one_is_refused(hub: Database) -> None:
    poison = fact(1)
    del poison["subject"]
    batch = check_batch("pickup", read_batch(msgspec.json.encode([poison])))
    await hub.run(lambda tx: ingest(tx, STORE, batch, NOW, EFFECTS))

    async def drop() -> bool:
        try:
            await hub.run(lambda tx: quarantine.remove(tx, STORE, poison["id"]))
        except Refused:
            return False
        return True

    async with asyncio.TaskGroup() as tasks:
        dropped = [tasks.create_task(drop()) for _ in range(2)]
    assert sorted(each.result() for each in dropped) == [False, True]
    assert await values(hub, "SELECT quarantined AS it FROM store") == [0]
