"""Gateways heard over a real broker, which is a process of its own and is killed."""

import asyncio
import json
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from cloud_bridge.mqtt import Broker, Connection, connect
from device_profiles.sighting import Sighting
from edge_agent.radio import (
    GatewayPolicy,
    Heard,
    Ignored,
    Reason,
    ReceiverHealth,
    ReceiverState,
    listen,
)
from tests.radio.scene import IDENTITY, FakeClock
from tests.radio.tables import ReceiverTable

pytestmark = pytest.mark.slow

IBEACON = {
    "id": "C0:00:00:00:00:01",
    "rssi": -67,
    "manufacturerdata": "4c000215e2c56db5dffb48d2b060d0f5a71096e000640000c5",
}
BROKER_PROGRAM = "import typer; from simulators.broker import broker; typer.run(broker)"
IMPATIENT = GatewayPolicy(silence=120.0, retry=0.05, check=0.01)


GATEWAY = ReceiverTable("entrance", "omg", gateway="entrance-omg")
TILL = ReceiverTable("till", "espresense", node="till-room")
UUID = "e2c56db5-dffb-48d2-b060-d0f5a71096e0"


class Told:
    """What the receiver told, with a way to wait for it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.counters = Heard()
        self.sightings: asyncio.Queue[Sighting] = asyncio.Queue()
        self.healths: asyncio.Queue[ReceiverHealth] = asyncio.Queue()

    async def next_health(self) -> ReceiverHealth:
        async with asyncio.timeout(10):
            return await self.healths.get()

    async def next_sighting(self) -> Sighting:
        async with asyncio.timeout(10):
            return await self.sightings.get()


@asynccontextmanager
async def broker_process(port: int) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BROKER_PROGRAM, "--port", str(port), stdout=PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(20):
        await process.stdout.readline()
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@asynccontextmanager
async def listening(
    broker: Broker,
    told: Told,
    receiver: ReceiverTable = GATEWAY,
) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(
            listen(
                [receiver],
                store_broker=broker,
                clock=told.clock,
                heard=told.sightings.put_nowait,
                health_changed=told.healths.put_nowait,
                counters=told.counters,
                gateway_policy=IMPATIENT,
            )
        )
        yield
        running.cancel()


async def report(connection: Connection, message: object, gateway: str = "entrance-omg") -> None:
    topic = f"home/{gateway}/BTtoMQTT/C00000000001"
    await connection.publish(topic, json.dumps(message).encode())


async def report_until_heard(broker: Broker, told: Told) -> Sighting:
    """A gateway repeats itself; the receiver may still be about to subscribe."""
    async with connect(broker) as gateway, asyncio.timeout(10):
        while told.sightings.empty():
            await report(gateway, IBEACON)
            await asyncio.sleep(0)
    return await told.next_sighting()


@pytest.fixture
def broker() -> Broker:
    return Broker(host="127.0.0.1", port=free_port(), mqtt5=False)


async def test_a_gateways_reports_are_sightings_and_all_else_is_counted(broker: Broker) -> None:
    told = Told()
    async with broker_process(broker.port), listening(broker, told):
        assert (await told.next_health()).state is ReceiverState.STARTING
        sighting = await report_until_heard(broker, told)
        assert (sighting.receiver, sighting.identity) == ("entrance", IDENTITY)
        assert (sighting.rssi, sighting.power) == (-67.0, -59)
        assert (await told.next_health()).state is ReceiverState.HEARING
        async with connect(broker) as gateway:
            await report(gateway, IBEACON, gateway="elsewhere")
            await report(gateway, {"id": "C0:00:00:00:00:02", "rssi": -50})
            await report(gateway, {"id": "C0:00:00:00:00:02"})
            await report(gateway, IBEACON | {"rssi": -44})
            while sighting.rssi != -44:
                sighting = await told.next_sighting()
        assert told.counters.ignored == {
            Ignored("unknown gateway"): 1,
            Ignored("not a beacon"): 1,
            Ignored("no rssi"): 1,
        }
        assert told.counters.decoded["ibeacon"] == told.counters.sightings["entrance"]
        assert told.counters.heard_at == {"entrance": told.clock.now().monotonic}


async def test_a_dead_store_broker_blinds_its_receivers_until_it_is_back(broker: Broker) -> None:
    told = Told()
    async with broker_process(broker.port) as process, listening(broker, told):
        await told.next_health()
        await report_until_heard(broker, told)
        assert (await told.next_health()).state is ReceiverState.HEARING
        process.kill()
        assert (await told.next_health()).reason is Reason.BROKER_LOST
        async with broker_process(broker.port):
            while not told.sightings.empty():
                told.sightings.get_nowait()
            await report_until_heard(broker, told)
            assert (await told.next_health()).state is ReceiverState.HEARING


async def test_a_gateway_that_says_nothing_for_long_is_blind_by_itself(broker: Broker) -> None:
    told = Told()
    async with broker_process(broker.port), listening(broker, told):
        await told.next_health()
        await report_until_heard(broker, told)
        await told.next_health()
        async with asyncio.timeout(10):
            while told.healths.empty():
                told.clock.advance(IMPATIENT.silence + 1)
                await asyncio.sleep(0)
        assert (await told.next_health()).reason is Reason.SILENT


async def test_a_gateway_that_only_says_that_it_is_online_is_blind(broker: Broker) -> None:
    told = Told()
    async with broker_process(broker.port), listening(broker, told), connect(broker) as gateway:
        await told.next_health()
        await report_until_heard(broker, told)
        await told.next_health()
        async with asyncio.timeout(10):
            while told.healths.empty():
                told.clock.advance(IMPATIENT.silence / 2)
                await gateway.publish("home/entrance-omg/LWT", b"online", retain=True)
                await until_taken(gateway, told)
        assert (await told.next_health()).reason is Reason.SILENT


async def until_taken(gateway: Connection, told: Told) -> None:
    """What was published before has arrived as soon as a message for nobody is counted."""
    before = told.counters.ignored[Ignored("unknown gateway")]
    while told.counters.ignored[Ignored("unknown gateway")] == before:
        await report(gateway, IBEACON, gateway="elsewhere")
        await asyncio.sleep(0)


async def until_subscribed(broker: Broker, told: Told) -> None:
    """A message for nobody is counted as soon as the receiver listens."""
    async with connect(broker) as gateway, asyncio.timeout(10):
        while not told.counters.ignored[Ignored("unknown gateway")]:
            await report(gateway, IBEACON, gateway="elsewhere")
            await asyncio.sleep(0)


async def test_a_last_will_blinds_its_gateway_at_once_even_a_retained_one(broker: Broker) -> None:
    told = Told()
    async with broker_process(broker.port), connect(broker) as gateway:
        await gateway.publish("home/entrance-omg/LWT", b"offline", retain=True)
        async with listening(broker, told):
            assert (await told.next_health()).state is ReceiverState.STARTING
            assert (await told.next_health()).reason is Reason.OFFLINE
            await until_subscribed(broker, told)
            told.clock.advance(IMPATIENT.silence + 1)
            await gateway.publish("home/entrance-omg/LWT", b"online", retain=True)
            await report(gateway, IBEACON)
            assert (await told.next_health()).state is ReceiverState.HEARING
            await gateway.publish("home/entrance-omg/LWT", b"offline")
            assert (await told.next_health()).reason is Reason.OFFLINE


async def test_a_retained_report_is_no_sighting(broker: Broker) -> None:
    told = Told()
    async with broker_process(broker.port), connect(broker) as gateway:
        topic = "home/entrance-omg/BTtoMQTT/C00000000001"
        await gateway.publish(topic, json.dumps(IBEACON | {"rssi": -33}).encode(), retain=True)
        async with listening(broker, told):
            assert (await report_until_heard(broker, told)).rssi == -67.0
        assert told.counters.ignored[Ignored("retained message")] == 1


async def test_a_report_that_is_said_again_on_the_presence_topic_is_one_sighting(
    broker: Broker,
) -> None:
    told = Told()
    body = json.dumps(IBEACON | {"rssi": -39}).encode()
    async with broker_process(broker.port), listening(broker, told):
        await report_until_heard(broker, told)
        async with connect(broker) as gateway:
            await gateway.publish("home/entrance-omg/BTtoMQTT/C00000000001", body)
            await gateway.publish("home/entrance-omg/presence", body)
            await report(gateway, IBEACON | {"rssi": -38})
            rssis = [(await told.next_sighting()).rssi]
            while rssis[-1] != -38:
                rssis.append((await told.next_sighting()).rssi)
    assert rssis.count(-39) == 1
    assert told.counters.ignored[Ignored("said again on another topic")] == 1


async def test_a_report_that_waited_in_a_queue_is_dated_back(broker: Broker) -> None:
    told = Told()
    async with broker_process(broker.port), listening(broker, told):
        await report_until_heard(broker, told)
        async with connect(broker) as gateway:
            await report(gateway, IBEACON | {"unixtime": 1795300000, "rssi": -41})
            while (await told.next_sighting()).rssi != -41:
                pass
            told.clock.advance(10.0)
            await report(gateway, IBEACON | {"unixtime": 1795300003, "rssi": -42})
            while (late := await told.next_sighting()).rssi != -42:
                pass
    assert late.at == told.clock.monotonic() - 6.0
    assert told.counters.troubles["entrance", "late report"] == 1


async def test_espresense_nodes_report_on_the_same_broker_and_say_when_they_go(
    broker: Broker,
) -> None:
    told = Told()
    topic = f"espresense/devices/iBeacon:{UUID}-100-0/till-room"
    async with broker_process(broker.port), listening(broker, told, TILL):
        await told.next_health()
        async with connect(broker) as node, asyncio.timeout(10):
            while told.sightings.empty():
                await node.publish(topic, b'{"rssi": -70.5, "rssi@1m": -59}')
                await asyncio.sleep(0)
            sighting = await told.next_sighting()
            assert (sighting.receiver, sighting.identity) == ("till", IDENTITY)
            assert (sighting.rssi, sighting.power) == (-70.5, -59)
            assert (await told.next_health()).state is ReceiverState.HEARING
            await node.publish("espresense/rooms/till-room/status", b"offline")
            assert (await told.next_health()).reason is Reason.OFFLINE


async def test_a_resolving_key_in_a_topic_is_neither_logged_nor_kept(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    told, key = Told(), "00112233445566778899aabbccddeeff"
    async with broker_process(broker.port), listening(broker, told, TILL), connect(broker) as node:
        async with asyncio.timeout(10):
            while told.sightings.empty():
                await node.publish(f"espresense/devices/irk:{key}/till-room", b'{"rssi": -70}')
                await node.publish(f"espresense/devices/irk:{key}0/till-room", b'{"rssi": -70}')
                await asyncio.sleep(0)
        sighting = await told.next_sighting()
    assert sighting.identity.startswith("irk:")
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith("amqtt")]
    assert key not in f"{sighting} {told.counters} {ours}"


async def test_gateways_without_a_broker_stop_the_start() -> None:
    told = Told()
    with pytest.raises(ValueError, match="receiver entrance reports over the store broker"):
        await listen(
            [GATEWAY],
            store_broker=None,
            clock=told.clock,
            heard=told.sightings.put_nowait,
            health_changed=told.healths.put_nowait,
            counters=told.counters,
        )


async def test_without_any_receiver_nothing_is_connected() -> None:
    told = Told()
    async with asyncio.timeout(5):
        await listen(
            [],
            store_broker=None,
            clock=told.clock,
            heard=told.sightings.put_nowait,
            health_changed=told.healths.put_nowait,
            counters=told.counters,
        )
