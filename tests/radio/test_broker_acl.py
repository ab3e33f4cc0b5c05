"""The ACL of the how-to on a real mosquitto: each receiver speaks for itself only."""

import asyncio
import json
import re
import shutil
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cloud_bridge.mqtt import Broker, connect
from edge_agent.radio import Ignored
from tests.radio.scene import IDENTITY
from tests.radio.test_store_broker import GATEWAY, IBEACON, TILL, UUID, Told, free_port, listening

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "receivers.md"
MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
PASSWD = shutil.which("mosquitto_passwd") or "/usr/bin/mosquitto_passwd"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (Path(MOSQUITTO).exists() and Path(PASSWD).exists()),
        reason="mosquitto is not on this machine",
    ),
]


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    """A mosquitto with the page's ACL and a user for each receiver and for the agent."""
    acl = re.search(r"```\n(# each receiver logs in.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert acl is not None
    (tmp_path / "acl").write_text(acl[1], "utf-8")
    (tmp_path / "passwd").touch(mode=0o600)
    for user in ("agent", "entrance-omg", "till-room"):
        made = await asyncio.create_subprocess_exec(
            PASSWD, "-b", str(tmp_path / "passwd"), user, user
        )
        assert await made.wait() == 0
    taken = free_port()
    lines = [
        "per_listener_settings true",
        f"listener {taken} 127.0.0.1",
        "allow_anonymous false",
        f"password_file {tmp_path / 'passwd'}",
        f"acl_file {tmp_path / 'acl'}",
        "user root",
        "persistence false",
    ]
    (tmp_path / "conf").write_text("\n".join(lines) + "\n", "utf-8")
    process = await asyncio.create_subprocess_exec(
        MOSQUITTO, "-c", str(tmp_path / "conf"), stderr=DEVNULL
    )
    try:
        async with asyncio.timeout(20):
            while not await listens(taken):
                assert process.returncode is None
                await asyncio.sleep(0.01)
        yield taken
    finally:
        process.terminate()
        await process.wait()


async def listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def user(port: int, name: str) -> Broker:
    return Broker(host="127.0.0.1", port=port, username=name, password=name)


async def heard_through(port: int, told: Told, speaker: str, topic: str, body: bytes) -> str:
    """Publish as `speaker` until something is heard; whose radio it was."""
    async with connect(user(port, speaker)) as radio, asyncio.timeout(20):
        while told.sightings.empty():
            await radio.publish(topic, body, qos=0)
            await asyncio.sleep(0.01)
    sighting = await told.next_sighting()
    assert sighting.identity == IDENTITY
    return sighting.receiver


async def test_receivers_of_both_makers_are_heard_through_it(port: int) -> None:
    omg, espresense = Told(), Told()
    body = json.dumps(IBEACON).encode()
    async with listening(user(port, "agent"), omg):
        topic = "home/entrance-omg/BTtoMQTT/C00000000001"
        assert await heard_through(port, omg, "entrance-omg", topic, body) == "entrance"
    async with listening(user(port, "agent"), espresense, TILL):
        topic = f"espresense/devices/iBeacon:{UUID}-100-0/till-room"
        told = await heard_through(port, espresense, "till-room", topic, b'{"rssi": -70}')
        assert told == "till"


async def test_nobody_reports_in_anothers_name(port: int) -> None:
    told = Told()
    body = json.dumps(IBEACON).encode()
    assert GATEWAY.gateway == "entrance-omg"
    async with listening(user(port, "agent"), told), connect(user(port, "till-room")) as thief:
        own = json.dumps({"id": "x", "rssi": -50}).encode()
        async with asyncio.timeout(20):
            while not told.counters.ignored[Ignored("unknown gateway")]:
                await thief.publish("home/entrance-omg/BTtoMQTT/C00000000001", body, qos=0)
                await thief.publish("home/entrance-omg/LWT", b"offline", qos=0)
                await thief.publish("home/till-room/BTtoMQTT/C00000000001", own, qos=0)
                await asyncio.sleep(0.01)
    assert told.sightings.empty()
    assert told.counters.heard == 0
