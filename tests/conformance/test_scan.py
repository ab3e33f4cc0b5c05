"""What a scan reports, before the simulator and before a real bluetoothd."""

import pytest
from bleak import BleakScanner
from bleak.args.bluez import BlueZDiscoveryFilters
from bleak.exc import BleakDBusError
from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from simulators.bluez import Advert
from tests.conformance.air import Air
from tests.conformance.listening import IBEACON, TAG, overheard, scan

COUNT = 20
EVERY, FIRST = "every", "the first"

STREAMS = {
    "constant": [(IBEACON, -60)] * COUNT,
    "wobbling": [(IBEACON, rssi) for rssi in [-60, -63] * (COUNT // 2)],
    "jumping": [(IBEACON, rssi) for rssi in [-60, -70] * (COUNT // 2)],
    "changing": [(IBEACON[:-3] + bytes([number, 0, 0xC5]), -60) for number in range(COUNT)],
}

FILTERS: dict[str, BlueZDiscoveryFilters | None] = {
    "bleak's own": None,
    "DuplicateData": {"DuplicateData": True},
    "RSSI": {"RSSI": -127},
    "the agent's": {"RSSI": -127, "DuplicateData": True},
    "passive": None,
}


def _expected(version: tuple[int, int], mode: str, stream: str) -> str:
    """The table of facts/simulation.md, "Ground truth", for an LE-only adapter."""
    steady = stream in ("constant", "wobbling")
    regular = mode == "passive" or (mode == "bleak's own" and version >= (5, 67))
    return FIRST if steady and regular else EVERY


@pytest.mark.parametrize("mode", FILTERS)
@pytest.mark.parametrize("stream", STREAMS)
async def test_how_many_adverts_of_a_stream_are_reported(air: Air, mode: str, stream: str) -> None:
    async with scan(air, FILTERS[mode], passive=mode == "passive") as ear:
        for ad, rssi in STREAMS[stream]:
            air.advertise(Advert(TAG, rssi, ad))
            await air.beat()
        await ear.settle()
        reported = len(ear.rssi())
    if _expected(air.version, mode, stream) == FIRST:
        assert reported == 1
    else:
        assert COUNT - air.slack <= reported <= COUNT


@pytest.mark.parametrize(
    ("mode", "companies"), [("bleak's own", {76, 89}), ("DuplicateData", {89})]
)
async def test_manufacturer_data_is_merged_without_duplicate_data(
    air: Air, mode: str, companies: set[int]
) -> None:
    async with scan(air, FILTERS[mode]) as ear:
        for ad in (IBEACON, bytes.fromhex("04ff590001")):
            air.advertise(Advert(TAG, -60, ad))
            await air.beat()
        await ear.settle()
        *_, last = [data for address, data in ear.seen if address == TAG]
    assert set(last.manufacturer_data) == companies


async def test_what_has_no_scan_response_is_held_back_until_another_is_heard(air: Air) -> None:
    async with scan(air, FILTERS["the agent's"]) as ear:
        for _ in range(10):
            air.advertise(Advert(TAG, -60, IBEACON, connectable=True, answered=False))
            await air.beat()
        assert ear.rssi() == []
        await ear.settle()
        assert len(ear.rssi()) == 1


async def test_a_scan_response_makes_one_report_of_two(air: Air) -> None:
    async with scan(air, FILTERS["the agent's"]) as ear:
        for _ in range(10):
            air.advertise(Advert(TAG, -60, IBEACON, connectable=True))
            await air.beat()
        await ear.settle()
        assert 10 - air.slack <= len(ear.rssi()) <= 10


async def test_stopping_the_scan_forgets_what_cannot_be_connected(air: Air) -> None:
    async with overheard() as signals:
        async with scan(air) as ear:
            air.advertise(Advert(TAG, -60, IBEACON))
            await ear.settle()
        await signals.until("hci Discovering=False")
        await signals.until("device InterfacesRemoved")
        assert "device RSSI invalidated" in signals.said


async def test_starting_twice_is_in_progress_and_stopping_when_idle_has_failed(air: Air) -> None:
    async with overheard() as signals:
        call = Message(
            destination="org.bluez",
            path=f"/org/bluez/{air.adapter}",
            interface="org.bluez.Adapter1",
            member="StartDiscovery",
        )
        errors = []
        for member in ("StopDiscovery", "StartDiscovery", "StartDiscovery", "StopDiscovery"):
            call.member, call.serial = member, 0
            answer = await signals.bus.call(call)
            assert answer is not None
            errors.append(answer.error_name if answer.message_type is MessageType.ERROR else "")
        assert errors == ["org.bluez.Error.Failed", "", "org.bluez.Error.InProgress", ""]


async def _power(air: Air, bus: MessageBus, *, on: bool) -> None:
    call = Message(
        destination="org.bluez",
        path=f"/org/bluez/{air.adapter}",
        interface="org.freedesktop.DBus.Properties",
        member="Set",
        signature="ssv",
        body=["org.bluez.Adapter1", "Powered", Variant("b", on)],
    )
    await bus.call(call)


async def test_a_client_that_switches_off_has_the_devices_removed_first(air: Air) -> None:
    """Connectable or not, and with no callback (bluez ca01d74f3, 5.56)."""
    async with overheard() as signals, scan(air, FILTERS["the agent's"]) as ear:
        air.advertise(Advert(TAG, -61, IBEACON, connectable=True))
        await ear.settle()
        await _power(air, signals.bus, on=False)
        await signals.until("hci Powered=False")
        assert signals.said.index("hci Powered=False") > signals.last("device InterfacesRemoved")
        assert signals.count("device InterfacesRemoved") == len(ear.devices)
        assert -127 not in ear.rssi()


async def test_switched_off_from_below_what_can_be_connected_stays_without_signal(
    air: Air,
) -> None:
    async with overheard() as signals, scan(air, FILTERS["the agent's"]) as ear:
        air.advertise(Advert(TAG, -61, IBEACON, connectable=True))
        await ear.settle()
        await air.switch_off()
        await signals.until("hci Powered=False")
        await ear.until(lambda: -127 in ear.rssi())
        assert signals.count("device InterfacesRemoved") == len(ear.devices) - 1


async def test_power_off_ends_an_active_scan_and_says_so(air: Air) -> None:
    async with overheard() as signals, scan(air, FILTERS["the agent's"]) as ear:
        air.advertise(Advert(TAG, -61, IBEACON, connectable=True))
        await ear.settle()
        await _power(air, signals.bus, on=False)
        await signals.until("hci Powered=False")
        await signals.until("hci Discovering=False")
        await _power(air, signals.bus, on=True)
        await signals.until("hci Powered=True")
        heard = len(ear.rssi())
        for _ in range(10):
            air.advertise(Advert(TAG, -61, IBEACON, connectable=True))
            await air.beat()
        assert len(ear.rssi()) == heard


async def test_a_passive_scan_survives_a_power_cycle(air: Air) -> None:
    async with overheard() as signals, scan(air, passive=True) as ear:
        await _power(air, signals.bus, on=False)
        await signals.until("hci Powered=False")
        await _power(air, signals.bus, on=True)
        await signals.until("hci Powered=True")
        await air.listening()
        await ear.settle()


async def test_unplugging_removes_devices_before_the_adapter(air: Air) -> None:
    async with overheard() as signals, scan(air, FILTERS["the agent's"]) as ear:
        air.advertise(Advert(TAG, -61, IBEACON))
        await ear.settle()
        await air.unplug()
        await signals.until("hci InterfacesRemoved")
        order = signals.order(
            "device RSSI invalidated",
            "device InterfacesRemoved",
            "hci Powered=False",
            "hci InterfacesRemoved",
        )
        assert order == [
            "device RSSI invalidated",
            "device InterfacesRemoved",
            "hci Powered=False",
            "hci InterfacesRemoved",
        ]
        assert -127 in ear.rssi()


async def test_a_second_scanner_of_the_same_program_is_refused(air: Air) -> None:
    async with scan(air):
        with pytest.raises(BleakDBusError, match="InProgress"):
            await BleakScanner().start()
