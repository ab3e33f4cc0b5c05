"""org.bluez.Adapter1: discovery by its clients, the devices it hears, power and plug.

Orders of signals are those of a real bluetoothd 5.66 and 5.82: what a method changes is signalled
before its reply.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Protocol

from simulators.bluez import device as device1
from simulators.bluez import monitors, objects
from simulators.bluez.advert import Advert
from simulators.bluez.device import Device
from simulators.bluez.discovery import Discovery, Version
from simulators.bluez.duplicates import DuplicateFilter
from simulators.bluez.links import Links
from simulators.bluez.monitors import Monitors
from simulators.bluez.neighbours import Neighbours
from simulators.bluez.objects import Answer, BluezError, Interfaces, Properties
from simulators.bluez.peripheral import Peripheral
from simulators.dbus import Message, Variant

INTERFACE = "org.bluez.Adapter1"


class Daemon(Protocol):
    """The bluetoothd around an adapter."""

    version: Version
    dual_mode: bool
    passive_scanning: bool

    def now(self) -> float:
        """Seconds on the simulator's clock."""
        ...

    def announce(self, message: Message) -> None:
        """Signal to every client."""
        ...

    def call_client(self, client: str, path: str, member: str) -> None:
        """Call a method of an AdvertisementMonitor1 that `client` exports."""
        ...

    def silence(self) -> str | None:
        """Why bluetoothd says nothing at all ("crashed", "hung"); None while it works."""
        ...


class Cure(IntEnum):
    """What ends a stall, from the mildest on; what is stronger ends it too."""

    NEW_SCAN = 1
    POWER_CYCLE = 2
    NEW_DAEMON = 3
    REPLUG = 4


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
    """One simulated Bluetooth adapter with its fault switches.

    Attributes:
        scanning: set while at least one client discovers.
        roles: as Adapter1 says; without "central" bleak does not scan.
        filters_duplicates: whether the controller obeys BlueZ's wish for one report per scan.
        starts: how often a client began to discover.
    """

    def __init__(self, name: str, address: str, daemon: Daemon) -> None:
        """Made by `SimulatedBluez`; `name` is such as ``hci0``."""
        self.name = name
        self.path = f"/org/bluez/{name}"
        self.counters = AirCounters()
        self.powered = True
        self.present = True
        self.scanning = asyncio.Event()
        self.roles: tuple[str, ...] = ("central", "peripheral")
        self.filters_duplicates = False
        self.starts = 0
        self.discovery = Discovery(daemon.version, dual_mode=daemon.dual_mode)
        self.monitors = Monitors(daemon.call_client)
        self._address = address
        self._daemon = daemon
        self._stalled: Cure | None = None
        self._held: Advert | None = None
        self._duplicates = DuplicateFilter()
        self._neighbours = Neighbours(self.path, daemon.announce)
        self.links = Links(self._neighbours, daemon.version, daemon.announce)
        self._methods: dict[tuple[str, str], Callable[..., None]] = {
            (INTERFACE, "SetDiscoveryFilter"): self._set_discovery_filter,
            (INTERFACE, "StartDiscovery"): self._start_discovery,
            (INTERFACE, "StopDiscovery"): self._stop_discovery,
            (INTERFACE, "RemoveDevice"): self._remove_device,
        }
        if daemon.passive_scanning:
            self._methods |= {
                (monitors.MANAGER, "RegisterMonitor"): self.monitors.register,
                (monitors.MANAGER, "UnregisterMonitor"): self.monitors.unregister,
            }

    @property
    def stalled(self) -> bool:
        """Whether it hears nothing although Discovering is true."""
        return self._stalled is not None or self.discovery.phantom

    def advertise(self, advert: Advert) -> None:
        """Let the antenna receive `advert`; what BlueZ makes of it goes out on the bus."""
        self.counters.sent += 1
        self._let_go(advert)
        if reason := self._deaf(advert):
            self.counters.unheard[reason] += 1
        elif self._neighbours.hear(advert, self.discovery.reporting, self._daemon.now()):
            self.counters.signalled += 1
        else:
            self.counters.unheard["no news"] += 1

    def _let_go(self, advert: Advert) -> None:
        """What was held back for a scan response goes out when another transmitter is heard."""
        held, self._held = self._held, None
        if held is not None and held.address != advert.address and self._deaf(advert) is None:
            self._neighbours.hear(held, self.discovery.reporting, self._daemon.now())

    def attach(self, peripheral: Peripheral) -> None:
        """Let a transmitter take connections, once it has been heard."""
        self.links.attach(peripheral)

    def power(self, *, on: bool) -> None:
        """Switch the radio from below, as rfkill does, unasked.

        Off ends every discovery, on brings back passive monitors only.
        """
        self.discovery.reset()
        self._heal(Cure.POWER_CYCLE)
        if on == self.powered:
            return
        self.powered = on
        if on:
            self._announce_state("Powered")
            return
        self.links.drop_all()
        self._end_discovery()
        self._neighbours.invalidate("TxPower")
        self._neighbours.invalidate("RSSI")
        self._announce_state("Powered", "Discovering")
        self._forget(self._neighbours.unconnectable())

    def unplug(self) -> None:
        """Pull the adapter out; a repeat does nothing."""
        if not self.present:
            return
        connected = [each for each in self._neighbours if each.connected]
        self.links.drop_all()
        self._end_discovery()
        self._neighbours.invalidate("RSSI")
        self._forget([each for each in self._neighbours if each not in connected])
        self.powered = False
        self._announce_state("Powered", "Discovering")
        self._forget(connected)
        self._announce(objects.removed(self.path, *self.interfaces()))
        self.monitors.lose()
        self.present = False

    def replug(self) -> None:
        """Plug the adapter in again, powered; a repeat does nothing."""
        if self.present:
            return
        self.present = self.powered = True
        self._heal(Cure.REPLUG)
        self.discovery.reset()
        self.appear()

    def stall(self, cure: Cure = Cure.NEW_SCAN, *, on: bool = True) -> None:
        """Hear nothing more although Discovering stays true, until `cure` or ``on=False``."""
        self._stalled = cure if on else None

    def disturb(self, address: str) -> None:
        """Signal a property of a known device while the radio is silent, as a connection does."""
        self._neighbours.show(self._neighbours.get(address), "Trusted")

    def drop_link(self, address: str) -> None:
        """The peer of a connection goes out of range; no connection, nothing to do."""
        self.links.drop(self._neighbours.get(address))

    def drop_links(self) -> None:
        """Every peer goes out of range."""
        self.links.drop_all()

    def remove_device(self, address: str) -> None:
        """Take a device's object away without a word about its connection."""
        self.links.forget(self._neighbours.get(address))

    def remove_devices(self) -> None:
        """Take every device's object away."""
        self._forget(list(self._neighbours))

    def expire(self) -> None:
        """Remove the devices that have been silent for too long."""
        self._forget(self._neighbours.expired(self._daemon.now()))

    def lose_daemon(self) -> None:
        """The daemon was killed: its memory is gone, the kernel scans on for a while."""
        self.discovery.orphan(self._daemon.now())
        self.scanning.clear()
        self.links.lose()
        self.monitors.lose()
        self._neighbours.lose()

    def retire(self) -> None:
        """The daemon ends in order and takes its objects off the bus."""
        self.links.drop_all()
        self.discovery.phantom = False
        self._end_discovery()
        self.monitors.release()
        self._forget(list(self._neighbours))
        if self.present:
            self._announce(objects.removed(self.path, *self.interfaces()))

    def appear(self) -> None:
        """A new bluetoothd finds the adapter."""
        self._heal(Cure.NEW_DAEMON)
        if self.present:
            self._announce(objects.added(self.path, self.interfaces()))
            self.links.recover()

    def client_left(self, client: str) -> None:
        """A client's connection ended, and with it what it had asked for."""
        if self.discovery.left(client):
            self._after_stop()
        self.monitors.client_left(client)
        self.links.client_left(client)

    def call(self, client: str, member: str, arguments: tuple[Any, ...]) -> None:
        """A method of Adapter1 itself; raises `BluezError`."""
        self._call(client, (INTERFACE, member), arguments)

    def answer(self, call: Message) -> Message | None:
        """A call to the adapter or anything below it; None when it is never answered.

        Raises `BluezError`.
        """
        if call.interface == objects.PROPERTIES:
            return call.answer(*self._answer_properties(call))
        if call.path == self.path:
            self._call(call.sender, (call.interface, call.member), call.arguments)
            return call.answer()
        device = self._neighbours.at(call.path)
        if call.interface == device1.INTERFACE and call.path == device.path:
            answer = self.links.call(device, call.member)
        else:
            about = (call.path, call.interface, call.member)
            answer = self.links.call_gatt(call.sender, about, call.arguments)
        return None if answer is None else call.answer(*answer)

    def properties(self) -> Properties:
        """All properties of Adapter1."""
        return {
            "Address": Variant("s", self._address),
            "AddressType": Variant("s", "public"),
            "Name": Variant("s", self.name),
            "Alias": Variant("s", self.name),
            "Powered": Variant("b", self.powered),
            "Discoverable": Variant("b", False),  # noqa: FBT003 - a value of the wire
            "Discovering": Variant("b", self.scanning.is_set()),
            "Roles": Variant("as", list(self.roles)),
            "UUIDs": Variant("as", []),
        }

    def interfaces(self) -> Interfaces:
        """The adapter's own object."""
        shown = {INTERFACE: self.properties()}
        if self._daemon.passive_scanning:
            shown[monitors.MANAGER] = monitors.PROPERTIES
        return shown

    def device_objects(self) -> dict[str, Interfaces]:
        """The devices and what is below them, as GetManagedObjects shows them."""
        return {each.path: each.interfaces() for each in self._neighbours} | self.links.objects()

    def _deaf(self, advert: Advert) -> str | None:
        """Why this advert reaches no client."""
        if reason := self._daemon.silence() or self._off_air():
            return reason
        if self.stalled:
            return "stalled"
        if self.scanning.is_set():
            return self._missed_by_discovery(advert)
        if not self.monitors.listening.is_set():
            return "not scanning"
        return None if self.monitors.let_through(advert.ad) else "no monitor's pattern"

    def _missed_by_discovery(self, advert: Advert) -> str | None:
        if advert.connectable and not advert.answered:
            self._held = advert
            return "held back for its scan response"
        wanted = self.discovery.lets_through(advert.rssi)
        if not wanted and not self.monitors.let_through(advert.ad):
            return "too weak for the filter"
        if not self.filters_duplicates or self.monitors.listening.is_set():
            return None
        repeats = self._duplicates.repeats(advert.address, self._daemon.now())
        return "duplicate" if repeats else None

    def _off_air(self) -> str | None:
        if not self.present:
            return "unplugged"
        return None if self.powered else "powered off"

    def _call(self, client: str, method: tuple[str, str], arguments: tuple[Any, ...]) -> None:
        if method not in self._methods:
            raise objects.unknown_method(*method)
        self._methods[method](client, *arguments)

    def _answer_properties(self, call: Message) -> Answer:
        match call.member, call.arguments:
            case "Set", (str(), "Powered", value) if call.path == self.path:
                self._asked_to_power(on=bool(value.value))
                return ()
            case "Set", (device1.INTERFACE, "Trusted", value):
                device = self._neighbours.at(call.path)
                device.trusted = bool(value.value)
                self._neighbours.show(device, "Trusted")
                return ()
            case member, arguments:
                return objects.read(self._interfaces_at(call.path), member, arguments)

    def _asked_to_power(self, *, on: bool) -> None:
        """A client sets Powered; before it switches off, bluetoothd removes what is temporary.

        Since 5.56 (bluez ca01d74f3), connectable devices too; the radio itself knows nothing of it.
        """
        if not on and self.powered:
            self._forget([each for each in self._neighbours if not each.kept])
        self.power(on=on)

    def _interfaces_at(self, path: str) -> Interfaces:
        if path == self.path:
            return self.interfaces()
        device = self._neighbours.at(path)
        if path == device.path:
            return device.interfaces()
        return self.links.tree_above(path).objects[path].interfaces()

    def _require_power(self) -> None:
        if not self.powered:
            error = "NotReady"
            raise BluezError(error, "Resource Not Ready")

    def _set_discovery_filter(self, client: str, filters: dict[str, Variant]) -> None:
        self._require_power()
        self.discovery.set_filter(client, filters)

    def _start_discovery(self, client: str) -> None:
        self._require_power()
        self.discovery.start(client, self._daemon.now())
        self.starts += 1
        if not self.scanning.is_set():
            self.scanning.set()
            self._announce_state("Discovering")

    def _stop_discovery(self, client: str) -> None:
        self._require_power()
        try:
            self.discovery.stop(client)
        finally:
            if self.scanning.is_set() and not self.discovery.phantom:
                self._after_stop()

    def _after_stop(self) -> None:
        if self.discovery.active:
            return
        self._heal(Cure.NEW_SCAN)
        self.scanning.clear()
        self._neighbours.invalidate("RSSI")
        if not self.monitors.listening.is_set():
            self._forget(self._neighbours.unconnectable())
        self._announce_state("Discovering")

    def _remove_device(self, _client: str, path: str) -> None:
        if path not in {each.path for each in self._neighbours}:
            error = "DoesNotExist"
            raise BluezError(error, "Does Not Exist")
        device = self._neighbours.at(path)
        self.links.drop(device)
        self.links.forget(device)

    def _end_discovery(self) -> None:
        self.discovery.end()
        self.scanning.clear()

    def _heal(self, by: Cure) -> None:
        if self._stalled is not None and self._stalled <= by:
            self._stalled = None

    def _forget(self, devices: list[Device]) -> None:
        for each in devices:
            self.links.forget(each)

    def _announce_state(self, *names: str) -> None:
        current = self.properties()
        state = {name: current[name] for name in names}
        self._announce(objects.changed(self.path, INTERFACE, state))

    def _announce(self, message: Message) -> None:
        self._daemon.announce(message)
