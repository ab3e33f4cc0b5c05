"""The agent's receiver, unmodified bleak and the simulated org.bluez in one event loop."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from device_profiles.sighting import Sighting
from edge_agent.radio import Heard, Ignored, Reason, ReceiverHealth, ReceiverState, listen
from simulators.bluez import Advert, Cure, SimulatedBluez
from tests.radio.scene import (
    DEADLINE,
    EDDYSTONE_IDENTITY,
    EDDYSTONE_UID,
    HEADPHONES,
    IBEACON,
    IDENTITY,
    IMPATIENT,
    FakeClock,
    Scene,
    radio_scene,
)
from tests.radio.tables import ReceiverTable


@dataclass(frozen=True)
class BluezReceiver(ReceiverTable):
    id: str = "ceiling"
    kind: str = "bluez"
    adapter: str = "hci0"


BLUEZ_VERSIONS = [(5, 66), (5, 82), (5, 88)]


@pytest.fixture
async def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    async with radio_scene(tmp_path, monkeypatch) as running:
        yield running


@pytest.mark.parametrize("version", BLUEZ_VERSIONS)
@pytest.mark.parametrize("rssi", [[-60] * 38, [-60, -63] * 19, [-60, -70] * 19])
async def test_every_packet_of_a_steady_beacon_is_a_sighting_on_every_bluez(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int], rssi: list[int]
) -> None:
    async with radio_scene(tmp_path, monkeypatch, version=version) as scene:
        for each in rssi:
            scene.advertise(rssi=each)
        await scene.until(lambda: len(scene.sightings) == len(rssi))
        assert [each.rssi for each in scene.sightings] == rssi
        assert {each.identity for each in scene.sightings} == {IDENTITY}
        assert scene.counters.heard == scene.counters.decoded["ibeacon"] == len(rssi)


@pytest.mark.parametrize("version", BLUEZ_VERSIONS)
async def test_a_controller_that_filters_duplicates_is_kept_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int]
) -> None:
    async with radio_scene(tmp_path, monkeypatch, version=version) as scene:
        scene.hci0.filters_duplicates = True
        async with asyncio.timeout(DEADLINE):
            await scene.hci0.monitors.listening.wait()
        scene.bluez.restart()
        await scene.until_heard_again()
        async with asyncio.timeout(DEADLINE):
            await scene.hci0.monitors.listening.wait()
        for _ in range(20):
            scene.advertise()
        await scene.until(lambda: len(scene.sightings) == 20)


async def test_a_sighting_names_receiver_power_and_moment_and_no_address(scene: Scene) -> None:
    scene.clock.advance(7)
    scene.advertise(rssi=-71)
    await scene.until(lambda: bool(scene.sightings))
    (sighting,) = scene.sightings
    assert (sighting.receiver, sighting.power, sighting.at) == ("ceiling", -59, 1007.0)
    assert "C0:00" not in repr(sighting) + repr(scene.counters) + repr(scene.healths)


async def test_a_property_change_without_a_packet_is_no_sighting(scene: Scene) -> None:
    scene.advertise()
    scene.hci0.disturb("C0:00:00:00:00:01")
    scene.advertise(rssi=-61)
    await scene.until(lambda: len(scene.sightings) == 2)
    assert [each.rssi for each in scene.sightings] == [-60, -61]
    assert scene.counters.ignored[Ignored("no packet")] == 1


async def test_what_is_no_beacon_is_counted_by_reason_and_forgotten(scene: Scene) -> None:
    short_ibeacon = bytes.fromhex("06ff4c00021500")
    scene.advertise(HEADPHONES, address=2)
    scene.advertise(short_ibeacon, address=3)
    scene.advertise(rssi=5, address=4)
    scene.advertise()
    await scene.until(lambda: bool(scene.sightings))
    assert scene.counters.ignored == {
        Ignored("not a beacon"): 1,
        Ignored("malformed", "ibeacon"): 1,
        Ignored("impossible rssi"): 1,
    }
    assert scene.counters.heard == 3


async def test_frames_of_two_kinds_from_one_transmitter_are_each_sighted_when_sent(
    scene: Scene,
) -> None:
    for ad in (IBEACON, EDDYSTONE_UID, IBEACON):
        scene.advertise(ad)
    await scene.until(lambda: len(scene.sightings) == 3)
    assert [each.identity for each in scene.sightings] == [IDENTITY, EDDYSTONE_IDENTITY, IDENTITY]


async def test_it_is_starting_until_the_first_packet_and_hearing_from_then_on(scene: Scene) -> None:
    assert scene.health.state is ReceiverState.STARTING
    scene.advertise(HEADPHONES)
    await scene.until(lambda: scene.health.state is ReceiverState.HEARING)
    assert scene.health.last_heard == scene.clock.now()


async def test_power_off_blinds_at_once_and_power_on_heals(scene: Scene) -> None:
    scene.advertise()
    await scene.until(lambda: bool(scene.sightings))
    scene.hci0.power(on=False)
    await scene.until_blind(Reason.POWERED_OFF)
    scene.hci0.power(on=True)
    await scene.until_heard_again()


async def test_an_unplugged_adapter_blinds_at_once_and_replugging_heals(scene: Scene) -> None:
    scene.advertise()
    await scene.until(lambda: bool(scene.sightings))
    scene.hci0.unplug()
    await scene.until_blind(Reason.UNPLUGGED)
    scene.hci0.replug()
    await scene.until_heard_again()


async def test_a_killed_bluetoothd_blinds_at_once_and_hears_after_the_kernels_scan(
    scene: Scene,
) -> None:
    scene.bluez.crash()
    await scene.until_blind(Reason.BLUETOOTHD_GONE)
    scene.bluez.restart()
    await scene.until_blind(Reason.BUSY)
    scene.clock.advance(12)
    await scene.until_heard_again()


async def test_a_restarted_bluetoothd_is_heard_again(scene: Scene) -> None:
    scene.advertise()
    await scene.until(lambda: bool(scene.sightings))
    scene.bluez.restart()
    await scene.until_heard_again()


async def test_a_stalled_discovery_blinds_after_the_silence_and_a_new_scan_heals(
    scene: Scene,
) -> None:
    scene.advertise()
    await scene.until(lambda: bool(scene.sightings))
    scene.hci0.stall()
    scene.advertise()
    await scene.pass_silence_until(lambda: not scene.hci0.stalled)
    assert scene.health.reason is Reason.SILENT
    await scene.until_heard_again()


async def test_a_stall_that_outlives_the_scan_is_healed_by_a_power_cycle(scene: Scene) -> None:
    scene.hci0.stall(Cure.POWER_CYCLE)
    await scene.pass_silence_until(lambda: not scene.hci0.stalled)
    await scene.until_heard_again()


async def test_a_bluetoothd_that_hangs_does_not_hang_the_agent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = replace(IMPATIENT, start=0.1, stop=0.1)
    async with radio_scene(tmp_path, monkeypatch, policy=policy) as scene:
        scene.bluez.hang()
        await scene.pass_silence_until(lambda: scene.health.reason is Reason.NO_ANSWER)
        scene.bluez.hang(on=False)
        await scene.until_heard_again()


async def test_losing_the_bus_blinds_at_once_and_its_return_heals(scene: Scene) -> None:
    scene.advertise()
    await scene.until(lambda: bool(scene.sightings))
    await scene.bluez.cut_bus()
    await scene.until_blind(Reason.BUS_LOST)
    await scene.bluez.mend_bus()
    await scene.until_heard_again()


@pytest.mark.parametrize(
    "address", ["nonsense", "unix:path=/nowhere/at/all", "tcp:host=127.0.0.1,port=1", ""]
)
async def test_a_machine_without_a_bus_is_blind_and_goes_on_trying(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
    clock = FakeClock()
    healths: asyncio.Queue[ReceiverHealth] = asyncio.Queue()
    listening = listen(
        [BluezReceiver()],
        store_broker=None,
        clock=clock,
        heard=lambda _: None,
        health_changed=healths.put_nowait,
        counters=Heard(),
        scan_policy=IMPATIENT,
    )
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(listening)
        async with asyncio.timeout(DEADLINE):
            assert (await healths.get()).state is ReceiverState.STARTING
            assert (await healths.get()).state is ReceiverState.BLIND
        assert not running.done()
        running.cancel()


async def test_two_adapters_are_two_receivers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sightings: asyncio.Queue[Sighting] = asyncio.Queue()
    async with SimulatedBluez(tmp_path / "bus", adapters=2) as bluez, asyncio.TaskGroup() as tasks:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bluez.address)
        listening = listen(
            [BluezReceiver("left", adapter="hci0"), BluezReceiver("right", adapter="hci1")],
            store_broker=None,
            clock=FakeClock(),
            heard=sightings.put_nowait,
            health_changed=lambda _: None,
            counters=Heard(),
        )
        running = tasks.create_task(listening)
        async with asyncio.timeout(DEADLINE):
            for name, rssi in (("hci0", -40), ("hci1", -80)):
                await bluez.adapter(name).scanning.wait()
                bluez.adapter(name).advertise(Advert("C0:00:00:00:00:01", rssi, IBEACON))
            heard = {(each.receiver, each.rssi) for each in [await sightings.get() for _ in "12"]}
        assert heard == {("left", -40.0), ("right", -80.0)}
        running.cancel()
