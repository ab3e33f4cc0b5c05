"""The air around one adapter, simulated or in the machine: what the checks are written against."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from simulators.bluez import Advert, Peripheral, SimulatedBluez

Version = tuple[int, int]

DEADLINE = 60.0
"""Seconds until a state that never comes fails a check; the machine is emulated."""


class Air(Protocol):
    """What the checks can do to an adapter, and what they must know of it."""

    version: Version
    adapter: str
    """Such as ``hci0``."""

    slack: int
    """Adverts of a stream that may be lost: a radio that starts to scan has gaps."""

    def advertise(self, advert: Advert) -> None:
        """One advert reaches the antenna."""
        ...

    async def beat(self) -> None:
        """Let as much time pass as lies between two adverts."""
        ...

    async def listening(self) -> None:
        """Wait until the radio scans, actively or passively."""
        ...

    async def attach(self, peripheral: Peripheral) -> None:
        """Let a peripheral be connected to."""
        ...

    async def notify(self, peripheral: Peripheral, uuid: str, value: bytes) -> None:
        """The peripheral sends a notification."""
        ...

    async def drop_link(self, peripheral: Peripheral) -> None:
        """The peripheral ends the connection."""
        ...

    async def switch_off(self) -> None:
        """Switch the radio off from below, as rfkill does: bluetoothd is not asked."""
        ...

    async def unplug(self) -> None:
        """Pull the adapter out."""
        ...


class SimulatedAir:
    """The simulator, in this process."""

    adapter = "hci0"
    slack = 0

    def __init__(self, bluez: SimulatedBluez) -> None:
        self.version = bluez.version
        self._bluez = bluez
        self._hci0 = bluez.adapter()

    def advertise(self, advert: Advert) -> None:
        self._hci0.advertise(advert)

    async def beat(self) -> None:
        await asyncio.sleep(0)

    async def listening(self) -> None:
        waiting = (self._hci0.scanning, self._hci0.monitors.listening)
        async with asyncio.timeout(DEADLINE):
            while not any(each.is_set() for each in waiting):  # noqa: ASYNC110 - either of two
                await asyncio.sleep(0)

    async def attach(self, peripheral: Peripheral) -> None:
        self._hci0.attach(peripheral)

    async def notify(self, peripheral: Peripheral, uuid: str, value: bytes) -> None:
        self._hci0.links.notify(peripheral.address, uuid, value)

    async def drop_link(self, peripheral: Peripheral) -> None:
        self._hci0.drop_link(peripheral.address)

    async def switch_off(self) -> None:
        self._hci0.power(on=False)

    async def unplug(self) -> None:
        self._hci0.unplug()


@asynccontextmanager
async def simulated(folder: Path, version: Version) -> AsyncIterator[tuple[Air, str]]:
    """A simulated air, and the address of its bus."""
    async with SimulatedBluez(folder / "bus", version=version) as bluez:
        yield SimulatedAir(bluez), bluez.address
