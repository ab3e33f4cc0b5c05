"""A connection from first to last, before the simulator and before a real bluetoothd."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bleak import BleakClient
from dbus_fast import Message

from simulators.bluez import Advert, Characteristic, Descriptor, Peripheral, Service, uuid16
from tests.conformance.air import DEADLINE, Air
from tests.conformance.listening import IBEACON, TAG, Signals, overheard, scan

BATTERY, LEVEL, USER_DESCRIPTION = uuid16(0x180F), uuid16(0x2A19), uuid16(0x2901)
SUBSCRIPTION = uuid16(0x2902)
"""The client characteristic configuration, which whatever notifies has."""
LOCK, COMMAND = uuid16(0xFFF0), uuid16(0xFFF1)


def tag() -> Peripheral:
    level = Characteristic(
        LEVEL, ("read", "notify"), b"\x63", [Descriptor(USER_DESCRIPTION, b"battery")]
    )
    command = Characteristic(COMMAND, ("read", "write", "write-without-response"), b"?")
    return Peripheral(TAG, [Service(BATTERY, [level]), Service(LOCK, [command])])


@asynccontextmanager
async def connected(air: Air) -> AsyncIterator[tuple[BleakClient, Peripheral, Signals]]:
    peripheral = tag()
    gone = asyncio.Event()
    async with overheard() as signals, scan(air) as ear:
        await air.attach(peripheral)
        async with asyncio.timeout(DEADLINE):
            while TAG not in ear.devices:
                air.advertise(Advert(TAG, -60, IBEACON, connectable=True))
                await air.beat()
        client = BleakClient(ear.devices[TAG], lambda _: gone.set(), timeout=DEADLINE)
        signals.said.clear()
        await client.connect()
        try:
            yield client, peripheral, signals
        finally:
            async with asyncio.timeout(DEADLINE):
                await client.disconnect()  # a peer that has gone leaves bleak's bus to be closed
                await gone.wait()


async def test_connected_comes_before_objects_and_objects_before_resolved(air: Air) -> None:
    async with connected(air) as (_, _, signals):
        words = ("device Connected=True", "service InterfacesAdded", "device ServicesResolved=True")
        assert signals.order(*words) == list(words)


async def test_the_services_of_the_peer_and_its_own_are_found(air: Air) -> None:
    async with connected(air) as (client, _, _):
        found = {each.uuid for each in client.services}
        assert {BATTERY, LOCK, uuid16(0x1801)} <= found
        assert (uuid16(0x1800) in found) is (air.version >= (5, 82))
        level = client.services.get_characteristic(LEVEL)
        assert level is not None
        assert {each.uuid for each in level.descriptors} == {SUBSCRIPTION, USER_DESCRIPTION}


async def test_values_are_read_written_and_notified(air: Air) -> None:
    async with connected(air) as (client, peripheral, signals):
        assert await client.read_gatt_char(LEVEL) == b"\x63"
        await client.write_gatt_char(COMMAND, b"open", response=True)
        assert await client.read_gatt_char(COMMAND) == b"open"
        values: asyncio.Queue[bytearray] = asyncio.Queue()
        await client.start_notify(LEVEL, lambda _, value: values.put_nowait(value))
        await air.notify(peripheral, LEVEL, b"\x62")
        async with asyncio.timeout(DEADLINE):
            assert await values.get() == b"\x62"
        assert "char Value=…" in signals.said
        await client.stop_notify(LEVEL)


async def test_a_subscription_is_not_written_as_a_descriptor(air: Air) -> None:
    async with connected(air) as (client, _, signals):
        level = client.services.get_characteristic(LEVEL)
        assert level is not None
        subscription = level.get_descriptor(SUBSCRIPTION)
        assert subscription is not None
        call = Message(
            destination="org.bluez",
            path=subscription.obj[0],
            interface="org.bluez.GattDescriptor1",
            member="WriteValue",
            signature="aya{sv}",
            body=[b"\1\0", {}],
        )
        answer = await signals.bus.call(call)
        assert answer is not None
        assert answer.error_name == "org.bluez.Error.NotPermitted"


async def test_a_peer_that_goes_is_one_signal_and_the_objects_stay(air: Air) -> None:
    async with connected(air) as (client, peripheral, signals):
        await air.drop_link(peripheral)
        await signals.until("device Connected=False")
        assert signals.said.index("device ServicesResolved=False") + 1 == signals.said.index(
            "device Connected=False"
        )
        assert "service InterfacesRemoved" not in signals.said
        assert not client.is_connected
