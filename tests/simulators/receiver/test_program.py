"""`store-sim receiver` as a program: over a real broker, and with words for every mistake."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cloud_bridge.mqtt import Broker, connect
from device_profiles.receivers import Liveness, NoReport, liveness_of, report_of
from tests.radio.scene import IBEACON
from tests.radio.test_store_broker import broker_process, free_port

pytestmark = pytest.mark.slow

PROGRAM = "from simulators.__main__ import main; main()"


@asynccontextmanager
async def program(*words: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, "receiver", *words, stdin=PIPE, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def advert(at: float) -> bytes:
    line = {"t": at, "address": "C0:00:00:00:00:01", "rssi": -60, "raw_adv": IBEACON.hex()}
    return json.dumps(line).encode() + b"\n"


@pytest.mark.parametrize(
    ("words", "name", "topics"),
    [
        (["omg", "--gateway", "door"], "door", "home/#"),
        (["espresense", "--node", "till"], "till", "espresense/#"),
    ],
    ids=["omg", "espresense"],
)
async def test_a_radio_on_the_broker_reports_comes_and_goes(
    words: list[str], name: str, topics: str
) -> None:
    broker = Broker(host="127.0.0.1", port=free_port(), mqtt5=False)
    async with (
        broker_process(broker.port),
        connect(broker) as listener,
        program(*words, "--port", str(broker.port)) as radio,
        asyncio.timeout(30),
    ):
        await listener.subscribe(topics, qos=0)
        assert radio.stdin is not None
        radio.stdin.write(b"no JSON at all\n")
        lives: list[Liveness] = []
        reports = 0
        at = 0.0
        async for message in listener.messages:
            life = liveness_of(message.topic, message.payload)
            if life is None:
                try:
                    reports += report_of(message.topic, message.payload).receiver == name
                except NoReport:
                    continue
            else:
                lives.append(life)
            at += 6.0
            radio.stdin.write(advert(at) if reports < 2 else b'{"fault": "disconnect"}\n')
            if lives and not lives[-1].online:
                break
    assert reports >= 1
    assert lives[0].online


async def test_without_a_broker_it_says_so_in_one_line() -> None:
    async with program("omg", "--gateway", "door", "--port", str(free_port())) as radio:
        _, said = await radio.communicate()
    assert radio.returncode == 1
    assert said.count(b"\n") == 1
    assert b"`store-sim broker` is one" in said


async def test_a_proxys_key_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "short.key"
    file.write_text("AAAA\n")
    async with program("esphome", "--key-file", str(file), "--port", "0") as proxy:
        _, said = await proxy.communicate()
    assert proxy.returncode == 2
    assert b"a key has 32 bytes, this one 3" in said


async def test_a_proxy_serves_and_outlives_its_input_and_what_is_no_json() -> None:
    async with program("esphome", "--port", "0") as proxy, asyncio.timeout(30):
        assert proxy.stdin is not None
        assert proxy.stderr is not None
        assert b"proxy proxy on 127.0.0.1:" in await proxy.stderr.readline()
        proxy.stdin.write(b"hello\n")
        assert b"line 1 is not JSON" in await proxy.stderr.readline()
        proxy.stdin.close()
        proxy.terminate()
        await proxy.wait()
    assert proxy.returncode == 0
