"""What org.bluez's own signals say about its adapters. Pure.

Only the levels that a scan depends on: bluetoothd on the bus, the adapter plugged in, powered and
discovering. What is unknown counts as good; the silence timer is there for the rest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from edge_agent.radio.watchdog import Reason

BLUEZ = "org.bluez"
ADAPTER = "org.bluez.Adapter1"

DISCOVERY_PAUSE_S = 2.0
"""How long Discovering may be false during a scan: the kernel restarts it every 10.3 s with a gap
of 60-160 ms, which is no trouble."""


@dataclass(slots=True)
class _Adapter:
    present: bool = True
    powered: bool = True
    idle_since: float | None = None
    outages: int = 0
    last_outage: Reason = Reason.UNPLUGGED


class BluezState:
    """The levels of several adapters, such as ``hci0``."""

    def __init__(self, adapters: Iterable[str]) -> None:
        """Everything counts as good until a signal says otherwise."""
        self._adapters = {f"/org/bluez/{name}": _Adapter() for name in adapters}
        self._on_bus = True
        self._running = True

    @property
    def paths(self) -> list[str]:
        """The object paths of the adapters."""
        return list(self._adapters)

    def outages(self, adapter: str) -> int:
        """How often something happened that ends a scan on this adapter; it only grows."""
        return self._of(adapter).outages

    def last_outage(self, adapter: str) -> Reason:
        """What the last such event was."""
        return self._of(adapter).last_outage

    def trouble(self, adapter: str) -> Reason | None:
        """Why no scan can run now, as far as is known."""
        if not self._on_bus:
            return Reason.BUS_LOST
        if not self._running:
            return Reason.BLUETOOTHD_GONE
        if not self._of(adapter).present:
            return Reason.UNPLUGGED
        return None if self._of(adapter).powered else Reason.POWERED_OFF

    def idle(self, adapter: str, since: float, now: float) -> bool:
        """Whether a scan begun at `since` has not been discovering for too long (seconds)."""
        idle_since = self._of(adapter).idle_since
        return idle_since is not None and now - max(idle_since, since) >= DISCOVERY_PAUSE_S

    def bus_lost(self) -> None:
        """The connection to the bus has ended."""
        if self._on_bus:
            self._on_bus = False
            self._outage(Reason.BUS_LOST)

    def bus_found(self, *, bluez_runs: bool) -> None:
        """A new connection stands; whether org.bluez has an owner there."""
        self._on_bus = True
        self._owner_changed(gone=not bluez_runs)

    def take(self, path: str, member: str, body: list[Any], now: float) -> None:
        """Fold in a signal; one about anything else is passed over.

        Args:
            path: the object that sent it.
            member: the signal's name.
            body: its arguments, variants unpacked.
            now: monotonic seconds.
        """
        match member, body:
            case "NameOwnerChanged", [str(name), str(), str(owner)] if name == BLUEZ:
                self._owner_changed(gone=not owner)
            case "InterfacesAdded", [str(added), dict(interfaces)] if ADAPTER in interfaces:
                self.levels(added, interfaces[ADAPTER], now)
            case "InterfacesRemoved", [str(removed), list(interfaces)] if ADAPTER in interfaces:
                self._removed(removed)
            case "PropertiesChanged", [str(interface), dict(changed), _] if interface == ADAPTER:
                self.levels(path, changed, now)
            case _:
                return

    def levels(self, path: str, properties: Mapping[str, Any], now: float) -> None:
        """Adapter1 properties of the adapter at `path`, all or those that changed."""
        adapter = self._adapters.get(path)
        if adapter is None:
            return
        adapter.present = True
        if "Powered" in properties:
            was_powered, adapter.powered = adapter.powered, bool(properties["Powered"])
            if was_powered and not adapter.powered:
                _strike(adapter, Reason.POWERED_OFF)
        if "Discovering" in properties:
            adapter.idle_since = None if properties["Discovering"] else now

    def _of(self, adapter: str) -> _Adapter:
        return self._adapters[f"/org/bluez/{adapter}"]

    def _owner_changed(self, *, gone: bool) -> None:
        was_running, self._running = self._running, not gone
        if was_running and gone:
            self._outage(Reason.BLUETOOTHD_GONE)

    def _removed(self, path: str) -> None:
        adapter = self._adapters.get(path)
        if adapter is not None and adapter.present:
            adapter.present = False
            _strike(adapter, Reason.UNPLUGGED)

    def _outage(self, reason: Reason) -> None:
        for adapter in self._adapters.values():
            _strike(adapter, reason)


def _strike(adapter: _Adapter, reason: Reason) -> None:
    adapter.outages += 1
    adapter.last_outage = reason
    adapter.idle_since = None
