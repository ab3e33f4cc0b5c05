"""Databases that cannot be had for a while: nothing is acknowledged, and all goes on by itself."""

import asyncio
import sqlite3
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from cloud_bridge.hub.database import Database, PostgresServer, Tx, Unavailable, Unfinished, sqlite
from cloud_bridge.hub.database import open_database as opened
from cloud_bridge.hub.database.sqlite_tx import told_apart
from cloud_bridge.hub.rooms.stores import store as stores
from cloud_bridge.mqtt import Broker
from tests.bridge.rig import Store, running, running_hub, until, until_row
from tests.bridge.test_hub_http import ORDER, Site, site
from tests.support.brokers import BrokerProcess
from tests.support.postgres import PostgresProcess

__all__ = ["site"]

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def broker(mosquitto: BrokerProcess) -> Broker:
    return Broker(host="127.0.0.1", port=mosquitto.port)


@pytest.fixture
def name() -> str:
    return f"store-{uuid.uuid4().hex[:8]}"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_MS", 50)


async def test_a_server_that_is_killed_and_comes_back_needs_no_hand(
    postgres: PostgresProcess,
    new_postgres: Callable[[], PostgresServer],
    broker: Broker,
    name: str,
) -> None:
    store = Store(name, broker)
    ids = await store.outbox.record("pickup", 20)
    async with running_hub(new_postgres(), broker, name) as hub, running(store.link().run()):
        await store.drained()
        postgres.kill()
        ids += await store.outbox.record("pickup", 700)
        with pytest.raises(Unavailable):
            await hub.rows("SELECT 1")
        await asyncio.to_thread(postgres.start)
        await store.drained()
        assert await hub.ids(name) == ids
        await until_row(hub, "still online", "SELECT 1 FROM store WHERE online = 1")


async def test_a_file_that_another_holds_is_waited_for(
    tmp_path: Path, broker: Broker, name: str
) -> None:
    store = Store(name, broker)
    async with running_hub(tmp_path, broker, name) as hub, running(store.link().run()):
        await until(lambda: bool(store.states) and store.states[-1].online, "the link is up")
        with (
            capture_logs() as said,
            closing(sqlite3.connect(tmp_path / "hub.db", isolation_level=None)) as backup,
        ):
            backup.execute("BEGIN IMMEDIATE")
            ids = await store.outbox.record("pickup", 5)
            with pytest.raises(Unavailable):
                await hub.database.run(partial(stores.add, store="nobody"))
            await until(lambda: waits(said), "the hub waits")
            assert store.outbox.log.facts, "nothing is acknowledged"
        await store.drained()
        assert await hub.ids(name) == ids


async def test_a_disk_that_is_full_refuses_and_takes_again_when_there_is_room(
    tmp_path: Path, broker: Broker, name: str
) -> None:
    store = Store(name, broker)
    async with running_hub(tmp_path, broker, name) as hub, running(store.link().run()):
        await until(lambda: bool(store.states) and store.states[-1].online, "the link is up")
        await most_pages(hub.database, 1)
        ids = await store.outbox.record("pickup", 500)
        with capture_logs() as said:
            with pytest.raises(Unavailable):
                await hub.database.run(fill)
            await until(lambda: waits(said), "the hub waits")
        assert store.outbox.log.facts, "nothing is acknowledged"
        await most_pages(hub.database, 1_000_000)
        await store.drained()
        assert await hub.ids(name) == ids


def waits(said: Sequence[Mapping[str, Any]]) -> bool:
    return any(line["event"] == "hub.database_unavailable" for line in said)


async def most_pages(database: Database, pages: int) -> None:
    """What SQLite may use; it never takes fewer than it has."""
    assert isinstance(database, sqlite.SqliteDatabase)
    await database._writer.alone(lambda file: file.execute(f"PRAGMA max_page_count = {pages}"))


async def fill(tx: Tx) -> None:
    for _ in range(2000):
        await stores.add(tx, uuid.uuid4().hex)


async def test_a_request_is_answered_that_it_may_come_again(site: Site, tmp_path: Path) -> None:
    path = "/v1/stores/store-1/orders"
    with closing(sqlite3.connect(tmp_path / "hub.db", isolation_level=None)) as backup:
        backup.execute("BEGIN IMMEDIATE")
        answer = await site.post(path, ORDER, idempotency_key="k-1")
        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
        assert "retry-after" in answer.headers
    assert (await site.post(path, ORDER, idempotency_key="k-1")).status_code == 201


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[Database]:
    async with opened(tmp_path / "hub.db") as database:
        yield database


async def test_works_that_wait_share_one_commit_and_each_fails_for_itself(file: Database) -> None:
    commits: list[str] = []
    assert isinstance(file, sqlite.SqliteDatabase)
    await file._writer.alone(
        lambda writer: writer.set_trace_callback(
            lambda sql: commits.append(sql) if sql == "COMMIT" else None
        )
    )

    async def add(number: int) -> None:
        async def work(tx: Tx) -> None:
            await stores.add(tx, f"s-{number}")
            if number % 3 == 0:
                raise LookupError(number)

        try:
            await file.run(work)
        except LookupError:
            failed.append(number)

    failed: list[int] = []
    async with asyncio.TaskGroup() as tasks:
        for number in range(60):
            tasks.create_task(add(number))
    rows = await file.read(lambda tx: tx.rows("SELECT store FROM store"))
    assert (len(rows), len(failed)) == (40, 20)
    assert len(commits) < 60


async def test_a_work_that_awaits_something_else_is_a_mistake_and_changes_nothing(
    file: Database,
) -> None:
    async def work(tx: Tx) -> None:
        await stores.add(tx, "s")
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="nothing but its transaction"):
        await file.run(work)
    assert await file.read(lambda tx: tx.rows("SELECT store FROM store")) == []


async def test_what_waits_at_the_end_is_done_and_what_comes_after_is_refused(
    file: Database, tmp_path: Path
) -> None:
    assert isinstance(file, sqlite.SqliteDatabase)
    writing, go_on = threading.Event(), threading.Event()

    async def slow(tx: Tx) -> None:
        writing.set()
        go_on.wait()
        await stores.add(tx, "first")

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        tasks.create_task(file.run(slow))
        await asyncio.to_thread(writing.wait)
        tasks.create_task(file.run(partial(stores.add, store="second")))
        await asyncio.sleep(0)  # it is queued
        ending = tasks.create_task(file._writer.close())
        await asyncio.sleep(0)  # it is closing
        with pytest.raises(Unavailable):
            await file.run(partial(stores.add, store="too late"))
        go_on.set()
        await ending
    with closing(sqlite3.connect(tmp_path / "hub.db")) as left:
        assert left.execute("SELECT store FROM store").fetchall() == [("first",), ("second",)]


async def test_a_file_whose_disk_fails_takes_nothing_more(file: Database) -> None:
    """After a failed write nobody knows what is on the disk, so a later success proves nothing."""

    async def fails(_tx: Tx) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        with told_apart():
            raise error

    for work in (fails, partial(stores.add, store="later")):
        with pytest.raises(Unfinished) as failure:
            await file.run(work)
        assert not isinstance(failure.value, Unavailable)
