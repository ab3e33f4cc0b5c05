"""The gateway that leads and one that lends its radio, each as the program that a unit starts."""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulators.bluez import Advert, SimulatedBluez
from tests.radio.scene import IBEACON, IDENTITY

DEADLINE_S = 60.0
"""Two programs start in three seconds each on a machine of their own."""

KEY = "k7mw-2rfp-x9tc-04hd"
Row = Mapping[str, Any]

LEADER = """
[store]
id = "two-gateways"
gateway = "gw-1"
name = {{ ko = "가게", en = "Store" }}
[state]
directory = "state"
[http]
listen = "127.0.0.1:{http}"
[cloud]
host = "127.0.0.1"
port = {cloud}
[device_bus]
listen = "tcp://127.0.0.1:{bus}"
keys = "keys"
[[access]]
roles = ["console"]
key_file = "desk.key"
[floor]
width_m = 10
height_m = 10
[[receivers]]
id = "back-ceiling"
kind = "gateway"
device = "back-room"
position = [5, 5]
[[beacons]]
id = "ref-1"
role = "reference"
identity = "{identity}"
position = [5, 5]
[catalogue]
file = "catalogue.toml"
"""

RECEIVER = """
device = "back-room"
bus = "tcp://127.0.0.1:{bus}"
keys = "keys"
[[radios]]
id = "back-ceiling"
adapter = "hci0"
"""


class Gateways:
    """A directory with the settings of both, and what they are asked."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        ports = dict(zip(("http", "bus", "cloud"), free_ports(3), strict=True))
        self.url = f"http://127.0.0.1:{ports['http']}"
        texts = {
            "store.toml": LEADER.format(**ports, identity=IDENTITY),
            "receiver.toml": RECEIVER.format(**ports),
            "catalogue.toml": 'currency = "KRW"\n',
            "desk.key": KEY,
        }
        for name, text in texts.items():
            (directory / name).write_text(text, "utf-8")
        (directory / "desk.key").chmod(0o600)

    @asynccontextmanager
    async def program(self, *words: str, **environment: str) -> AsyncIterator[Process]:
        """`edge-agent` with these words, until SIGTERM ends it well."""
        running = await self._start(*words, **environment)
        try:
            yield running
        finally:
            running.send_signal(signal.SIGTERM)
            async with asyncio.timeout(DEADLINE_S):
                assert await running.wait() == 0

    async def said(self, *words: str) -> bytes:
        """What a program that ends by itself says; empty when it failed."""
        running = await self._start(*words)
        out, _ = await running.communicate()
        return out

    async def radio_until(self, holds: Callable[[Row], bool]) -> Row:
        """The far radio as `edge-agent receivers` shows it, as soon as `holds`."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                out = await self.said("receivers", "-s", "store.toml", "--once", "--json")
                for row in json.loads(out or b"[]"):
                    if holds(row):
                        return dict(row)

    async def _start(self, *words: str, **environment: str) -> Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "edge_agent", *words),
            cwd=self.directory,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
            stdout=PIPE if words[0] != "run" else DEVNULL,
            stderr=DEVNULL,
        )


def free_ports(number: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    try:
        return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()


@pytest.fixture
def gateways(tmp_path: Path) -> Gateways:
    return Gateways(tmp_path)


@asynccontextmanager
async def store_with_a_beacon(directory: Path) -> AsyncIterator[SimulatedBluez]:
    """The far gateway's bluetoothd, and a beacon beside it that never stops."""

    async def send(bluez: SimulatedBluez) -> None:
        while True:
            bluez.adapter("hci0").advertise(Advert("C0:00:00:00:00:01", -60, IBEACON))
            await asyncio.sleep(0.1)

    async with SimulatedBluez(directory / "bluez") as bluez, asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(send(bluez))
        yield bluez
        sending.cancel()


async def test_a_lent_radio_is_heard_its_fault_is_named_and_its_gateways_end_is_noticed(
    gateways: Gateways,
) -> None:
    await gateways.said("adapter", "receiver", "-s", "store.toml", "--device", "back-room")
    async with (
        store_with_a_beacon(gateways.directory) as bluez,
        gateways.program("run", "-s", "store.toml"),
    ):
        far = gateways.program(
            *("run", "--role", "receiver", "-s", "receiver.toml"),
            DBUS_SYSTEM_BUS_ADDRESS=bluez.address,
        )
        async with far:
            heard = await gateways.radio_until(lambda row: bool(row["rate"]))
            assert heard["state"] == "hearing"
            async with httpx.AsyncClient(base_url=gateways.url) as client:
                token = await client.get("/v1/beacons", headers={"authorization": f"Bearer {KEY}"})
            (reference,) = token.json()
            assert reference["heard_s"] < 10
            bluez.adapter("hci0").power(on=False)
            await gateways.radio_until(lambda row: row["reason"] == "powered_off")
        await gateways.radio_until(lambda row: row["reason"] == "offline")
