"""bluetoothd on a private bus: the object tree, method calls, and its own ways to fail."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from simulators.bluez import objects
from simulators.bluez.adapter import Adapter
from simulators.bluez.discovery import Version
from simulators.bluez.monitors import MONITOR
from simulators.bluez.objects import BluezError, Interfaces
from simulators.bluez.systemd import Systemd
from simulators.bluez.twists import How, Twists
from simulators.dbus import Kind, Message, PrivateBus, WireError

NAME = "org.bluez"

EXPIRY_CHECK = 1.0
"""Seconds between looks for devices to remove; BlueZ's own timers have whole seconds."""


MAX_UNANSWERED = 1000
"""Calls that wait while bluetoothd hangs; the oldest make room, for their callers gave up first."""


class SimulatedBluez:
    """A bluetoothd with its adapters: hci0, hci1 and so on.

    `async with SimulatedBluez(path) as bluez` owns a bus at `path`; give `bluez.address` to the
    program under test as DBUS_SYSTEM_BUS_ADDRESS. Every fault switch acts at once and may be
    used in any order.
    """

    def __init__(
        self,
        socket_path: Path,
        *,
        version: Version = (5, 82),
        adapters: int = 1,
        dual_mode: bool = False,
        passive_scanning: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare the daemon.

        Args:
            socket_path: see `PrivateBus`.
            version: of BlueZ, such as (5, 82); it decides which RSSI changes are signalled.
            adapters: how many there are.
            dual_mode: whether the adapters speak BR/EDR too.
            passive_scanning: whether it was started with --experimental, so that advertisement
                monitors can be registered.
            clock: seconds, for expiry and the kernel's scan window.
        """
        self.version = version
        self.dual_mode = dual_mode
        self.passive_scanning = passive_scanning
        self.now = clock
        self.twists = Twists()
        self.adapters = {
            f"hci{number}": Adapter(f"hci{number}", f"00:00:5E:00:53:{number:02X}", self)
            for number in range(adapters)
        }
        self._bus = PrivateBus(socket_path)
        self._peer = self._bus.join(self._answer, self._client_left, self._overhear)
        self.systemd = Systemd(self._bus, self.restart)
        self._resources = AsyncExitStack()
        self._expiry: asyncio.TimerHandle | None = None
        self._running = True
        self._hung = False
        self._unanswered: deque[Message] = deque(maxlen=MAX_UNANSWERED)

    @property
    def address(self) -> str:
        """The value for DBUS_SYSTEM_BUS_ADDRESS."""
        return self._bus.address

    @property
    def signals_dropped(self) -> int:
        """Signals lost because a client had stopped reading."""
        return self._bus.signals_dropped

    def adapter(self, name: str = "hci0") -> Adapter:
        """The adapter called `name`; `KeyError` when there is none."""
        return self.adapters[name]

    async def __aenter__(self) -> Self:
        await self._resources.enter_async_context(self._bus)
        self._peer.own(NAME)
        self.systemd.appear()
        self._schedule_expiry()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
        await self._resources.aclose()

    def crash(self) -> None:
        """SIGKILL: the name is lost, and nothing else is signalled."""
        if self._running:
            self._running = self._hung = False
            self._unanswered.clear()
            self.twists.clear()
            for each in self.adapters.values():
                each.lose_daemon()
            self._peer.disown(NAME)

    def restart(self) -> None:
        """Start bluetoothd after a crash, or end it in order first (`systemctl restart`).

        One that hangs cannot end in order: systemd kills it.
        """
        if self._hung:
            self.crash()
        if self._running:
            for each in self.adapters.values():
                each.retire()
            self._peer.disown(NAME)
        self._running = True
        self.twists.clear()
        self._peer.own(NAME)
        for each in self.adapters.values():
            each.appear()

    def hang(self, *, on: bool = True) -> None:
        """Answer no call and signal nothing, as a stopped process.

        Switched off again, it carries out the calls that waited in its socket meanwhile.
        """
        self._hung = on
        if not on:
            while self._unanswered:
                call = self._unanswered.popleft()
                if self._bus.owner(call.sender) is not None:
                    self._peer.deliver(call)

    async def cut_bus(self) -> None:
        """Kill the bus under everybody's feet, as a dying dbus-daemon does."""
        await self._bus.shut()

    async def mend_bus(self) -> None:
        """Let clients connect again."""
        await self._bus.listen()

    async def drain(self) -> bool:
        """Wait until clients have taken what was signalled; False when one does not read."""
        return await self._bus.drain()

    def expire(self) -> None:
        """Remove the devices that have been silent for too long; runs by itself every second."""
        for each in self.adapters.values():
            each.expire()

    def silence(self) -> str | None:
        """Why bluetoothd says nothing at all; None while it works."""
        if not self._running:
            return "crashed"
        return "hung" if self._hung else None

    def announce(self, message: Message) -> None:
        """Signal to every client, unless bluetoothd is dead or hangs."""
        if self.silence() is None:
            self._peer.emit(message)

    def call_client(self, client: str, path: str, member: str) -> None:
        """Call a method of a client's AdvertisementMonitor1; no answer is awaited."""
        if self.silence() is None:
            call = Message(
                Kind.CALL, destination=client, path=path, interface=MONITOR, member=member
            )
            self._peer.emit(call)

    def _schedule_expiry(self) -> None:
        self.expire()
        loop = asyncio.get_running_loop()
        self._expiry = loop.call_later(EXPIRY_CHECK, self._schedule_expiry)

    def _client_left(self, client: str) -> None:
        for each in self.adapters.values():
            each.client_left(client)

    def _overhear(self, signal: Message) -> None:
        """A client's own signals: it exports a monitor that it has registered before."""
        if self.silence() is None and signal.member == "InterfacesAdded":
            path, interfaces = signal.arguments
            for each in self.adapters.values():
                each.monitors.exported(signal.sender, path, interfaces)

    def _answer(self, call: Message) -> Message | None:
        if self._hung:
            self._unanswered.append(call)
            return None
        try:
            return self._dispatch(call)
        except BluezError as err:
            return call.refusal(err.name, str(err))
        except (TypeError, WireError) as err:
            return call.refusal("org.freedesktop.DBus.Error.InvalidArgs", str(err))

    def _dispatch(self, call: Message) -> Message | None:
        if call.path == "/" and call.member == "GetManagedObjects":
            return call.answer("a{oa{sa{sv}}}", self._managed_objects())
        target = self._adapter_above(call.path)
        match self.twists.take(call):
            case How.UNANSWERED:
                return None
            case How.PRETENDED:
                return call.answer()
            case _:
                return target.answer(call)

    def _adapter_above(self, path: str) -> Adapter:
        for each in self.adapters.values():
            if each.present and (path == each.path or path.startswith(f"{each.path}/")):
                return each
        raise objects.unknown_object(path)

    def _managed_objects(self) -> dict[str, Interfaces]:
        tree: dict[str, Interfaces] = {}
        for each in self.adapters.values():
            if each.present:
                tree[each.path] = each.interfaces()
                tree |= each.device_objects()
        return tree
