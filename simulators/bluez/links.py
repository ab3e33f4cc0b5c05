"""Connections of one adapter: Device1's Connect, Disconnect and Pair, and the GATT objects.

Signals go out before replies: bleak hears them on another socket than the reply, and a Connect
that is answered before Connected was seen true counts as a lost device.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from simulators.bluez import device as device1
from simulators.bluez import objects
from simulators.bluez.device import Device
from simulators.bluez.discovery import Version
from simulators.bluez.gatt import GattTree
from simulators.bluez.neighbours import Neighbours
from simulators.bluez.objects import Answer, BluezError, Interfaces
from simulators.bluez.peripheral import Connecting, Peripheral
from simulators.dbus import Message

ABORTED = "le-connection-abort-by-local"


class Links:
    """What is connected, and what can be."""

    def __init__(
        self, neighbours: Neighbours, version: Version, announce: Callable[[Message], None]
    ) -> None:
        self._neighbours = neighbours
        self._version = version
        self._announce = announce
        self._peripherals: dict[str, Peripheral] = {}
        self._trees: dict[str, GattTree] = {}
        self._resolving: dict[str, asyncio.TimerHandle] = {}
        self._orphans: list[Device] = []
        self._methods: dict[str, Callable[[Device], Answer | None]] = {
            "Connect": self._connect,
            "Disconnect": self._disconnect,
            "Pair": self._pair,
        }

    def attach(self, peripheral: Peripheral) -> None:
        """Let the device of this address be connected to."""
        self._peripherals[peripheral.address] = peripheral

    def next_connection(self, outcome: Connecting) -> None:
        """What the next connection to each peripheral comes to."""
        for each in self._peripherals.values():
            each.connecting.append(outcome)

    def call(self, device: Device, member: str) -> Answer | None:
        """A method of Device1; None for one that is never answered. Raises `BluezError`."""
        method = self._methods.get(member)
        if method is None:
            raise objects.unknown_method(device1.INTERFACE, member)
        return method(device)

    def call_gatt(
        self, client: str, call: tuple[str, str, str], arguments: tuple[Any, ...]
    ) -> Answer:
        """A method of a GATT object, `call` being path, interface and member."""
        path, interface, member = call
        tree = self.tree_above(path)
        if interface not in tree.objects[path].interfaces():
            raise objects.unknown_method(interface, member)
        if not self._neighbours.at(path).connected:
            error = "Failed"
            raise BluezError(error, "Not connected")
        return tree.call(client, path, member, arguments)

    def tree_above(self, path: str) -> GattTree:
        """The tree that has an object at `path`; raises `BluezError`."""
        for tree in self._trees.values():
            if path in tree.objects:
                return tree
        raise objects.unknown_object(path)

    def notify(self, address: str, uuid: str, value: bytes) -> None:
        """The peripheral at `address` sends a notification of one of its characteristics."""
        tree = self._trees[self._neighbours.get(address).path]
        tree.notify(self._peripherals[address].characteristic(uuid), value)

    def drop(self, device: Device) -> None:
        """The link is gone: one signal; the GATT objects stay."""
        if not device.connected:
            return
        if timer := self._resolving.pop(device.path, None):
            timer.cancel()
        device.connected = device.resolved = False
        if tree := self._trees.get(device.path):
            tree.disconnected()
        self._neighbours.show(device, "ServicesResolved", "Connected")

    def drop_all(self) -> None:
        """Every link of the adapter is gone."""
        for each in self._neighbours:
            self.drop(each)

    def forget(self, device: Device) -> None:
        """Remove a device with all below it, from the bottom up; its link is not mentioned."""
        if timer := self._resolving.pop(device.path, None):
            timer.cancel()
        if tree := self._trees.pop(device.path, None):
            for each in reversed(tree.objects.values()):
                self._announce(objects.removed(each.path, each.interface))
        self._neighbours.forget(device)

    def client_left(self, client: str) -> None:
        """Notifications end with the connection that asked for them; links do not."""
        for tree in self._trees.values():
            tree.client_left(client)

    def lose(self) -> None:
        """The daemon was killed: nobody is told, and the kernel keeps the links for a while."""
        for timer in self._resolving.values():
            timer.cancel()
        self._resolving.clear()
        self._orphans = [each for each in self._neighbours if each.connected]
        self._trees.clear()

    def recover(self) -> None:
        """A new bluetoothd finds the links of the old one, and ends them."""
        orphans, self._orphans = self._orphans, []
        for each in orphans:
            each.resolved = False
            self._neighbours.restore(each)
            self.drop(each)

    def objects(self) -> dict[str, Interfaces]:
        """The GATT objects as GetManagedObjects shows them."""
        return {
            path: each.interfaces()
            for tree in self._trees.values()
            for path, each in tree.objects.items()
        }

    def _connect(self, device: Device) -> Answer | None:
        if device.connected:
            error = "AlreadyConnected"
            raise BluezError(error, "Already Connected")
        peripheral = self._peripherals.get(device.address)
        if peripheral is None:
            raise _aborted()
        outcome = peripheral.connecting.popleft() if peripheral.connecting else Connecting.WELL
        if outcome is Connecting.UNANSWERED:
            return None
        if outcome is Connecting.ABORTED_UNSEEN:
            raise _aborted()
        device.connected = True
        self._neighbours.show(device, "Connected")
        if outcome is Connecting.ABORTED:
            self.drop(device)
            raise _aborted()
        self._discover_services(device, peripheral, outcome)
        return ()

    def _discover_services(
        self, device: Device, peripheral: Peripheral, outcome: Connecting
    ) -> None:
        if outcome is Connecting.UNRESOLVED:
            return
        loop = asyncio.get_running_loop()
        if outcome is Connecting.DROPPED:
            timer = loop.call_later(peripheral.resolve_s, self.drop, device)
        else:
            timer = loop.call_later(peripheral.resolve_s, self._resolve, device, peripheral)
        self._resolving[device.path] = timer

    def _resolve(self, device: Device, peripheral: Peripheral) -> None:
        """Services are found; a device that connects again has its objects already."""
        self._resolving.pop(device.path, None)
        if device.path not in self._trees:
            tree = GattTree(device.path, peripheral, self._version, self._announce)
            self._trees[device.path] = tree
            for each in tree.objects.values():
                self._announce(objects.added(each.path, each.interfaces()))
        device.resolved = True
        found = [each.uuid for each in peripheral.services]
        device.uuids = tuple(dict.fromkeys([*device.uuids, *found]))
        self._neighbours.show(device, "UUIDs", "ServicesResolved")

    def _disconnect(self, device: Device) -> Answer:
        if not device.connected:
            error = "NotConnected"
            raise BluezError(error, "Not Connected")
        self.drop(device)
        return ()

    def _pair(self, device: Device) -> Answer | None:
        """Pairing connects first; Paired is seen before the reply."""
        if device.paired:
            error = "AlreadyExists"
            raise BluezError(error, "Already Exists")
        if not device.connected and self._connect(device) is None:
            return None
        device.paired = True
        self._neighbours.show(device, "Paired", "Bonded")
        return ()


def _aborted() -> BluezError:
    error = "Failed"
    return BluezError(error, ABORTED)
