"""org.bluez.AdvertisementMonitorManager1: passive scanning by patterns (bleak's `or_patterns`).

A client registers a root path and only then exports the monitor object there; BlueZ learns of it
by its InterfacesAdded, reads the patterns and calls Activate.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulators.bluez.advert import structures
from simulators.bluez.objects import BluezError, Properties
from simulators.dbus import Variant

MANAGER = "org.bluez.AdvertisementMonitorManager1"
MONITOR = "org.bluez.AdvertisementMonitor1"

Pattern = tuple[int, int, bytes]
"""Offset into the data of an AD structure, its type, and the bytes that must stand there."""

CallClient = Callable[[str, str, str], None]
"""Calls a method of MONITOR: the client's unique name, the object's path, the method."""

PROPERTIES: Properties = {
    "SupportedMonitorTypes": Variant("as", ["or_patterns"]),
    "SupportedFeatures": Variant("as", []),
}


@dataclass
class _Monitor:
    patterns: tuple[Pattern, ...] = ()


class Monitors:
    """The monitors of one adapter; any pattern of any of them lets an advert through.

    Attributes:
        listening: set while a client's monitor keeps the radio on.
    """

    def __init__(self, call_client: CallClient) -> None:
        """`call_client` reaches the objects that clients export."""
        self.listening = asyncio.Event()
        self._call_client = call_client
        self._monitors: dict[tuple[str, str], _Monitor] = {}

    def let_through(self, ad: bytes) -> bool:
        """Whether an advert with these AD structures is of interest to anybody."""
        return any(
            kind == wanted and data[start : start + len(content)] == content
            for each in self._monitors.values()
            for start, wanted, content in each.patterns
            for kind, data in structures(ad)
        )

    def register(self, client: str, path: str) -> None:
        """RegisterMonitor; raises `BluezError`."""
        if (client, path) in self._monitors:
            error = "AlreadyExists"
            raise BluezError(error, "Already Exists")
        self._monitors[client, path] = _Monitor()

    def unregister(self, client: str, path: str) -> None:
        """UnregisterMonitor; raises `BluezError`."""
        if self._monitors.pop((client, path), None) is None:
            error = "DoesNotExist"
            raise BluezError(error, "Does Not Exist")
        self._look()

    def exported(self, client: str, path: str, interfaces: Mapping[str, Any]) -> None:
        """A client says InterfacesAdded; what nobody registered is passed over."""
        monitor = self._monitors.get((client, path))
        if monitor is None or MONITOR not in interfaces:
            return
        patterns = interfaces[MONITOR]["Patterns"].value
        monitor.patterns = tuple((start, kind, bytes(data)) for start, kind, data in patterns)
        self._look()
        self._call_client(client, path, "Activate")

    def client_left(self, client: str) -> None:
        """A client's monitors end with its connection."""
        for key in [key for key in self._monitors if key[0] == client]:
            del self._monitors[key]
        self._look()

    def release(self) -> None:
        """Take every monitor from its client, which is told by Release."""
        for client, path in self._monitors:
            self._call_client(client, path, "Release")
        self._monitors.clear()
        self._look()

    def lose(self) -> None:
        """The daemon was killed: nobody is told anything."""
        self._monitors.clear()
        self._look()

    def _look(self) -> None:
        if any(each.patterns for each in self._monitors.values()):
            self.listening.set()
        else:
            self.listening.clear()
