"""What a real bluetoothd did in a virtual machine, row by row, seen through unmodified bleak."""

import asyncio
from pathlib import Path

import pytest
from bleak import BleakScanner

from simulators.bluez import Advert, SimulatedBluez
from tests.simulators.bluez.scene import (
    ADDRESS,
    BLEAKS_OWN,
    DUPLICATES,
    IBEACON,
    SIGNAL,
    VERSIONS,
    Callbacks,
    Filters,
    scanning,
)

CONSTANT, WOBBLING, JUMPING = [-60] * 38, [-60, -63] * 19, [-60, -70] * 19


ALL, FIRST = 38, 1

TABLE: dict[str, tuple[Filters, dict[tuple[int, int], dict[str, int]]]] = {
    "bleak's own": (
        BLEAKS_OWN,
        {
            (5, 66): {"constant": ALL, "wobbling": ALL, "jumping": ALL, "changing": ALL},
            (5, 82): {"constant": FIRST, "wobbling": FIRST, "jumping": ALL, "changing": ALL},
            (5, 88): {"constant": FIRST, "wobbling": FIRST, "jumping": ALL, "changing": ALL},
        },
    ),
    "DuplicateData": (
        DUPLICATES,
        {
            version: {"constant": ALL, "wobbling": ALL, "jumping": ALL, "changing": ALL}
            for version in VERSIONS
        },
    ),
    "RSSI": (
        SIGNAL,
        {
            version: {"constant": ALL, "wobbling": ALL, "jumping": ALL, "changing": ALL}
            for version in VERSIONS
        },
    ),
    "passive": (
        None,
        {
            version: {"constant": FIRST, "wobbling": FIRST, "jumping": ALL, "changing": ALL}
            for version in VERSIONS
        },
    ),
}
"""Callbacks for 38 adverts: the table of the virtual machine; 5.88 by its source."""

STREAMS = {
    "constant": [(IBEACON, rssi) for rssi in CONSTANT],
    "wobbling": [(IBEACON, rssi) for rssi in WOBBLING],
    "jumping": [(IBEACON, rssi) for rssi in JUMPING],
    "changing": [(IBEACON[:-3] + bytes([number, 0, 0xC5]), -60) for number in range(38)],
}


@pytest.mark.parametrize(
    ("mode", "version", "stream", "callbacks"),
    [
        (mode, version, stream, callbacks)
        for mode, (_, versions) in TABLE.items()
        for version, streams in versions.items()
        for stream, callbacks in streams.items()
    ],
)
async def test_what_is_reported_depends_on_version_and_filter(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    mode: str,
    version: tuple[int, int],
    stream: str,
    callbacks: int,
) -> None:
    passive = mode == "passive"
    async with scanning(
        tmp_path, monkeypatch, version=version, filters=TABLE[mode][0], passive=passive
    ) as scan:
        for ad, rssi in STREAMS[stream]:
            scan.advertise(ad, rssi)
        await scan.settle()
        assert len(scan.callbacks.of(ADDRESS)) == callbacks


@pytest.mark.parametrize(("version", "callbacks"), [((5, 82), 38), ((5, 88), 1)])
async def test_a_dual_mode_adapter_kept_reporting_every_rssi_until_5_88(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int], callbacks: int
) -> None:
    async with scanning(tmp_path, monkeypatch, version=version, dual_mode=True) as scan:
        for each in CONSTANT:
            scan.advertise(IBEACON, each)
        await scan.settle()
        assert len(scan.callbacks.of(ADDRESS)) == callbacks


@pytest.mark.parametrize(("filters", "companies"), [(BLEAKS_OWN, {76, 89}), (DUPLICATES, {89})])
async def test_manufacturer_data_is_merged_across_adverts_without_duplicate_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filters: Filters, companies: set[int]
) -> None:
    async with scanning(tmp_path, monkeypatch, filters=filters) as scan:
        scan.advertise(IBEACON)
        scan.advertise(bytes.fromhex("04ff590001"))
        await scan.settle()
        *_, last = [data for address, _, data in scan.callbacks.seen if address == ADDRESS]
        assert set(last) == companies


async def test_a_weaker_advert_than_the_filter_asks_for_is_not_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scanning(tmp_path, monkeypatch, filters={"RSSI": -70}) as scan:
        scan.advertise(IBEACON, -71)
        scan.advertise(IBEACON, -70)
        await scan.settle()
        assert scan.callbacks.of(ADDRESS) == [-70]
        assert scan.bluez.adapter().counters.unheard == {"too weak for the filter": 1}


async def test_a_device_is_removed_thirty_seconds_after_its_last_advert(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scanning(tmp_path, monkeypatch, filters=SIGNAL) as scan:
        scan.advertise(IBEACON)
        scan.clock.seconds = 20.0
        scan.advertise(IBEACON)
        scan.clock.seconds = 49.9
        scan.bluez.expire()
        await scan.settle()
        assert ADDRESS in scan.scanner.discovered_devices_and_advertisement_data
        scan.clock.seconds = 50.0
        scan.bluez.expire()
        await scan.settle()
        assert ADDRESS not in scan.scanner.discovered_devices_and_advertisement_data


async def test_stopping_the_last_scan_forgets_what_cannot_be_connected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scanning(tmp_path, monkeypatch) as scan:
        scan.advertise(IBEACON)
        connectable = Advert("C0:00:00:00:00:02", -50, IBEACON, connectable=True)
        scan.bluez.adapter().advertise(connectable)
        await scan.scanner.stop()
        (kept,) = scan.bluez.adapter().device_objects().values()
        assert kept["org.bluez.Device1"]["Address"].value == "C0:00:00:00:00:02"
        assert "RSSI" not in kept["org.bluez.Device1"]


async def test_a_hung_bluetoothd_carries_out_afterwards_what_it_was_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scanning(tmp_path, monkeypatch) as scan:
        scan.bluez.hang()
        scan.advertise(IBEACON)
        assert scan.bluez.adapter().counters.unheard == {"hung": 1}
        async with asyncio.TaskGroup() as tasks:
            stopping = tasks.create_task(scan.scanner.stop())
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await asyncio.shield(stopping)
            assert scan.bluez.adapter().scanning.is_set()
            scan.bluez.hang(on=False)
        assert not scan.bluez.adapter().scanning.is_set()


async def test_two_adapters_hear_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with SimulatedBluez(tmp_path / "bus", adapters=2) as bluez:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bluez.address)
        heard = {name: Callbacks() for name in bluez.adapters}
        scanners = [BleakScanner(heard[name], bluez={"adapter": name}) for name in heard]
        for each in scanners:
            await each.start()
        bluez.adapter("hci0").advertise(Advert(ADDRESS, -40, IBEACON))
        bluez.adapter("hci1").advertise(Advert(ADDRESS, -90, IBEACON))
        for name, rssi in (("hci0", -40), ("hci1", -90)):
            async with asyncio.timeout(20):
                await heard[name].changed.wait()
            assert heard[name].of(ADDRESS) == [rssi]
