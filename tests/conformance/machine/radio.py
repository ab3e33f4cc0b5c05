"""The machine's air: bumble is the controller behind /dev/vhci, and the peripherals around it."""

import asyncio
import itertools
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bumble import hci
from bumble.controller import Controller
from bumble.core import PhysicalTransport
from bumble.device import Connection, Device
from bumble.gatt import Characteristic as GattCharacteristic
from bumble.gatt import Descriptor as GattDescriptor
from bumble.gatt import Service as GattService
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport import open_transport
from bumble.transport.common import AsyncPipeSink, Transport
from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from simulators.bluez import Advert, Characteristic, Peripheral
from tests.conformance.air import DEADLINE, Version
from tests.conformance.listening import hang_up

ADAPTER = "org.bluez.Adapter1"

BEAT_S = 0.05
"""Twenty adverts a second: an emulated processor keeps up with it."""

Report = hci.HCI_LE_Advertising_Report_Event.Report
Kind = hci.HCI_LE_Advertising_Report_Event.EventType

FLAGS = {
    "read": GattCharacteristic.Properties.READ,
    "write": GattCharacteristic.Properties.WRITE,
    "write-without-response": GattCharacteristic.Properties.WRITE_WITHOUT_RESPONSE,
    "notify": GattCharacteristic.Properties.NOTIFY,
}
READABLE_AND_WRITEABLE = GattCharacteristic.READABLE | GattCharacteristic.WRITEABLE

RFKILL = Path("/dev/rfkill")
BLOCK_ONE = (2, 2, 1, 0)
"""linux/rfkill.h, struct rfkill_event after idx: Bluetooth, CHANGE, soft-blocked, not hard."""

_addresses = itertools.count(1)


class Link(LocalLink):  # type: ignore[misc]  # bumble is of the machine only
    """bumble's link, with data sent from the address that the connection was made from.

    bumble 0.0.236 sends it from the controller's random address, which is the one that BlueZ scans
    from; it connects from its public one, and the peer drops what comes from a stranger.
    """

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: hci.Address,
        transport: PhysicalTransport,
        data: bytes,
    ) -> None:
        """Of an LE connection, to the controller at its other end."""
        connection = sender_controller.le_connections.get(destination_address)
        receiver = self.find_le_controller(destination_address)
        if connection is None or receiver is None:
            return  # the link ended with data on its way
        asyncio.get_running_loop().call_soon(
            receiver.on_link_acl_data, connection.self_address, transport, data
        )


class VirtualRadio:
    """One controller of an LE-only kind; a new one for each check."""

    slack = 2

    def __init__(self, transport: Transport, version: Version) -> None:
        self.version = version
        self.adapter = ""
        self._transport = transport
        self._link = Link()
        self._controller = Controller(
            "store",
            host_source=transport.source,
            host_sink=transport.sink,
            link=self._link,
            public_address=f"00:00:5E:00:53:{next(_addresses):02X}",
        )
        self._controller.le_features &= ~(
            hci.LeFeatureMask.LE_EXTENDED_ADVERTISING
            | hci.LeFeatureMask.LE_PERIODIC_ADVERTISING
            | hci.LeFeatureMask.LL_PRIVACY  # its connection event is one that bumble never sends
        )
        self._devices: dict[str, Device] = {}
        self._connections: dict[str, Connection] = {}
        self._characteristics: dict[str, GattCharacteristic] = {}
        self._unplugged = asyncio.Event()

    def advertise(self, advert: Advert) -> None:
        """As a controller reports it; one that is not scanning reports nothing."""
        if self._unplugged.is_set() or not self._controller.le_scan_enable:
            return
        kind = Kind.ADV_IND if advert.connectable else Kind.ADV_NONCONN_IND
        self._report(advert, kind, advert.ad)
        active = self._controller.le_scan_type == 1
        if active and advert.connectable and advert.answered:
            self._report(advert, Kind.SCAN_RSP, b"")

    async def beat(self) -> None:
        await asyncio.sleep(BEAT_S)

    async def listening(self) -> None:
        async with asyncio.timeout(DEADLINE):
            while not self._controller.le_scan_enable:  # noqa: ASYNC110 - bumble sets a flag
                await asyncio.sleep(BEAT_S)

    async def attach(self, peripheral: Peripheral) -> None:
        address = hci.Address(peripheral.address)
        controller = Controller(
            "tag", link=self._link, public_address=hci.Address(peripheral.address, 0)
        )
        device = Device(address=address, host=Host(controller, AsyncPipeSink(controller)))
        for service in peripheral.services:
            device.add_service(
                GattService(service.uuid, [*map(self._made, service.characteristics)])
            )
        connected = self._connections.__setitem__
        device.on(device.EVENT_CONNECTION, lambda one: connected(peripheral.address, one))
        await device.power_on()
        await device.start_advertising(auto_restart=True, advertising_interval_min=100.0)
        self._devices[peripheral.address] = device

    async def notify(self, peripheral: Peripheral, uuid: str, value: bytes) -> None:
        device = self._devices[peripheral.address]
        await device.notify_subscribers(self._characteristics[uuid], value)

    async def drop_link(self, peripheral: Peripheral) -> None:
        await self._connections[peripheral.address].disconnect()

    async def switch_off(self) -> None:
        """As `rfkill block` does."""
        _block(self.adapter)

    async def unplug(self) -> None:
        self._unplugged.set()
        await self._transport.close()

    def _made(self, characteristic: Characteristic) -> GattCharacteristic:
        properties = GattCharacteristic.Properties(0)
        for flag in characteristic.flags:
            properties |= FLAGS[flag]
        made = GattCharacteristic(
            characteristic.uuid,
            properties,
            READABLE_AND_WRITEABLE,
            characteristic.value,
            [
                GattDescriptor(each.uuid, READABLE_AND_WRITEABLE, each.value)
                for each in characteristic.descriptors
            ],
        )
        self._characteristics[characteristic.uuid] = made
        return made

    def _report(self, advert: Advert, kind: int, data: bytes) -> None:
        address_type = 1 if advert.random_address else 0
        report = Report(
            event_type=kind,
            address_type=address_type,
            address=hci.Address(advert.address, address_type),
            data=data,
            rssi=advert.rssi,
        )
        self._controller.send_hci_packet(hci.HCI_LE_Advertising_Report_Event([report]))


@asynccontextmanager
async def virtual(version: Version) -> AsyncIterator[VirtualRadio]:
    """A powered adapter that bluetoothd has taken over."""
    async with await open_transport("vhci") as transport:
        radio = VirtualRadio(transport, version)
        radio.adapter = await _taken_over()
        yield radio
        for device in radio._devices.values():
            await device.power_off()
    await _gone(radio.adapter)


async def _taken_over() -> str:
    """The name of the adapter, once it is powered; there is one at a time."""
    async with asyncio.timeout(DEADLINE):
        while True:
            for path, powered in (await _adapters()).items():
                if powered:
                    return path.rpartition("/")[2]
                await _switch_on(path)
            await asyncio.sleep(BEAT_S)


async def _switch_on(path: str) -> None:
    """bluetoothd leaves a new adapter off unless main.conf says otherwise."""
    on = Variant("b", True)  # noqa: FBT003 - a value of the wire
    await _ask(path, "org.freedesktop.DBus.Properties", "Set", "ssv", [ADAPTER, "Powered", on])


async def _gone(adapter: str) -> None:
    async with asyncio.timeout(DEADLINE):
        while f"/org/bluez/{adapter}" in await _adapters() or _in_kernel(adapter):  # noqa: ASYNC110
            await asyncio.sleep(BEAT_S)


def _in_kernel(adapter: str) -> bool:
    return Path(f"/sys/class/bluetooth/{adapter}").exists()


def _block(adapter: str) -> None:
    (entry,) = Path(f"/sys/class/bluetooth/{adapter}").glob("rfkill*/index")
    RFKILL.write_bytes(struct.pack("=IBBBB", int(entry.read_text()), *BLOCK_ONE))


async def _adapters() -> dict[str, bool]:
    """Object path and whether it is powered."""
    answer = await _ask("/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", "", [])
    if answer.message_type is not MessageType.METHOD_RETURN:
        return {}
    return {
        path: interfaces[ADAPTER]["Powered"].value
        for path, interfaces in answer.body[0].items()
        if ADAPTER in interfaces
    }


async def _ask(
    path: str, interface: str, member: str, signature: str, body: list[object]
) -> Message:
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    try:
        return await bus.call(
            Message(
                destination="org.bluez",
                path=path,
                interface=interface,
                member=member,
                signature=signature,
                body=body,
            )
        )
    finally:
        await hang_up(bus)
