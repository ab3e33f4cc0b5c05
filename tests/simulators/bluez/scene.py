"""Unmodified bleak before a simulated org.bluez, in one event loop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from bleak import BleakScanner
from bleak.args.bluez import (
    BlueZDiscoveryFilters,
    BlueZScannerArgs,
    OrPattern,
    OrPatternLike,
)
from bleak.assigned_numbers import AdvertisementDataType
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakError

from simulators.bluez import Adapter, Advert, SimulatedBluez

VERSIONS = [(5, 66), (5, 82), (5, 88)]
"""The behaviours to hold on, with an LE-only adapter."""

ADDRESS = "C0:00:00:00:00:01"
IBEACON = bytes.fromhex("02011a1aff4c000215e2c56db5dffb48d2b060d0f5a71096e000640000c5")
MARK = "FF:FF:FF:FF:FF:FF"
MARK_AD = bytes.fromhex("02010603ffffff")

DEADLINE = 20.0
"""Seconds until a state that never comes fails a test; a loaded machine needs some."""

Filters = BlueZDiscoveryFilters | None
BLEAKS_OWN: Filters = None
DUPLICATES: Filters = {"DuplicateData": True}
SIGNAL: Filters = {"RSSI": -127}

ANYTHING: list[OrPatternLike] = [
    OrPattern(0, AdvertisementDataType.FLAGS, bytes([flags])) for flags in (0x06, 0x1A)
]
"""The flags of `MARK_AD` and `IBEACON`; there is no pattern that lets everything through."""


@dataclass
class Callbacks:
    """bleak's callbacks, as (address, RSSI, manufacturer data)."""

    seen: list[tuple[str, int, dict[int, bytes]]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, device: BLEDevice, data: AdvertisementData) -> None:
        self.seen.append((device.address, data.rssi, data.manufacturer_data))
        self.changed.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE):
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

    @property
    def adapter(self) -> Adapter:
        return self.bluez.adapter()

    def advertise(self, ad: bytes, rssi: int = -60, *, connectable: bool = False) -> None:
        self.adapter.advertise(Advert(ADDRESS, rssi, ad, connectable=connectable))

    async def settle(self) -> None:
        """Wait until bleak has seen everything that was signalled so far."""
        before = len(self.callbacks.of(MARK))
        self.adapter.advertise(Advert(MARK, -1 - 10 * (before % 2), MARK_AD))
        await self.callbacks.until(lambda: len(self.callbacks.of(MARK)) > before)


@asynccontextmanager
async def scanning(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    version: tuple[int, int] = (5, 82),
    filters: Filters = None,
    dual_mode: bool = False,
    passive: bool = False,
) -> AsyncIterator[Scan]:
    clock = Clock()
    async with SimulatedBluez(
        tmp_path / "bus", version=version, dual_mode=dual_mode, clock=clock
    ) as bluez:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bluez.address)
        callbacks = Callbacks()
        arguments: BlueZScannerArgs = {"filters": filters} if filters else {}
        if passive:
            arguments = {"or_patterns": ANYTHING}
        scanner = BleakScanner(
            callbacks, scanning_mode="passive" if passive else "active", bluez=arguments
        )
        await scanner.start()
        radio = bluez.adapter()
        async with asyncio.timeout(DEADLINE):
            await (radio.monitors.listening if passive else radio.scanning).wait()
        yield Scan(bluez, scanner, callbacks, clock)


async def started(scanner: BleakScanner) -> None:
    """bleak learns of adapters by signals; until it has, it refuses."""
    async with asyncio.timeout(DEADLINE):
        while True:
            try:
                return await scanner.start()
            except BleakError:
                await asyncio.sleep(0)
