"""The table of scanner faults: what unmodified bleak does in each, at every BlueZ behaviour."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from bleak import BleakClient, BleakScanner
from bleak.backends.bluezdbus.version import BlueZFeatures
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakError,
)

from simulators.bluez import Advert, Cure, How, SimulatedBluez, Twist
from simulators.bluez.faults import begin, end
from tests.simulators.bluez.scene import (
    ADDRESS,
    ANYTHING,
    DEADLINE,
    IBEACON,
    SIGNAL,
    VERSIONS,
    Callbacks,
    Scan,
    scanning,
    started,
)

each_version = pytest.mark.parametrize(
    "version", VERSIONS, ids=lambda version: f"{version[0]}.{version[1]}"
)


@pytest.fixture(params=VERSIONS, ids=lambda version: f"{version[0]}.{version[1]}")
async def scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[Scan]:
    async with scanning(tmp_path, monkeypatch, version=request.param, filters=SIGNAL) as scan:
        yield scan
        scan.bluez.hang(on=False)


@pytest.fixture(params=VERSIONS, ids=lambda version: f"{version[0]}.{version[1]}")
async def passive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[Scan]:
    async with scanning(tmp_path, monkeypatch, version=request.param, passive=True) as scan:
        yield scan


async def test_1_unplugged_is_one_callback_and_silence_and_a_new_scan_after_replugging(
    scan: Scan,
) -> None:
    scan.advertise(IBEACON, -61)
    scan.adapter.unplug()
    await scan.callbacks.until(lambda: len(scan.callbacks.seen) == 2)
    assert scan.callbacks.of(ADDRESS) == [-61, -127]
    with pytest.raises(BleakDBusError, match="UnknownObject"):
        await scan.scanner.stop()
    assert not scan.scanner.discovered_devices
    with pytest.raises(BleakBluetoothNotAvailableError) as gone:
        await scan.scanner.start()
    assert gone.value.reason is BleakBluetoothNotAvailableReason.NO_BLUETOOTH
    with pytest.raises(BleakError, match="adapter 'hci0' not found"):
        await BleakScanner(bluez={"adapter": "hci0"}).start()
    scan.adapter.replug()
    scan.advertise(IBEACON)
    assert scan.adapter.counters.unheard == {"not scanning": 1}
    await started(scan.scanner)
    scan.advertise(IBEACON, -62)
    await scan.callbacks.until(lambda: -62 in scan.callbacks.of(ADDRESS))


async def test_2_powered_off_ends_an_active_scan_for_ever(scan: Scan) -> None:
    scan.advertise(IBEACON, -61, connectable=True)
    scan.adapter.power(on=False)
    await scan.callbacks.until(lambda: len(scan.callbacks.seen) == 3)
    assert scan.callbacks.of(ADDRESS) == [-61, -61, -127]
    with pytest.raises(BleakBluetoothNotAvailableError) as off:
        await BleakScanner().start()
    assert off.value.reason is BleakBluetoothNotAvailableReason.POWERED_OFF
    scan.adapter.power(on=True)
    scan.advertise(IBEACON)
    assert scan.adapter.counters.unheard == {"not scanning": 1}
    with pytest.raises(BleakDBusError, match="No discovery started"):
        await scan.scanner.stop()
    await started(scan.scanner)


async def test_2_a_stop_while_powered_off_is_fine(scan: Scan) -> None:
    scan.adapter.power(on=False)
    await scan.scanner.stop()


async def test_2_a_passive_scan_survives_a_power_cycle(passive: Scan) -> None:
    passive.adapter.power(on=False)
    passive.advertise(IBEACON)
    passive.adapter.power(on=True)
    passive.advertise(IBEACON, -64)
    await passive.settle()
    assert passive.callbacks.of(ADDRESS) == [-64]


@pytest.mark.parametrize("cure", Cure)
async def test_3_a_stall_is_silence_and_discovering_and_only_its_cure_ends_it(
    scan: Scan, cure: Cure
) -> None:
    scan.adapter.stall(cure)
    scan.advertise(IBEACON)
    assert scan.adapter.counters.unheard == {"stalled": 1}
    assert scan.adapter.properties()["Discovering"].value
    await scan.scanner.stop()
    assert scan.adapter.stalled is (cure > Cure.NEW_SCAN)
    scan.adapter.power(on=False)
    scan.adapter.power(on=True)
    assert scan.adapter.stalled is (cure > Cure.POWER_CYCLE)
    scan.bluez.restart()
    assert scan.adapter.stalled is (cure > Cure.NEW_DAEMON)
    scan.adapter.unplug()
    scan.adapter.replug()
    assert not scan.adapter.stalled


async def test_3_a_rejected_stop_is_mended_by_bleaks_own_retry(scan: Scan) -> None:
    await begin("stop-rejected", scan.bluez)
    with suppress(BleakDBusError):  # from 5.88 on the second stop finds no discovery
        await scan.scanner.stop()
    await started(scan.scanner)
    scan.advertise(IBEACON)
    await scan.settle()
    assert scan.callbacks.of(ADDRESS) == [-60]


async def test_3_two_rejected_stops_leave_a_discovery_that_hears_nothing_until_5_88(
    scan: Scan,
) -> None:
    await begin("stops-rejected", scan.bluez)
    with suppress(BleakDBusError):
        await scan.scanner.stop()
    await started(scan.scanner)
    scan.advertise(IBEACON)
    assert bool(scan.adapter.counters.unheard["stalled"]) is (scan.bluez.version < (5, 88))
    scan.adapter.power(on=False)
    scan.adapter.power(on=True)
    assert not scan.adapter.stalled


async def test_4_a_killed_bluetoothd_is_silence_with_stale_devices_then_busy(scan: Scan) -> None:
    scan.advertise(IBEACON)
    await scan.settle()
    scan.bluez.crash()
    assert len(scan.scanner.discovered_devices) == 2
    with pytest.raises(BleakDBusError, match="ServiceUnknown"):
        await BleakScanner().start()
    scan.bluez.restart()
    with pytest.raises(BleakDBusError, match="No discovery started"):
        await scan.scanner.stop()
    with pytest.raises(BleakDBusError, match="InProgress"):
        await scan.scanner.start()
    scan.clock.seconds = 10.3
    await scan.scanner.start()


async def test_4_a_power_cycle_ends_the_kernels_scan_at_once(scan: Scan) -> None:
    scan.bluez.crash()
    scan.bluez.restart()
    scan.adapter.power(on=False)
    scan.adapter.power(on=True)
    await started(scan.scanner)


async def test_5_after_a_clean_restart_the_old_scan_is_none(scan: Scan) -> None:
    scan.advertise(IBEACON)
    scan.bluez.restart()
    with pytest.raises(BleakDBusError, match="No discovery started"):
        await scan.scanner.stop()
    await started(scan.scanner)
    scan.advertise(IBEACON, -62)
    await scan.callbacks.until(lambda: -62 in scan.callbacks.of(ADDRESS))


@pytest.mark.parametrize("fault", ["bluetoothd-restarted", "monitors-released"])
async def test_6_a_passive_scan_ends_silently_and_its_stop_finds_nothing(
    passive: Scan, fault: str
) -> None:
    await begin(fault, passive.bluez)
    passive.advertise(IBEACON)
    assert passive.adapter.counters.unheard == {"not scanning": 1}
    with pytest.raises(BleakDBusError, match="DoesNotExist"):
        await passive.scanner.stop()


async def test_7_a_lost_bus_is_an_oserror_and_comes_back(
    scan: Scan, caplog: pytest.LogCaptureFixture
) -> None:
    await begin("bus-lost", scan.bluez)
    with pytest.raises(ConnectionResetError):
        await BleakScanner().start()
    with pytest.raises(FileNotFoundError):
        await BleakScanner().start()
    assert "D-Bus connection to BlueZ was lost" in caplog.text
    with pytest.raises(OSError, match="Bad file descriptor"):
        await scan.scanner.stop()
    await end("bus-lost", scan.bluez)
    await scan.scanner.start()
    scan.advertise(IBEACON)
    await scan.callbacks.until(lambda: bool(scan.callbacks.seen))


async def test_7_a_new_scanner_beside_the_old_one_doubles_every_advert_and_dies_with_it(
    scan: Scan,
) -> None:
    await begin("bus-lost", scan.bluez)
    with pytest.raises(ConnectionResetError):
        await BleakScanner().start()
    await end("bus-lost", scan.bluez)
    anew = BleakScanner(scan.callbacks, bluez={"filters": SIGNAL} if SIGNAL else {})
    await started(anew)
    scan.advertise(IBEACON)
    await scan.callbacks.until(lambda: len(scan.callbacks.seen) == 2)
    await scan.scanner.stop()
    assert not scan.adapter.scanning.is_set()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("start-in-progress", "InProgress"),
        ("start-not-ready", "NotReady"),
        ("start-failed", "Failed"),
    ],
)
async def test_8_a_refused_start_leaves_no_trace_and_can_be_tried_again(
    scan: Scan, fault: str, error: str
) -> None:
    await scan.scanner.stop()
    await begin(fault, scan.bluez)
    with pytest.raises(BleakDBusError, match=error):
        await scan.scanner.start()
    await end(fault, scan.bluez)
    await scan.scanner.start()
    scan.advertise(IBEACON)
    await scan.callbacks.until(lambda: bool(scan.callbacks.seen))
    assert len(scan.callbacks.seen) == 1


async def test_9_a_start_that_is_never_answered_holds_every_other_until_it_is_cancelled(
    scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BlueZFeatures, "checked_bluez_version", True)
    scan.advertise(IBEACON, connectable=True)
    await scan.settle()
    device = next(each for each in scan.scanner.discovered_devices if each.address == ADDRESS)
    await scan.scanner.stop()
    scan.bluez.twists.add(Twist("StartDiscovery", How.UNANSWERED, scan.adapter.path, times=1))
    async with asyncio.TaskGroup() as tasks:
        hanging = tasks.create_task(BleakScanner().start())
        async with asyncio.timeout(DEADLINE):
            await scan.bluez.twists.played.wait()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await scan.scanner.start()
        assert not hanging.done()
        hanging.cancel()
    await scan.scanner.start()
    with pytest.raises(TimeoutError):
        await BleakClient(device, timeout=0.05).connect()


async def test_10_a_property_that_changes_calls_back_with_the_last_rssi(scan: Scan) -> None:
    scan.advertise(IBEACON, -61)
    scan.adapter.stall()
    scan.adapter.disturb(ADDRESS)
    await scan.callbacks.until(lambda: len(scan.callbacks.seen) == 2)
    assert scan.callbacks.of(ADDRESS) == [-61, -61]


@each_version
async def test_11_what_is_missing_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int]
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/bus")
    with pytest.raises(FileNotFoundError):
        await BleakScanner().start()
    async with SimulatedBluez(tmp_path / "bus", version=version, adapters=0) as bluez:
        bluez.crash()
        with pytest.raises(BleakDBusError, match="ServiceUnknown"):
            await BleakScanner().start()
        bluez.restart()
        with pytest.raises(BleakBluetoothNotAvailableError) as none:
            await BleakScanner().start()
        assert none.value.reason is BleakBluetoothNotAvailableReason.NO_BLUETOOTH


async def test_11_an_adapter_that_cannot_scan_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with SimulatedBluez(tmp_path / "bus") as bluez:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bluez.address)
        await begin("no-central-role", bluez)
        with pytest.raises(BleakBluetoothNotAvailableError) as refused:
            await BleakScanner().start()
        assert refused.value.reason is BleakBluetoothNotAvailableReason.NO_BLE_CENTRAL_ROLE


async def test_a_bluetoothd_without_experimental_refuses_to_scan_passively(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with SimulatedBluez(tmp_path / "bus", passive_scanning=False) as bluez:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bluez.address)
        scanner = BleakScanner(
            Callbacks(), scanning_mode="passive", bluez={"or_patterns": ANYTHING}
        )
        with pytest.raises(BleakError, match="--experimental"):
            await scanner.start()


async def test_a_controller_that_filters_reports_each_transmitter_once_a_scan(scan: Scan) -> None:
    await begin("duplicates-filtered", scan.bluez)
    for seconds in (0.0, 1.0, 10.2, 10.4, 20.5, 20.7):
        scan.clock.seconds = seconds
        scan.advertise(IBEACON)
    assert scan.adapter.counters.signalled == 3
    assert scan.adapter.counters.unheard == {"duplicate": 3}


async def test_a_monitor_beside_an_active_scan_switches_the_duplicate_filter_off(
    passive: Scan,
) -> None:
    await begin("duplicates-filtered", passive.bluez)
    beside = BleakScanner(bluez={"filters": SIGNAL} if SIGNAL else {})
    await beside.start()
    for _ in range(5):
        passive.advertise(IBEACON)
    await passive.settle()
    assert passive.callbacks.of(ADDRESS) == [-60] * 5
    await beside.stop()


async def test_an_active_scan_holds_back_what_has_no_scan_response_until_another_is_heard(
    scan: Scan,
) -> None:
    asking = Advert(ADDRESS, -60, IBEACON, connectable=True, answered=False)
    for _ in range(10):
        scan.adapter.advertise(asking)
    assert scan.adapter.counters.unheard == {"held back for its scan response": 10}
    await scan.settle()
    assert scan.callbacks.of(ADDRESS) == [-60]  # the last, let go by the marker's own advert


async def test_a_passive_scan_reports_what_has_no_scan_response(passive: Scan) -> None:
    passive.adapter.advertise(Advert(ADDRESS, -60, IBEACON, connectable=True, answered=False))
    await passive.settle()
    assert passive.callbacks.of(ADDRESS) == [-60]


async def test_a_passive_scan_reports_what_its_patterns_ask_for_and_nothing_else(
    passive: Scan,
) -> None:
    passive.advertise(bytes.fromhex("0303aafe"))
    assert passive.adapter.counters.unheard == {"no monitor's pattern": 1}
