"""What a real bluetoothd did in a virtual machine, row by row, seen through unmodified bleak."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from bleak import BleakScanner
from bleak.args.bluez import BlueZDiscoveryFilters
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakDBusError, BleakError

from simulators.bluez import Advert, SimulatedBluez

ADDRESS = "C0:00:00:00:00:01"
IBEACON = bytes.fromhex("02011a1aff4c000215e2c56db5dffb48d2b060d0f5a71096e000640000c5")
MARK = "FF:FF:FF:FF:FF:FF"

Filters = BlueZDiscoveryFilters | None
BLEAKS_OWN: Filters = None
DUPLICATES: Filters = {"DuplicateData": True}
SIGNAL: Filters = {"RSSI": -127}


@dataclass
class Callbacks:
    """bleak's callbacks, as (address, RSSI, manufacturer data)."""

    seen: list[tuple[str, int, dict[int, bytes]]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, device: BLEDevice, data: AdvertisementData) -> None:
        self.seen.append((device.address, data.rssi, data.manufacturer_data))
        self.changed.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not holds():
                self.changed.clear()
                await self.changed.wait()

    def of(self, address: str) -> list[int]:
        return [rssi for each, rssi, _ in self.seen if each == address]


class Clock:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Scan:
    bluez: SimulatedBluez
    scanner: BleakScanner
    callbacks: Callbacks
    clock: Clock

    def advertise(self, ad: bytes, rssi: int = -60, *, connectable: bool = False) -> None:
        advert = Advert(ADDRESS, rssi, ad, connectable=connectable)
        self.bluez.adapter().advertise(advert)

    async def settle(self) -> None:
        """Wait until bleak has seen everything that was signalled so far."""
        before = len(self.callbacks.of(MARK))
        self.bluez.adapter().advertise(Advert(MARK, -1 - 10 * (before % 2), b""))
        await self.callbacks.until(lambda: len(self.callbacks.of(MARK)) > before)


@asynccontextmanager
async def scanning(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    version: tuple[int, int] = (5, 82),
    filters: Filters = None,
    dual_mode: bool = False,
) -> AsyncIterator[Scan]:
    clock = Clock()
    async with SimulatedBluez(
        tmp_path / "bus", version=version, dual_mode=dual_mode, clock=clock
    ) as bluez:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bluez.address)
        callbacks = Callbacks()
        scanner = BleakScanner(callbacks, bluez={"filters": filters} if filters else {})
        await scanner.start()
        yield Scan(bluez, scanner, callbacks, clock)


CONSTANT, WOBBLING, JUMPING = [-60] * 38, [-60, -63] * 19, [-60, -70] * 19


@pytest.mark.parametrize(
    ("version", "filters", "rssi", "callbacks"),
    [
        ((5, 66), BLEAKS_OWN, CONSTANT, 38),
        ((5, 66), BLEAKS_OWN, WOBBLING, 38),
        ((5, 82), BLEAKS_OWN, CONSTANT, 1),
        ((5, 82), BLEAKS_OWN, WOBBLING, 1),
        ((5, 82), BLEAKS_OWN, JUMPING, 38),
        ((5, 82), DUPLICATES, CONSTANT, 38),
        ((5, 82), SIGNAL, CONSTANT, 38),
        ((5, 82), SIGNAL, WOBBLING, 38),
        ((5, 88), BLEAKS_OWN, CONSTANT, 1),
        ((5, 88), SIGNAL, WOBBLING, 38),
    ],
)
async def test_the_rssi_rule_depends_on_version_and_filter(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    version: tuple[int, int],
    filters: Filters,
    rssi: list[int],
    callbacks: int,
) -> None:
    async with scanning(tmp_path, monkeypatch, version=version, filters=filters) as scan:
        for each in rssi:
            scan.advertise(IBEACON, each)
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


async def test_power_off_calls_back_with_the_last_rssi_and_then_without_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scanning(tmp_path, monkeypatch) as scan:
        scan.advertise(IBEACON, -61, connectable=True)
        scan.bluez.adapter().power(on=False)
        await scan.callbacks.until(lambda: len(scan.callbacks.seen) == 3)
        assert scan.callbacks.of(ADDRESS) == [-61, -61, -127]
        await scan.scanner.stop()  # NotReady, which bleak takes for stopped


async def test_after_a_power_cycle_the_old_scan_is_gone_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scanning(tmp_path, monkeypatch) as scan:
        scan.bluez.adapter().power(on=False)
        scan.bluez.adapter().power(on=True)
        scan.advertise(IBEACON)
        assert scan.bluez.adapter().counters.unheard == {"not scanning": 1}
        with pytest.raises(BleakDBusError, match="No discovery started"):
            await scan.scanner.stop()
        await scan.scanner.start()


async def test_unplugging_calls_back_once_without_rssi_and_forgets_the_devices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scanning(tmp_path, monkeypatch) as scan:
        scan.advertise(IBEACON, -61)
        scan.bluez.adapter().unplug()
        await scan.callbacks.until(lambda: len(scan.callbacks.seen) == 2)
        assert scan.callbacks.of(ADDRESS) == [-61, -127]
        with pytest.raises(BleakDBusError, match="UnknownObject"):
            await scan.scanner.stop()
        with pytest.raises(BleakError, match="No Bluetooth adapters found"):
            await scan.scanner.start()
        scan.bluez.adapter().replug()
        await started(scan.scanner)
        scan.advertise(IBEACON, -62)
        await scan.callbacks.until(lambda: scan.callbacks.of(ADDRESS)[-1] == -62)


async def test_a_killed_bluetoothd_leaves_the_kernel_scanning_for_ten_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scanning(tmp_path, monkeypatch) as scan:
        scan.bluez.crash()
        with pytest.raises(BleakDBusError, match="ServiceUnknown"):
            await scan.scanner.stop()
        scan.bluez.restart()
        with pytest.raises(BleakDBusError, match="InProgress"):
            await scan.scanner.start()
        scan.clock.seconds = 10.3
        await scan.scanner.start()


async def test_a_power_cycle_ends_the_kernels_scan_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scanning(tmp_path, monkeypatch) as scan:
        scan.bluez.crash()
        scan.bluez.restart()
        scan.bluez.adapter().power(on=False)
        scan.bluez.adapter().power(on=True)
        await started(scan.scanner)


async def test_a_clean_restart_removes_every_object_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scanning(tmp_path, monkeypatch) as scan:
        scan.advertise(IBEACON)
        scan.bluez.restart()
        await started(scan.scanner)
        assert not scan.scanner.discovered_devices
        scan.advertise(IBEACON, -62)
        await scan.callbacks.until(lambda: scan.callbacks.of(ADDRESS)[-1] == -62)


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


async def started(scanner: BleakScanner) -> None:
    """bleak learns of adapters by signals; until it has, it refuses."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await scanner.start()
            except BleakError:
                await asyncio.sleep(0)
