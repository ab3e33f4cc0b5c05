"""org.bluez.Adapter1: discovery by its clients, the devices it hears, power and plug.

Orders of signals are those of a real bluetoothd 5.66 and 5.82: what a method changes is signalled
before its reply.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from simulators.bluez import device as device1
from simulators.bluez import objects
from simulators.bluez.advert import Advert
from simulators.bluez.device import TEMPORARY_TIMEOUT, Device, Properties
from simulators.bluez.discovery import Reporting, Session, Version, combined
from simulators.bluez.objects import BluezError
from simulators.dbus import Message, Variant

INTERFACE = "org.bluez.Adapter1"

KERNEL_SCAN_WINDOW = 10.24
"""Seconds for which the kernel goes on scanning after bluetoothd was killed (DISCOV_LE_TIMEOUT);
until then StartDiscovery of the new bluetoothd answers InProgress."""


class Daemon(Protocol):
    """The bluetoothd around an adapter."""

    version: Version
    dual_mode: bool

    def now(self) -> float:
        """Seconds on the simulator's clock."""
        ...

    def announce(self, message: Message) -> None:
        """Signal to every client."""
        ...

    def silence(self) -> str | None:
        """Why bluetoothd says nothing at all ("crashed", "hung"); None while it works."""
        ...


@dataclass
class AirCounters:
    """What happened to the adverts that reached an adapter's antenna.

    Attributes:
        sent: all of them.
        signalled: those that made bluetoothd emit a signal.
        unheard: the others, by reason.
    """

    sent: int = 0
    signalled: int = 0
    unheard: Counter[str] = field(default_factory=Counter)


class Adapter:
    """One simulated Bluetooth adapter with its fault switches."""

    def __init__(self, name: str, address: str, daemon: Daemon) -> None:
        """Made by `SimulatedBluez`; `name` is such as ``hci0``."""
        self.name = name
        self.path = f"/org/bluez/{name}"
        self.counters = AirCounters()
        self.powered = True
        self.present = True
        self.scanning = asyncio.Event()
        """Set while at least one client discovers."""
        self._address = address
        self._daemon = daemon
        self.stalled = False
        self._stall_outlives_scan = False
        self._kernel_scans_until = float("-inf")
        self._sessions: dict[str, Session] = {}
        self._reporting = Reporting(every_rssi=False, duplicate_data=False)
        self._devices: OrderedDict[str, Device] = OrderedDict()
        self._methods: dict[str, Callable[..., None]] = {
            "SetDiscoveryFilter": self._set_discovery_filter,
            "StartDiscovery": self._start_discovery,
            "StopDiscovery": self._stop_discovery,
            "RemoveDevice": self._remove_device,
        }

    def advertise(self, advert: Advert) -> None:
        """Let the antenna receive `advert`; what BlueZ makes of it goes out on the bus."""
        self.counters.sent += 1
        if reason := self._deaf(advert):
            self.counters.unheard[reason] += 1
            return
        now = self._daemon.now()
        known = self._devices.get(advert.address)
        if known is None:
            known = Device.heard(advert, self.path, now)
            self._devices[advert.address] = known
            self._announce(objects.added(known.path, device1.INTERFACE, known.properties()))
            self.counters.signalled += 1
            return
        self._devices.move_to_end(advert.address)
        if news := known.take(advert, self._reporting, now):
            self._announce(objects.changed(known.path, device1.INTERFACE, news))
            self.counters.signalled += 1
        else:
            self.counters.unheard["no news"] += 1

    def power(self, *, on: bool) -> None:
        """Switch the radio; off ends every discovery, on does not bring one back."""
        self._kernel_scans_until = float("-inf")
        if on == self.powered:
            return
        self.powered = on
        if on:
            self._announce_state("Powered")
            return
        self.stalled = False
        self._end_sessions()
        self._invalidate("TxPower")
        self._invalidate("RSSI")
        self._announce_state("Powered", "Discovering")
        self._forget(lambda each: not each.connectable)

    def unplug(self) -> None:
        """Pull the adapter out; a repeat does nothing."""
        if not self.present:
            return
        self._end_sessions()
        self._invalidate("RSSI")
        self._forget(lambda _: True)
        self.powered = False
        self._announce_state("Powered", "Discovering")
        self._announce(objects.removed(self.path, INTERFACE))
        self.present = False

    def replug(self) -> None:
        """Plug the adapter in again, powered; a repeat does nothing."""
        if self.present:
            return
        self.present = self.powered = True
        self.stalled = False
        self._kernel_scans_until = float("-inf")
        self._announce(objects.added(self.path, INTERFACE, self.properties()))

    def stall(self, *, on: bool = True, outlives_scan: bool = False) -> None:
        """Hear nothing more although Discovering stays true.

        The end of the scan heals it, except with `outlives_scan`: then a power cycle, a replug or
        ``stall(on=False)`` does.
        """
        self.stalled = on
        self._stall_outlives_scan = outlives_scan

    def disturb(self, address: str) -> None:
        """Signal a property of a known device while the radio is silent, as a connection does."""
        known = self._devices[address]
        changed = {"Trusted": Variant("b", False)}  # noqa: FBT003 - a value of the wire
        self._announce(objects.changed(known.path, device1.INTERFACE, changed))

    def expire(self) -> None:
        """Remove the devices that were last heard `TEMPORARY_TIMEOUT` seconds ago."""
        horizon = self._daemon.now() - TEMPORARY_TIMEOUT
        while self._devices and next(iter(self._devices.values())).last_heard <= horizon:
            _, gone = self._devices.popitem(last=False)
            self._announce(objects.removed(gone.path, device1.INTERFACE))

    def lose_daemon(self) -> None:
        """The daemon was killed: its memory is gone, the kernel scans on for a while."""
        if self._discovering:
            self._kernel_scans_until = self._daemon.now() + KERNEL_SCAN_WINDOW
        self._devices.clear()
        self._end_sessions()

    def retire(self) -> None:
        """The daemon ends in order and takes its objects off the bus."""
        self._end_sessions()
        self._forget(lambda _: True)
        if self.present:
            self._announce(objects.removed(self.path, INTERFACE))

    def appear(self) -> None:
        """A new bluetoothd finds the adapter."""
        if self.present:
            self._announce(objects.added(self.path, INTERFACE, self.properties()))

    def client_left(self, client: str) -> None:
        """A client's connection ended, and with it its discovery."""
        session = self._sessions.get(client)
        if session is not None and session.discovering:
            self._stop_discovery(client)
        self._sessions.pop(client, None)

    def call(self, client: str, member: str, arguments: tuple[Any, ...]) -> None:
        """A method of Adapter1; raises `BluezError`."""
        method = self._methods.get(member)
        if method is None:
            raise objects.unknown_method(INTERFACE, member)
        method(client, *arguments)

    def properties(self) -> Properties:
        """All properties of Adapter1."""
        return {
            "Address": Variant("s", self._address),
            "AddressType": Variant("s", "public"),
            "Name": Variant("s", self.name),
            "Alias": Variant("s", self.name),
            "Powered": Variant("b", self.powered),
            "Discoverable": Variant("b", False),  # noqa: FBT003 - a value of the wire
            "Discovering": Variant("b", self._discovering),
            "Roles": Variant("as", ["central", "peripheral"]),
            "UUIDs": Variant("as", []),
        }

    def device_objects(self) -> dict[str, dict[str, Properties]]:
        """The devices as GetManagedObjects shows them."""
        return {
            each.path: {device1.INTERFACE: each.properties()} for each in self._devices.values()
        }

    @property
    def _discovering(self) -> bool:
        return self.scanning.is_set()

    def _deaf(self, advert: Advert) -> str | None:
        """Why this advert reaches no client."""
        if reason := self._daemon.silence() or self._off_air():
            return reason
        if not self._discovering:
            return "not scanning"
        if self.stalled:
            return "stalled"
        if not any(each.lets_through(advert.rssi) for each in self._active()):
            return "too weak for the filter"
        return None

    def _off_air(self) -> str | None:
        if not self.present:
            return "unplugged"
        return None if self.powered else "powered off"

    def _active(self) -> list[Session]:
        return [each for each in self._sessions.values() if each.discovering]

    def _require_power(self) -> None:
        if not self.powered:
            error = "NotReady"
            raise BluezError(error, "Resource Not Ready")

    def _set_discovery_filter(self, client: str, filters: Mapping[str, Variant]) -> None:
        self._require_power()
        session = self._sessions.setdefault(client, Session())
        session.filters = {name: variant.value for name, variant in filters.items()}
        self._combine()

    def _start_discovery(self, client: str) -> None:
        self._require_power()
        session = self._sessions.setdefault(client, Session())
        if session.discovering or self._daemon.now() < self._kernel_scans_until:
            error = "InProgress"
            raise BluezError(error, "Operation already in progress")
        session.discovering = True
        self._combine()
        if not self._discovering:
            self.scanning.set()
            self._announce_state("Discovering")

    def _stop_discovery(self, client: str) -> None:
        self._require_power()
        session = self._sessions.get(client)
        if session is None or not session.discovering:
            error = "Failed"
            raise BluezError(error, "No discovery started")
        session.discovering = False
        self._combine()
        if self._active():
            return
        self.stalled = self.stalled and self._stall_outlives_scan
        self.scanning.clear()
        self._invalidate("RSSI")
        self._forget(lambda each: not each.connectable)
        self._announce_state("Discovering")

    def _remove_device(self, _client: str, path: str) -> None:
        if not any(each.path == path for each in self._devices.values()):
            error = "DoesNotExist"
            raise BluezError(error, "Does Not Exist")
        self._forget(lambda each: each.path == path)

    def _combine(self) -> None:
        self._reporting = combined(
            self._active(), self._daemon.version, dual_mode=self._daemon.dual_mode
        )

    def _end_sessions(self) -> None:
        self._sessions.clear()
        self.scanning.clear()

    def _invalidate(self, name: str) -> None:
        for each in self._devices.values():
            each.forget_signal()
            self._announce(objects.changed(each.path, device1.INTERFACE, {}, (name,)))

    def _forget(self, which: Callable[[Device], bool]) -> None:
        for address, each in list(self._devices.items()):
            if which(each):
                del self._devices[address]
                self._announce(objects.removed(each.path, device1.INTERFACE))

    def _announce_state(self, *names: str) -> None:
        current = self.properties()
        state = {name: current[name] for name in names}
        self._announce(objects.changed(self.path, INTERFACE, state))

    def _announce(self, message: Message) -> None:
        self._daemon.announce(message)
