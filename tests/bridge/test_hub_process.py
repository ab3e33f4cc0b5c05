"""`cloud-hub` as a program: starts, says what is wrong, survives kill -9, stops in time."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Self

import httpx
import msgspec
import pytest
from typer.testing import CliRunner

from cloud_bridge.hub import quarantine
from cloud_bridge.hub.__main__ import app
from cloud_bridge.hub.access import write_key
from cloud_bridge.hub.database import open_database
from cloud_bridge.hub.errors import HubError
from cloud_bridge.hub.reading import Head, Poison
from cloud_bridge.hub.rooms.stores import store as stores
from cloud_bridge.hub.settings import load_settings
from cloud_bridge.mqtt import Broker
from tests.bridge.rig import DEADLINE_S, Store, running, until
from tests.bridge.test_ingest import NOW, fact
from tests.support.brokers import BrokerProcess, free_port, listens

HUB = [sys.executable, "-m", "cloud_bridge.hub"]


class HubProcess:
    """A hub on a free port, with its settings in `folder`."""

    def __init__(self, folder: Path, broker_port: int, store: str = "store-1") -> None:
        self.port = free_port()
        self.folder = folder
        for name in ("operator.key", "api.key"):
            write_key(folder / name)
        self.settings = folder / "hub.toml"
        self.settings.write_text(
            f'database = "hub.db"\nstores = ["{store}"]\nlisten = "127.0.0.1:{self.port}"\n'
            f'[broker]\nhost = "127.0.0.1"\nport = {broker_port}\nmqtt5 = false\n'
            '[access]\noperator_key_file = "operator.key"\napi_key_file = "api.key"\n',
            encoding="utf-8",
        )
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def headers(self) -> dict[str, str]:
        key = (self.folder / "api.key").read_text(encoding="utf-8").strip()
        return {"authorization": f"Bearer {key}"}

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def spawn(self) -> None:
        command = [*HUB, "run", "--settings", str(self.settings)]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)

    async def start(self) -> None:
        self.spawn()
        await until(self._listens, "the hub listens")

    def _listens(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None
        return listens(self.port)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    async def stopped(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(DEADLINE_S):
            return await asyncio.to_thread(self.process.wait)


async def test_a_hub_killed_again_and_again_has_every_fact_once(
    amqtt: BrokerProcess, tmp_path: Path
) -> None:
    store = Store("store-1", Broker(host="127.0.0.1", port=amqtt.port, mqtt5=False))
    await store.outbox.record("pickup", 50)
    await store.outbox.record("presence", 3000)
    with HubProcess(tmp_path, amqtt.port) as hub:
        async with running(store.link().run()), client_of(hub) as client:
            for left in (2000, 1000):
                await hub.start()
                await until(partial(_at_most, store, left), "some facts arrived")
                hub.kill()
            await hub.start()
            await store.drained()
            [told] = (await client.get(hub.url("/v1/stores"))).json()["stores"]
    lanes = {lane: word["cursor"] for lane, word in told["lanes"].items()}
    assert (told["facts"], lanes) == (3050, {"pickup": 50, "presence": 3000})


def client_of(hub: HubProcess) -> httpx.AsyncClient:
    return httpx.AsyncClient(headers=hub.headers, timeout=DEADLINE_S)


def _at_most(store: Store, left: int) -> bool:
    return sum(fact.lane == "presence" for fact in store.outbox.log.facts) <= left


async def test_an_open_live_view_does_not_hold_up_a_stop(tmp_path: Path) -> None:
    with HubProcess(tmp_path, free_port()) as hub:
        await hub.start()
        async with client_of(hub) as client, client.stream("GET", hub.url("/v1/live")) as stream:
            lines = stream.aiter_lines()
            assert (await anext(lines)).startswith("event: ")
            assert await hub.stopped() == 0


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    hub = HubProcess(tmp_path, free_port())
    with socket.create_server(("127.0.0.1", hub.port)):
        ended = _run("run", "--settings", str(hub.settings))
    assert ended.returncode == 2
    assert f"cannot listen on 127.0.0.1:{hub.port}" in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("mqtt5 = false", "mqtt6 = false", ["hub.toml", "broker", "mqtt6"]),
        ("port = ", 'port = "x" #', ["hub.toml", "broker.port", "int"]),
        ("store-1", "Store 1", ["hub.toml", "stores", "a-z"]),
        ("api.key", "none.key", ["none.key", "cloud-hub key"]),
        ("[access]", "[access", ["hub.toml", "line"]),
        ('"hub.db"', '"mysql://x/y"', ["hub.toml", "database", "postgresql://"]),
        ('listen = "127.0.0.1:', 'listen = "nowhere', ["hub.toml", "listen", "127.0.0.1:8070"]),
    ],
)
def test_a_mistake_in_the_settings_names_file_key_and_remedy(
    tmp_path: Path, old: str, new: str, words: list[str]
) -> None:
    hub = HubProcess(tmp_path, free_port())
    text = hub.settings.read_text(encoding="utf-8")
    assert old in text
    hub.settings.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(HubError) as caught:
        load_settings(hub.settings)
    assert [word for word in words if word not in str(caught.value)] == []


def test_a_second_process_at_a_sqlite_file_is_one_clear_line(tmp_path: Path) -> None:
    hub = HubProcess(tmp_path, free_port())
    ended = _run("worker", "--settings", str(hub.settings))
    assert ended.returncode == 2
    assert "belongs to the one process" in ended.stderr
    assert ended.stderr.count("\n") == 1


async def test_what_lies_in_quarantine_is_listed_driven_again_and_dropped(tmp_path: Path) -> None:
    store = "store-1"
    source = f"/stores/{store}/gateways/gw-1"
    places = [
        Poison(
            Head(source=source, lane="pickup", epoch=0, sequence=n), f"0/pickup/{n}", None, raw, "?"
        )
        for n, raw in enumerate(
            (b"{}", msgspec.json.encode(fact(2, epoch=0, source=source))), start=1
        )
    ]
    async with open_database(tmp_path / "hub.db") as database:
        await database.run(partial(stores.add, store=store))
        for each in places:
            await database.run(partial(quarantine.put, store=store, fact=each, reason="?", now=NOW))
        passed = "INSERT INTO cursor VALUES ($1, 0, 'pickup', 2, '')"
        await database.run(lambda tx: tx.execute(passed, store))
    with HubProcess(tmp_path, free_port()) as hub:
        await hub.start()

        async def said(*words: str) -> str:
            command = ["quarantine", *words, "--settings", str(hub.settings)]
            ended = await asyncio.to_thread(CliRunner().invoke, app, command)
            assert ended.exception is None or isinstance(ended.exception, HubError)
            return ended.output or str(ended.exception)

        assert (await said("list")).count("0/pickup/") == 4
        assert "store.pickup.ready.v1" in await said("show", store, "0/pickup/2")
        assert "no place" in await said("again", store, "0/pickup/1")
        assert "is taken" in await said("again", store, "0/pickup/2")
        assert "is gone" in await said("drop", store, "0/pickup/1", "--yes")
        assert "no fact 0/pickup/1" in await said("drop", store, "0/pickup/1", "--yes")
        async with client_of(hub) as client:
            [told] = (await client.get(hub.url("/v1/stores"))).json()["stores"]
            facts = (await client.get(hub.url(f"/v1/stores/{store}/facts"))).json()["facts"]
            assert (await client.get(hub.url("/v1/quarantine"))).json() == {"quarantine": []}
    assert (told["quarantined"], [each["sequence"] for each in facts]) == (0, [2])


def test_a_key_file_is_the_owners_alone_and_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "new.key"
    assert _run("key", str(file)).returncode == 0
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.read_text(encoding="utf-8")
    again = _run("key", str(file))
    assert (again.returncode, "exists already" in again.stderr) == (2, True)
    assert file.read_text(encoding="utf-8") == before


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"NO_COLOR": "1"}
    return subprocess.run(
        [*HUB, *arguments], capture_output=True, text=True, env=environment, check=False
    )
