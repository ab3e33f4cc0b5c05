"""One adapter of a simulated org.bluez, heard through unmodified bleak by the agent's receiver."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from device_profiles.sighting import Sighting
from edge_agent.kernel.clock import Instant
from edge_agent.radio import (
    Canaries,
    Heard,
    Reason,
    ReceiverHealth,
    ReceiverState,
    ScanPolicy,
    Step,
)
from edge_agent.radio.audience import Audience
from edge_agent.radio.bluez_state import BluezState
from edge_agent.radio.bluez_watch import BluezWatch
from edge_agent.radio.canaries import NoCanaries
from edge_agent.radio.recovery import Company
from edge_agent.radio.scanner import AdapterReceiver
from simulators.bluez import Adapter, Advert, SimulatedBluez

IBEACON = bytes.fromhex("02011a1aff4c000215e2c56db5dffb48d2b060d0f5a71096e000640000c5")
IDENTITY = "ibeacon:e2c56db5-dffb-48d2-b060-d0f5a71096e0:100:0"
EDDYSTONE_UID = bytes.fromhex("0201060303aafe1716aafe00ee8b0ca750095477cb3e770011223344550000")
EDDYSTONE_IDENTITY = "eddystone:8b0ca750095477cb3e77:001122334455"
HEADPHONES = bytes.fromhex("02011a09ff4c0010050118a1b2c3")

DEADLINE = 20.0
"""Seconds until a state that never comes fails a test; a loaded machine needs some."""

IMPATIENT = ScanPolicy(
    silence=15.0,
    start=DEADLINE,
    stop=DEADLINE,
    retry=0.02,
    busy=0.02,
    slow=0.02,
    check=0.01,
    power_rest=0.01,
)
"""Waits that depend on a fake clock or on the simulator only; real ones would make tests slow."""

BEACON_INTERVAL = 0.01
"""Seconds between the packets of a beacon that waits to be heard again."""


class FakeClock:
    """Both clocks stand still until moved."""

    def __init__(self) -> None:
        self.instant = Instant(datetime(2026, 11, 22, 9, tzinfo=UTC), 1000.0)

    def now(self) -> Instant:
        return self.instant

    def monotonic(self) -> float:
        return self.instant.monotonic

    def advance(self, seconds: float) -> None:
        self.instant = self.instant.plus(seconds)


@dataclass
class Scene:
    """What the receiver told, and the simulated hardware it hears."""

    bluez: SimulatedBluez
    clock: FakeClock
    sightings: list[Sighting] = field(default_factory=list)
    healths: list[ReceiverHealth] = field(default_factory=list)
    counters: Heard = field(default_factory=Heard)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def hci0(self) -> Adapter:
        return self.bluez.adapter("hci0")

    @property
    def health(self) -> ReceiverHealth:
        return self.healths[-1]

    def advertise(self, ad: bytes = IBEACON, *, rssi: int = -60, address: int = 1) -> None:
        self.hci0.advertise(Advert(f"C0:00:00:00:00:{address:02X}", rssi, ad))

    def heard(self, sighting: Sighting) -> None:
        self.sightings.append(sighting)
        self.changed.set()

    def health_changed(self, health: ReceiverHealth) -> None:
        self.healths.append(health)
        self.changed.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for a state, at most `DEADLINE`."""
        async with asyncio.timeout(DEADLINE):
            while not holds():
                self.changed.clear()
                await self.changed.wait()

    @property
    def steps(self) -> list[Step]:
        """What was tried, in order."""
        return [each.step for each in self.healths if each.step is not None]

    async def until_blind(self, reason: Reason) -> None:
        await self.until(lambda: self.health.reason is reason)

    async def pass_silence_until(self, holds: Callable[[], bool]) -> None:
        """Let longer than the silence pass, again and again, until a state; at most `DEADLINE`."""
        async with asyncio.timeout(DEADLINE):
            while not holds():
                self.clock.advance(IMPATIENT.silence + 1)
                await asyncio.sleep(0)

    async def until_scanning(self) -> None:
        async with asyncio.timeout(DEADLINE):
            await self.hci0.scanning.wait()

    async def until_heard_again(self) -> None:
        """A beacon is heard again, and then each of its packets once."""
        before = len(self.sightings)
        async with asyncio.timeout(DEADLINE):
            while len(self.sightings) == before:
                self.advertise()
                with suppress(TimeoutError):
                    async with asyncio.timeout(BEACON_INTERVAL):
                        self.changed.clear()
                        await self.changed.wait()
        assert self.health.state is ReceiverState.HEARING
        self.advertise(rssi=-50, address=2)
        self.advertise(rssi=-40, address=3)
        await self.until(lambda: self.sightings[-1].rssi == -40)
        assert [each.rssi for each in self.sightings].count(-50) == 1
        self.sightings.clear()


@asynccontextmanager
async def radio_scene(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    version: tuple[int, int] = (5, 82),
    policy: ScanPolicy = IMPATIENT,
    canaries: Canaries | None = None,
) -> AsyncIterator[Scene]:
    """A receiver that scans on hci0."""
    clock = FakeClock()
    socket = tmp_path / "bus"
    async with SimulatedBluez(socket, version=version, clock=clock.monotonic) as bluez:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bluez.address)
        scene = Scene(bluez, clock)
        audience = Audience(
            clock=clock,
            heard=scene.heard,
            health_changed=scene.health_changed,
            counters=scene.counters,
        )
        watch = BluezWatch(BluezState(["hci0"]), clock=clock, reconnect_s=0.02)
        receiver = AdapterReceiver(
            "ceiling",
            "hci0",
            bluez=watch,
            company=Company(),
            canaries=canaries or NoCanaries(),
            audience=audience,
            policy=policy,
        )
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(watch.run()), tasks.create_task(receiver.run())]
            await scene.until_scanning()
            yield scene
            for task in running:
                task.cancel()
