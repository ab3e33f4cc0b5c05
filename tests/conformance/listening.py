"""A scan through unmodified bleak, and a second ear on the bus for the order of signals."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from bleak import BleakScanner
from bleak.args.bluez import BlueZDiscoveryFilters, OrPattern, OrPatternLike
from bleak.assigned_numbers import AdvertisementDataType
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus

from simulators.bluez import Advert
from tests.conformance.air import DEADLINE, Air

TAG = "C0:00:00:00:00:01"
MARK = "C0:00:00:00:00:FF"
IBEACON = bytes.fromhex("02011a1aff4c000215e2c56db5dffb48d2b060d0f5a71096e000640000c5")
MARK_AD = bytes.fromhex("02010603ffffff")

ANYTHING: list[OrPatternLike] = [
    OrPattern(0, AdvertisementDataType.FLAGS, bytes([flags])) for flags in (0x06, 0x1A)
]


@dataclass
class Ear:
    """bleak's callbacks."""

    air: Air
    seen: list[tuple[str, AdvertisementData]] = field(default_factory=list)
    devices: dict[str, BLEDevice] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, device: BLEDevice, data: AdvertisementData) -> None:
        self.seen.append((device.address, data))
        self.devices[device.address] = device
        self.changed.set()

    def rssi(self, address: str = TAG) -> list[int]:
        return [data.rssi for each, data in self.seen if each == address]

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE):
            while not holds():
                self.changed.clear()
                await self.changed.wait()

    async def settle(self) -> None:
        """Adverts of a marker, until one is seen: what came before it was seen too."""
        before = len(self.rssi(MARK))
        async with asyncio.timeout(DEADLINE):
            for turn in range(10_000):
                self.air.advertise(Advert(MARK, -30 - 20 * (turn % 2), MARK_AD))
                await self.air.beat()
                if len(self.rssi(MARK)) > before:
                    return


@asynccontextmanager
async def scan(
    air: Air, filters: BlueZDiscoveryFilters | None = None, *, passive: bool = False
) -> AsyncIterator[Ear]:
    """Scan for the length of the block; what a stop says then is not looked at."""
    ear = Ear(air)
    scanner = BleakScanner(
        ear,
        scanning_mode="passive" if passive else "active",
        bluez={"or_patterns": ANYTHING} if passive else {"filters": filters} if filters else {},
    )
    async with asyncio.timeout(DEADLINE):
        await scanner.start()
    await air.listening()
    try:
        yield ear
    finally:
        with suppress(Exception):
            async with asyncio.timeout(DEADLINE):
                await scanner.stop()


@dataclass
class Signals:
    """What org.bluez signalled, as short words: ``hci PropertiesChanged Powered=False``."""

    bus: MessageBus
    said: list[str] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, message: Message) -> None:
        if message.message_type is MessageType.SIGNAL and (message.interface or "").startswith(
            "org.freedesktop.DBus."
        ):
            self.said += _words(message)
            self.changed.set()

    async def until(self, word: str) -> None:
        """Wait for a signal."""
        async with asyncio.timeout(DEADLINE):
            while word not in self.said:
                self.changed.clear()
                await self.changed.wait()

    def order(self, *words: str) -> list[str]:
        """Those of `words` that were said, in the order of their first saying."""
        first = {word: self.said.index(word) for word in words if word in self.said}
        return sorted(first, key=lambda word: first[word])

    def last(self, word: str) -> int:
        """Where in `said` a word was said last."""
        return len(self.said) - 1 - self.said[::-1].index(word)

    def count(self, word: str) -> int:
        return Counter(self.said)[word]


async def hang_up(bus: MessageBus) -> None:
    """Disconnect and wait until the socket is closed, which dbus-fast leaves to the loop."""
    bus.disconnect()
    await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # dbus-fast


@asynccontextmanager
async def overheard() -> AsyncIterator[Signals]:
    """Listen to every signal of org.bluez for the length of the block."""
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    signals = Signals(bus)
    bus.add_message_handler(signals.take)
    await bus.call(
        Message(
            destination="org.freedesktop.DBus",
            path="/org/freedesktop/DBus",
            interface="org.freedesktop.DBus",
            member="AddMatch",
            signature="s",
            body=["type='signal',sender='org.bluez'"],
        )
    )
    try:
        yield signals
    finally:
        await hang_up(bus)


def _words(message: Message) -> list[str]:
    match message.member, message.body:
        case "PropertiesChanged", [_, dict(changed), list(invalidated)]:
            kind = _kind(message.path or "")
            values = [f"{kind} {name}={_short(each.value)}" for name, each in changed.items()]
            return values + [f"{kind} {name} invalidated" for name in invalidated]
        case ("InterfacesAdded" | "InterfacesRemoved") as member, [str(path), *_]:
            return [f"{_kind(path)} {member}"]
        case _:
            return []


def _short(value: object) -> object:
    return value if isinstance(value, bool) else "…"


KINDS = {"dev_": "device", "service": "service", "char": "char", "desc": "desc", "hci": "hci"}


def _kind(path: str) -> str:
    """What an object is, by the last part of its path."""
    last = path.rpartition("/")[2]
    return next((kind for prefix, kind in KINDS.items() if last.startswith(prefix)), last)
