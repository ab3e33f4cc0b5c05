"""Connections through unmodified bleak: what it does in each fault, as seen with a real BlueZ."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from bleak import BleakClient, BleakScanner
from bleak.backends.bluezdbus.version import BlueZFeatures
from bleak.backends.device import BLEDevice
from bleak.exc import (
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)

from simulators.bluez import (
    Adapter,
    Advert,
    Characteristic,
    Connecting,
    Descriptor,
    How,
    Peripheral,
    Service,
    SimulatedBluez,
    Twist,
    uuid16,
)
from simulators.bluez.faults import begin
from simulators.bluez.gatt import SUBSCRIPTION
from tests.simulators.bluez.scene import ADDRESS, DEADLINE, IBEACON, VERSIONS, Callbacks, Clock

BATTERY, LEVEL, USER_DESCRIPTION = uuid16(0x180F), uuid16(0x2A19), uuid16(0x2901)
LOCK, COMMAND, SECRET = uuid16(0xFFF0), uuid16(0xFFF1), uuid16(0xFFF2)

SOON = 0.05
"""Seconds after which something that never comes is given up."""


def tag() -> Peripheral:
    level = Characteristic(
        LEVEL, ("read", "notify"), b"\x63", [Descriptor(USER_DESCRIPTION, b"battery")]
    )
    return Peripheral(
        ADDRESS,
        [
            Service(BATTERY, [level]),
            Service(
                LOCK,
                [
                    Characteristic(COMMAND, ("write", "write-without-response")),
                    Characteristic(SECRET, ("write",)),
                ],
            ),
        ],
    )


@dataclass
class Link:
    """A device that was heard, and a client that is not connected yet."""

    bluez: SimulatedBluez
    scanner: BleakScanner
    device: BLEDevice
    callbacks: Callbacks
    clock: Clock
    peripheral: Peripheral
    lost: int = 0
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.client = self.new_client()

    def new_client(self, timeout: float = DEADLINE) -> BleakClient:
        return BleakClient(self.device, self._disconnected, timeout=timeout)

    def _disconnected(self, _: BleakClient) -> None:
        self.lost += 1
        self.gone.set()

    @property
    def adapter(self) -> Adapter:
        return self.bluez.adapter()

    def shown(self, name: str) -> bool:
        """A flag of the device's object as it is now."""
        objects = self.adapter.device_objects()
        return bool(objects[self.device.details["path"]]["org.bluez.Device1"][name].value)

    async def until_lost(self) -> None:
        async with asyncio.timeout(DEADLINE):
            await self.gone.wait()


@asynccontextmanager
async def heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int] = (5, 82)
) -> AsyncIterator[Link]:
    clock, callbacks, peripheral = Clock(), Callbacks(), tag()
    async with SimulatedBluez(tmp_path / "bus", version=version, clock=clock) as bluez:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bluez.address)
        scanner = BleakScanner(callbacks)
        await scanner.start()
        bluez.adapter().attach(peripheral)
        bluez.adapter().advertise(Advert(ADDRESS, -60, IBEACON, connectable=True))
        await callbacks.until(lambda: bool(callbacks.seen))
        (device,) = scanner.discovered_devices
        link = Link(bluez, scanner, device, callbacks, clock, peripheral)
        yield link
        bluez.hang(on=False)
        bluez.twists.clear()
        with suppress(Exception):
            await link.client.disconnect()


@pytest.fixture(autouse=True)
def no_bluetoothctl(monkeypatch: pytest.MonkeyPatch) -> None:
    """bleak asks `bluetoothctl` for its version once a process; it need not be installed here."""
    monkeypatch.setattr(BlueZFeatures, "checked_bluez_version", True)


@pytest.fixture(params=VERSIONS, ids=lambda version: f"{version[0]}.{version[1]}")
async def link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[Link]:
    async with heard(tmp_path, monkeypatch, request.param) as link:
        yield link


@pytest.fixture
async def connected(link: Link) -> Link:
    await link.client.connect()
    return link


async def never(waiting: Awaitable[object]) -> None:
    """It neither returns nor raises."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(SOON):
            await waiting


async def test_services_are_found_and_gap_is_among_them_from_5_82(connected: Link) -> None:
    found = {each.uuid for each in connected.client.services}
    gap = {uuid16(0x1800)} if connected.bluez.version >= (5, 82) else set()
    assert found == {uuid16(0x1801), BATTERY, LOCK} | gap
    level = connected.client.services.get_characteristic(LEVEL)
    assert level is not None
    assert level.max_write_without_response_size == 514


async def test_values_are_read_and_written_as_the_flags_permit(connected: Link) -> None:
    client = connected.client
    assert await client.read_gatt_char(LEVEL) == b"\x63"
    level = client.services.get_characteristic(LEVEL)
    assert level is not None
    description = level.get_descriptor(USER_DESCRIPTION)
    assert description is not None
    assert await client.read_gatt_descriptor(description) == b"battery"
    await client.write_gatt_char(COMMAND, b"open", response=True)
    assert connected.peripheral.characteristic(COMMAND).value == b"open"
    await client.write_gatt_char(COMMAND, b"shut", response=False)
    assert connected.peripheral.characteristic(COMMAND).value == b"shut"
    with pytest.raises(BleakGATTProtocolError, match="Read Not Permitted"):
        await client.read_gatt_char(SECRET)
    with pytest.raises(BleakGATTProtocolError, match="Write Not Permitted"):
        await client.write_gatt_char(SECRET, b"?", response=False)


async def test_the_subscription_is_a_descriptor_that_start_notify_writes(
    connected: Link,
) -> None:
    client = connected.client
    level = client.services.get_characteristic(LEVEL)
    assert level is not None
    subscription = level.get_descriptor(SUBSCRIPTION)
    assert subscription is not None
    await client.start_notify(LEVEL, lambda _, __: None)
    assert await client.read_gatt_descriptor(subscription) == b"\1\0"
    await client.stop_notify(LEVEL)
    assert await client.read_gatt_descriptor(subscription) == bytes(2)


async def test_an_att_error_of_the_peer_is_a_protocol_error(connected: Link) -> None:
    error = ("Failed", "Operation failed with ATT error: 0x81")
    connected.bluez.twists.add(Twist("ReadValue", How.REFUSED, connected.adapter.path, error=error))
    with pytest.raises(BleakGATTProtocolError):
        await connected.client.read_gatt_char(LEVEL)


async def test_notifications_arrive_and_a_read_of_a_notifying_value_counts_as_one(
    connected: Link,
) -> None:
    values: asyncio.Queue[bytearray] = asyncio.Queue()
    await connected.client.start_notify(LEVEL, lambda _, value: values.put_nowait(value))
    connected.adapter.links.notify(ADDRESS, LEVEL, b"\x62")
    async with asyncio.timeout(DEADLINE):
        assert await values.get() == b"\x62"
        await connected.client.read_gatt_char(LEVEL)
        assert await values.get() == b"\x62"
    await connected.client.stop_notify(LEVEL)
    connected.adapter.links.notify(ADDRESS, LEVEL, b"\x61")
    assert await connected.client.read_gatt_char(LEVEL) == b"\x61"
    assert values.empty()


async def test_pairing_is_seen_before_its_reply(link: Link) -> None:
    await link.client.connect()
    await link.client.pair()
    assert link.shown("Paired")
    assert link.shown("Trusted")
    await link.client.pair()  # a repeat asks nothing of BlueZ


async def test_connecting_is_no_advert_and_yet_calls_back_with_the_last_rssi(link: Link) -> None:
    link.adapter.stall()
    await link.client.connect()
    await link.callbacks.until(lambda: len(link.callbacks.seen) >= 3)
    assert set(link.callbacks.of(ADDRESS)) == {-60}
    assert link.adapter.counters.sent == 1


async def test_a_peer_that_goes_calls_back_and_the_same_client_can_connect_again(
    connected: Link,
) -> None:
    connected.adapter.drop_link(ADDRESS)
    await connected.until_lost()
    assert not connected.client.is_connected
    with pytest.raises(BleakError, match="Service Discovery has not been performed yet"):
        await connected.client.read_gatt_char(LEVEL)
    await connected.client.connect()
    assert await connected.client.read_gatt_char(LEVEL) == b"\x63"


async def test_an_unplugged_adapter_disconnects_its_peers_first(connected: Link) -> None:
    connected.adapter.unplug()
    await connected.until_lost()
    assert not connected.client.is_connected
    with pytest.raises(BleakError, match="Service Discovery has not been performed yet"):
        await connected.client.read_gatt_char(LEVEL)


async def test_a_device_that_vanishes_without_disconnecting_is_found_out_by_a_call_only(
    connected: Link,
) -> None:
    connected.adapter.remove_device(ADDRESS)
    with pytest.raises(BleakDBusError, match="UnknownObject"):
        await connected.client.read_gatt_char(LEVEL)
    assert connected.client.is_connected
    assert not connected.gone.is_set()
    with pytest.raises(BleakDBusError, match="UnknownObject"):
        await connected.client.disconnect()
    assert connected.lost == 1


async def test_a_killed_bluetoothd_leaves_a_connection_that_is_none(connected: Link) -> None:
    connected.bluez.crash()
    with pytest.raises(BleakDBusError, match="ServiceUnknown"):
        await connected.client.read_gatt_char(LEVEL)
    assert connected.client.is_connected
    assert not connected.gone.is_set()
    with pytest.raises(BleakDBusError, match="ServiceUnknown"):
        await connected.client.disconnect()
    await connected.client.connect()  # bleak believes its stale cache
    assert connected.client.is_connected
    connected.gone.clear()
    connected.bluez.restart()
    await connected.until_lost()
    assert not connected.client.is_connected


async def test_losing_the_bus_disconnects_and_its_return_lets_connect_again(
    connected: Link,
) -> None:
    await connected.bluez.cut_bus()
    await connected.until_lost()
    assert not connected.client.is_connected
    await connected.bluez.mend_bus()
    await BleakScanner().start()
    connected.adapter.drop_link(ADDRESS)
    connected.adapter.advertise(Advert(ADDRESS, -60, IBEACON, connectable=True))
    await connected.client.connect()
    assert connected.client.is_connected


async def test_an_aborted_connection_is_retried_silently_with_a_callback_for_each(
    link: Link,
) -> None:
    link.peripheral.connecting.extend([Connecting.ABORTED] * 3)
    await link.client.connect()
    assert link.client.is_connected
    assert link.lost == 3


async def test_an_abort_that_nobody_sees_lasts_until_the_timeout(link: Link) -> None:
    link.peripheral.connecting.append(Connecting.ABORTED_UNSEEN)
    with pytest.raises(TimeoutError):
        await link.new_client(SOON).connect()


async def test_a_refused_connection_is_an_error(link: Link) -> None:
    await begin("connect-failed", link.bluez)
    with pytest.raises(BleakDBusError, match="Failed"):
        await link.client.connect()


@pytest.mark.parametrize("outcome", [Connecting.UNANSWERED, Connecting.UNRESOLVED])
async def test_a_connection_that_comes_to_nothing_ends_by_timeout_and_is_taken_back(
    link: Link, outcome: Connecting
) -> None:
    link.peripheral.connecting.append(outcome)
    with pytest.raises(TimeoutError):
        await link.new_client(SOON).connect()
    assert not link.shown("Connected")
    await link.client.connect()


async def test_a_peer_that_goes_while_its_services_are_found_is_told(link: Link) -> None:
    link.peripheral.connecting.append(Connecting.DROPPED)
    with pytest.raises(BleakError, match="failed to discover services, device disconnected"):
        await link.client.connect()


async def test_a_device_that_expired_before_connecting_is_not_found(link: Link) -> None:
    await link.scanner.stop()
    link.clock.seconds = 30.0
    link.bluez.expire()
    with pytest.raises(BleakError, match=r"device '.*' not found|was not found"):
        await link.client.connect()
    by_address = BleakClient(ADDRESS, timeout=SOON)
    with pytest.raises(BleakDeviceNotFoundError):
        await by_address.connect()


async def test_a_value_that_is_always_busy_is_asked_for_again_for_ever(connected: Link) -> None:
    await begin("read-in-progress", connected.bluez)
    await never(connected.client.read_gatt_char(LEVEL))
    assert connected.bluez.twists.calls >= 2


async def test_calls_that_are_never_answered_hang(connected: Link) -> None:
    await begin("read-unanswered", connected.bluez)
    await begin("write-unanswered", connected.bluez)
    await never(connected.client.read_gatt_char(LEVEL))
    await never(connected.client.write_gatt_char(COMMAND, b"open", response=True))


async def test_a_disconnect_that_is_never_answered_hangs_and_leaves_nothing_when_cancelled(
    connected: Link,
) -> None:
    await begin("disconnect-unanswered", connected.bluez)
    await never(connected.client.disconnect())
    assert not connected.client.is_connected
    assert connected.lost == 1


async def test_a_disconnect_without_a_disconnection_ends_by_timeout(
    connected: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    """bleak waits ten seconds of its own; here they are a moment."""
    monkeypatch.setattr(
        "bleak.backends.bluezdbus.client.async_timeout", lambda _: asyncio.timeout(SOON)
    )
    await begin("disconnect-pretended", connected.bluez)
    with pytest.raises(TimeoutError):
        await connected.client.disconnect()
    assert not connected.client.is_connected
    assert connected.lost == 1


async def test_the_paths_of_gatt_objects_have_the_shape_that_bleak_cuts_up(
    connected: Link,
) -> None:
    device = re.escape(connected.device.details["path"])
    shape = re.compile(rf"{device}/service[0-9a-f]{{4}}(/char[0-9a-f]{{4}}(/desc[0-9a-f]{{4}})?)?")
    paths = [
        path
        for path in connected.adapter.device_objects()
        if path != connected.device.details["path"]
    ]
    assert len(paths) >= 7
    assert all(shape.fullmatch(path) for path in paths)
