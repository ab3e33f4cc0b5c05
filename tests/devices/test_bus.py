"""Both real ends of the bus over TCP; only the agent's clock is a test's."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import zmq
import zmq.asyncio

from edge_agent.adapters.link import AgentLink, clock_ms
from edge_agent.devices.bus import AddressTaken, DeviceAbsent, DeviceBus
from edge_agent.devices.keys import DeviceKeys, device_keys, enrol
from edge_agent.devices.messages import (
    AgentLetter,
    CompartmentState,
    DeviceLetter,
    Door,
    FromDevice,
    Heartbeat,
    Hello,
    ReportState,
    Unlock,
    encode,
)
from tests.devices.hearing import DEADLINE_S, Hearing, SteppedClock

HELLO = Hello("locker", 16)
UNLOCK = Unlock("c1", 3, 5000)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    enrol(tmp_path, "A")
    enrol(tmp_path, "B")
    return tmp_path


def linked(bus: DeviceBus, keys: DeviceKeys) -> AgentLink:
    return AgentLink(bus.address, keys)


@contextlib.asynccontextmanager
async def bare_dealer(
    bus: DeviceBus, keys: DeviceKeys | None, event: zmq.Event, route: bytes = b""
) -> AsyncIterator[zmq.asyncio.Socket]:
    """A socket that says Hello at once; entered when `event` was seen on its connection."""
    context = zmq.asyncio.Context()
    socket = context.socket(zmq.DEALER)
    if keys:
        socket.curve_serverkey = keys.server
        socket.curve_publickey, socket.curve_secretkey = keys.public, keys.secret
    if route:
        socket.routing_id = route
    watched = socket.get_monitor_socket(event)
    socket.connect(bus.address)
    await socket.send(encode(DeviceLetter("s", 1, HELLO)))
    try:
        async with asyncio.timeout(DEADLINE_S):
            await watched.recv_multipart()
        yield socket
    finally:
        socket.disable_monitor()
        watched.close()
        socket.close(linger=0)
        context.destroy(linger=0)


async def say(link: AgentLink, message: FromDevice) -> None:
    """Send once there is a connection to send on."""
    async with asyncio.timeout(DEADLINE_S):
        link.owing = True
        while link.owing:
            link.owing = False
            await link.send(message)
            await asyncio.sleep(0.01 if link.owing else 0)


async def told(link: AgentLink) -> AgentLetter:
    async with asyncio.timeout(DEADLINE_S):
        return await link.receive()


async def refusal(bus: DeviceBus, message: Unlock = UNLOCK) -> str:
    """Send to A until it is refused."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            try:
                await bus.send("A", message)
            except DeviceAbsent as err:
                return str(err)
            await asyncio.sleep(0)


def opened(keys: Path, clock: SteppedClock | None = None) -> DeviceBus:
    return DeviceBus("tcp://127.0.0.1:*", keys, clock or SteppedClock())


async def test_an_enrolled_device_is_heard_under_the_name_of_its_key(keys: Path) -> None:
    async with opened(keys) as bus, linked(bus, device_keys(keys, "A")) as device:
        hearing = Hearing(bus)
        await say(device, HELLO)
        await hearing.until(lambda: bool(hearing.heard))
        assert hearing.heard == [("A", HELLO)]
        assert hearing.presence == [("A", True)]
        assert bus.present() == {"A"}


async def test_a_device_that_does_not_introduce_itself_is_asked_to(keys: Path) -> None:
    async with opened(keys) as bus, linked(bus, device_keys(keys, "A")) as device:
        await say(device, Heartbeat())
        assert isinstance((await told(device)).message, ReportState)
        assert not bus.present()


async def test_an_unknown_key_is_refused_and_gets_nothing(keys: Path) -> None:
    stranger = DeviceKeys(*zmq.curve_keypair(), server=device_keys(keys, "A").server)
    async with opened(keys) as bus:
        hearing = Hearing(bus)
        async with bare_dealer(bus, stranger, zmq.Event.HANDSHAKE_FAILED_AUTH) as socket:
            assert not await socket.poll(0)
        assert bus.refused["unknown key"]
        assert not hearing.heard


async def test_who_has_no_key_at_all_is_refused(keys: Path) -> None:
    async with opened(keys) as bus:
        hearing = Hearing(bus)
        async with bare_dealer(bus, None, zmq.Event.HANDSHAKE_FAILED_PROTOCOL) as socket:
            assert not await socket.poll(0)
        assert not hearing.heard


async def test_a_device_enrolled_while_the_bus_runs_may_connect_at_once(keys: Path) -> None:
    async with opened(keys) as bus:
        enrol(keys, "C")
        async with linked(bus, device_keys(keys, "C")) as device:
            await say(device, HELLO)
            hearing = Hearing(bus)
            await hearing.until(lambda: bus.present() == {"C"})


async def test_two_devices_cannot_speak_for_or_listen_to_each_other(keys: Path) -> None:
    async with (
        opened(keys) as bus,
        linked(bus, device_keys(keys, "A")) as honest,
        linked(bus, device_keys(keys, "B")) as other,
    ):
        hearing = Hearing(bus)
        await say(honest, HELLO)
        await say(other, Hello("mirror", 0))
        await hearing.until(lambda: bus.present() == {"A", "B"})
        await bus.send("A", UNLOCK)
        await bus.send("B", ReportState())
        assert (await told(honest)).message == UNLOCK
        assert isinstance((await told(other)).message, ReportState)
        assert set(hearing.heard) == {("A", HELLO), ("B", Hello("mirror", 0))}


async def test_a_device_that_calls_itself_by_anothers_route_gets_nothing(keys: Path) -> None:
    async with opened(keys) as bus, linked(bus, device_keys(keys, "A")) as honest:
        hearing = Hearing(bus)
        await say(honest, HELLO)
        await hearing.until(lambda: "A" in bus.present())
        place = bus._attendance.address("A", 0.0)
        assert place is not None
        seen = zmq.Event.HANDSHAKE_SUCCEEDED
        async with bare_dealer(bus, device_keys(keys, "B"), seen, place[0]) as impostor:
            await bus.send("A", UNLOCK)
            assert (await told(honest)).message == UNLOCK
            assert not await impostor.poll(0)
        assert bus.present() == {"A"}


async def test_nobody_to_send_to_is_an_error_of_its_own(keys: Path) -> None:
    async with opened(keys) as bus:
        with pytest.raises(DeviceAbsent, match="B is not connected"):
            await bus.send("B", UNLOCK)


async def test_a_device_that_has_disconnected_is_absent_before_its_silence_is_noticed(
    keys: Path,
) -> None:
    async with opened(keys) as bus:
        hearing = Hearing(bus)
        async with linked(bus, device_keys(keys, "A")) as device:
            await say(device, HELLO)
            await hearing.until(lambda: "A" in bus.present())
        assert "A has just disconnected" in await refusal(bus)
        assert bus.present() == {"A"}


async def test_a_silent_device_is_reported_gone(keys: Path) -> None:
    clock = SteppedClock()
    async with opened(keys, clock) as bus, linked(bus, device_keys(keys, "A")) as device:
        hearing = Hearing(bus)
        await say(device, HELLO)
        await hearing.until(lambda: "A" in bus.present())
        clock.seconds += 2.0
        await hearing.until(lambda: hearing.presence == [("A", True), ("A", False)])
        assert not bus.present()


async def test_a_command_is_stamped_with_the_moment_of_sending_on_the_devices_clock(
    keys: Path,
) -> None:
    clock = SteppedClock()
    async with opened(keys, clock) as bus, linked(bus, device_keys(keys, "A")) as device:
        hearing = Hearing(bus)
        before = clock_ms()
        await say(device, HELLO)
        await hearing.until(lambda: "A" in bus.present())
        after = clock_ms()
        clock.seconds += 1.5
        await bus.send("A", UNLOCK)
        letter = await told(device)
        assert before + 1500 <= letter.sent_ms <= after + 1500
        assert letter.expires_ms(device.session) == letter.sent_ms + 5000


async def test_after_a_restart_of_the_agent_devices_are_asked_who_is_there(keys: Path) -> None:
    async with contextlib.AsyncExitStack() as devices:
        async with opened(keys) as bus:
            address = bus.address
            device = await devices.enter_async_context(linked(bus, device_keys(keys, "A")))
            await say(device, HELLO)
            hearing = Hearing(bus)
            await hearing.until(lambda: "A" in bus.present())
        async with DeviceBus(address, keys, SteppedClock()):
            await say(device, Heartbeat())
            assert isinstance((await told(device)).message, ReportState)


async def test_what_is_not_of_the_message_set_is_counted_and_thrown_away(keys: Path) -> None:
    async with opened(keys) as bus, linked(bus, device_keys(keys, "A")) as device:
        hearing = Hearing(bus)
        await say(device, HELLO)
        await device._socket.send(b"\xffopen sesame")
        state = CompartmentState(1, Door.OPEN, occupied=None)
        await device.send(state)
        await hearing.until(lambda: ("A", state) in hearing.heard)
        assert bus.refused == {"malformed": 1}


async def test_a_device_that_does_not_read_is_refused_letters_and_holds_nobody_up(
    keys: Path,
) -> None:
    async with opened(keys) as bus, linked(bus, device_keys(keys, "A")) as device:
        hearing = Hearing(bus)
        await say(device, HELLO)
        await hearing.until(lambda: "A" in bus.present())
        assert await refusal(bus, Unlock("c" * 8000, 3, 5000)) in {
            "A does not read what it is sent",
            "A has just disconnected",  # full as it is, it answers no heartbeat of ZeroMQ either
        }


async def test_an_address_that_is_taken_is_said_in_one_line(keys: Path) -> None:
    async with opened(keys) as bus:
        with pytest.raises(AddressTaken, match=r"^\[device_bus\] listen = .*in use"):
            async with DeviceBus(bus.address, keys, SteppedClock()):
                pass
