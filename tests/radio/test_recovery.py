"""The ladder at work: each fault of a real BlueZ, and the receiver that hears again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

import pytest
from bleak.backends.bluezdbus.manager import get_global_bluez_manager

from edge_agent.radio import (
    Canary,
    Concern,
    Heard,
    Reason,
    ReceiverHealth,
    ReceiverState,
    ScanPolicy,
    Step,
)
from edge_agent.radio.audience import Audience
from edge_agent.radio.listening import adapters
from edge_agent.radio.recovery import renew_bleak
from simulators.bluez import Advert, Cure, How, SimulatedBluez, Twist
from simulators.bluez.faults import begin, end
from tests.radio.scene import DEADLINE, IBEACON, IMPATIENT, FakeClock, Scene, radio_scene

VERSIONS = [(5, 66), (5, 82), (5, 88)]


class Beacon:
    """A reference beacon near the receiver, as the test says."""

    def __init__(self, canary: Canary | None) -> None:
        self.canary = canary

    def near(self, receiver: str) -> Canary | None:
        assert receiver == "ceiling"
        return self.canary


@pytest.fixture(params=VERSIONS, ids=lambda version: f"{version[0]}.{version[1]}")
async def scene(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[Scene]:
    async with radio_scene(
        tmp_path, monkeypatch, version=request.param, canaries=Beacon(Canary(None, 1.0))
    ) as scene:
        scene.advertise()
        await scene.until(lambda: bool(scene.sightings))
        yield scene
        scene.bluez.hang(on=False)


def steps(scene: Scene) -> list[Step]:
    """What was tried, without what came of it."""
    tried = [(each.reason, each.attempt, each.step) for each in scene.healths if each.step]
    return [step for (_, _, step), _ in groupby(tried) if step]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("start-in-progress", Reason.BUSY),
        ("start-not-ready", Reason.POWERED_OFF),
        ("start-failed", Reason.REFUSED),
        ("start-pretended", Reason.NOT_DISCOVERING),
    ],
)
async def test_a_start_that_fails_is_named_and_ends_with_a_new_bluetoothd_at_the_latest(
    scene: Scene, fault: str, reason: Reason
) -> None:
    await begin(fault, scene.bluez)
    scene.hci0.power(on=False)
    scene.hci0.power(on=True)
    await scene.pass_silence_until(lambda: scene.health.reason is reason)
    if reason is Reason.POWERED_OFF:
        await end(fault, scene.bluez)
    await scene.pass_silence_until(scene.hci0.scanning.is_set)
    await scene.until_heard_again()


@pytest.mark.parametrize(
    ("cure", "strongest"),
    [
        (Cure.NEW_SCAN, Step.NEW_SCAN),
        (Cure.POWER_CYCLE, Step.POWER_CYCLE),
        (Cure.NEW_DAEMON, Step.RESTART_BLUETOOTHD),
    ],
)
async def test_a_stall_is_climbed_to_its_cure_and_no_further(
    scene: Scene, cure: Cure, strongest: Step
) -> None:
    scene.hci0.stall(cure)
    await scene.pass_silence_until(lambda: not scene.hci0.stalled)
    await scene.until_heard_again()
    assert steps(scene)[-1] is strongest
    assert scene.bluez.systemd.restarts == (strongest is Step.RESTART_BLUETOOTHD)
    assert {each.reason for each in scene.healths if each.step} == {Reason.DEAF}


async def test_what_only_a_replug_cures_is_given_up_and_still_found_when_it_heals(
    scene: Scene,
) -> None:
    scene.hci0.stall(Cure.REPLUG)
    await scene.pass_silence_until(lambda: Step.GIVEN_UP in steps(scene))
    assert steps(scene)[:5] == [
        Step.NEW_SCAN,
        Step.POWER_CYCLE,
        Step.NEW_SCAN,
        Step.RESTART_BLUETOOTHD,
        Step.RENEW_BLEAK,
    ]
    scene.hci0.unplug()
    scene.hci0.replug()
    await scene.until_heard_again()


async def test_without_a_reference_beacon_silence_never_restarts_bluetoothd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with radio_scene(tmp_path, monkeypatch) as scene:
        scene.hci0.stall(Cure.REPLUG)
        await scene.pass_silence_until(lambda: steps(scene).count(Step.GIVEN_UP) > 20)
        assert set(steps(scene)) == {Step.NEW_SCAN, Step.POWER_CYCLE, Step.GIVEN_UP}
        assert scene.bluez.systemd.restarts == 0


async def test_two_rejected_stops_are_climbed_out_of(scene: Scene) -> None:
    scene.hci0.stall()
    await begin("stops-rejected", scene.bluez)
    await scene.pass_silence_until(lambda: not scene.hci0.stalled)
    await scene.until_heard_again()


async def test_a_bluetoothd_that_stays_dead_is_started_through_systemd(scene: Scene) -> None:
    scene.bluez.crash()
    await scene.until(lambda: scene.bluez.systemd.restarts == 1)
    scene.clock.advance(12)
    await scene.until_heard_again()
    assert scene.counters.troubles["ceiling", "recovery by restart_bluetoothd"] >= 1


async def test_a_restart_that_polkit_forbids_is_said_and_not_the_end(scene: Scene) -> None:
    await begin("restart-forbidden", scene.bluez)
    scene.bluez.crash()
    await scene.until(lambda: "InteractiveAuthorizationRequired" in scene.health.detail)
    scene.bluez.restart()
    scene.clock.advance(12)
    await scene.until_heard_again()


async def test_an_adapter_that_was_switched_off_is_switched_on_again(scene: Scene) -> None:
    scene.hci0.power(on=False)
    await scene.until(lambda: Step.POWER_CYCLE in steps(scene))
    await scene.until_heard_again()


async def test_a_bus_that_is_gone_for_long_is_found_again(scene: Scene) -> None:
    await begin("bus-lost", scene.bluez)
    await scene.until(lambda: steps(scene).count(Step.GIVEN_UP) > 2)
    await end("bus-lost", scene.bluez)
    await scene.until_heard_again()


async def test_no_step_is_taken_while_it_hears(scene: Scene) -> None:
    starts = scene.hci0.starts
    for address in range(20):
        scene.clock.advance(IMPATIENT.silence - 1)
        scene.advertise(address=address)
        await scene.until(lambda: len(scene.sightings) == address + 2)  # noqa: B023 - awaited here
    assert scene.hci0.starts == starts
    assert steps(scene) == []


async def test_strangers_without_the_reference_beacon_are_a_concern_and_no_step(
    scene: Scene,
) -> None:
    for address in range(5):
        scene.clock.advance(10)
        scene.advertise(address=address)
        await scene.until(lambda: len(scene.sightings) == address + 2)  # noqa: B023 - awaited here
    await scene.until(lambda: scene.health.concern is Concern.REFERENCE_SILENT)
    assert scene.health.state is ReceiverState.HEARING
    assert steps(scene) == []


async def test_rssi_that_only_jumps_is_a_concern_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with radio_scene(tmp_path, monkeypatch) as scene:
        for turn in range(20):
            for address in (1, 2, 3):
                scene.advertise(rssi=(-60, -70)[turn % 2], address=address)
        await scene.until(lambda: scene.health.concern is Concern.COARSE_RSSI)
        assert "8 dB" in scene.health.detail
        scene.advertise(rssi=-63)
        scene.advertise(rssi=-64)
        await scene.until(lambda: scene.health.concern is None)


async def test_flapping_is_told_once_for_many_turns(scene: Scene) -> None:
    for _ in range(10):
        scene.hci0.power(on=False)
        await scene.until_blind(Reason.POWERED_OFF)
        scene.hci0.power(on=True)
        heard = len(scene.sightings)
        await scene.until_scanning()
        while len(scene.sightings) == heard:
            scene.advertise()
            await asyncio.sleep(0)
        scene.clock.advance(1)
    turns = [state for state, _ in groupby(each.state for each in scene.healths)]
    assert turns.count(ReceiverState.HEARING) == 2
    assert turns[-1] is ReceiverState.BLIND


async def test_renewing_bleak_gives_it_a_new_manager_and_a_new_connection(scene: Scene) -> None:
    before = await get_global_bluez_manager()
    renew_bleak()
    assert await get_global_bluez_manager() is not before
    await scene.pass_silence_until(lambda: scene.health.state is ReceiverState.BLIND)
    await scene.until_heard_again()


@dataclass
class Pair:
    """Two adapters of one bluetoothd, heard by the agent."""

    bluez: SimulatedBluez
    heard: list[str] = field(default_factory=list)
    healths: dict[str, ReceiverHealth] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def advertise(self, adapter: str) -> None:
        self.bluez.adapter(adapter).advertise(Advert("C0:00:00:00:00:01", -60, IBEACON))

    def health_changed(self, health: ReceiverHealth) -> None:
        self.healths[health.receiver] = health
        self.changed.set()

    async def until(self, receiver: str, reason: Reason | None) -> None:
        async with asyncio.timeout(DEADLINE):
            while self.healths[receiver].reason is not reason:
                self.changed.clear()
                await self.changed.wait()

    async def until_step(self, receiver: str, step: Step) -> None:
        async with asyncio.timeout(DEADLINE):
            while self.healths[receiver].step is not step:
                self.changed.clear()
                await self.changed.wait()


@asynccontextmanager
async def two_adapters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: ScanPolicy
) -> AsyncIterator[Pair]:
    async with SimulatedBluez(tmp_path / "bus", adapters=2) as bluez, asyncio.TaskGroup() as tasks:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bluez.address)
        pair = Pair(bluez)
        audience = Audience(
            clock=FakeClock(),
            heard=lambda sighting: pair.heard.append(sighting.receiver),
            health_changed=pair.health_changed,
            counters=Heard(),
        )
        local = [("left", "hci0"), ("right", "hci1")]
        running = [tasks.create_task(run()) for _, run in adapters(local, audience, policy)]
        async with asyncio.timeout(DEADLINE):
            for name in bluez.adapters:
                await bluez.adapter(name).scanning.wait()
        for name, receiver in (("hci0", "left"), ("hci1", "right")):
            pair.advertise(name)
            await pair.until(receiver, None)
        yield pair
        for task in running:
            task.cancel()


async def test_an_adapter_that_hangs_does_not_hold_up_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = replace(IMPATIENT, start=0.2, stop=0.2)
    async with two_adapters(tmp_path, monkeypatch, policy) as pair:
        await begin("start-unanswered", pair.bluez, "hci1")
        for name in ("hci0", "hci1"):
            pair.bluez.adapter(name).power(on=False)
            pair.bluez.adapter(name).power(on=True)
        await pair.until("right", Reason.NO_ANSWER)
        async with asyncio.timeout(DEADLINE):
            await pair.bluez.adapter("hci0").scanning.wait()
        pair.advertise("hci0")
        assert pair.healths["right"].reason is Reason.NO_ANSWER


async def test_bluetoothd_is_not_restarted_for_one_adapter_while_another_hears(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two_adapters(tmp_path, monkeypatch, IMPATIENT) as pair:
        error = ("Failed", "no such luck")
        refuse = Twist("StartDiscovery", How.REFUSED, "/org/bluez/hci1", error=error)
        pair.bluez.twists.add(refuse)
        pair.bluez.adapter("hci1").power(on=False)
        pair.bluez.adapter("hci1").power(on=True)
        await pair.until_step("right", Step.GIVEN_UP)
        assert pair.bluez.systemd.restarts == 0
        assert pair.healths["left"].state is ReceiverState.HEARING
        pair.bluez.twists.clear()
        async with asyncio.timeout(DEADLINE):
            await pair.bluez.adapter("hci1").scanning.wait()


async def test_when_none_hears_one_restart_serves_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two_adapters(tmp_path, monkeypatch, IMPATIENT) as pair:
        pair.bluez.crash()
        async with asyncio.timeout(DEADLINE):
            for name in ("hci0", "hci1"):
                await pair.bluez.adapter(name).scanning.wait()
        assert pair.bluez.systemd.restarts == 1
