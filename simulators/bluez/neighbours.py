"""The devices that one adapter knows, in the order in which they were last heard."""

from collections import OrderedDict
from collections.abc import Callable, Iterator

from simulators.bluez import device as device1
from simulators.bluez import objects
from simulators.bluez.advert import Advert
from simulators.bluez.device import TEMPORARY_TIMEOUT, Device
from simulators.bluez.discovery import Reporting
from simulators.bluez.objects import unknown_object
from simulators.dbus import Message


class Neighbours:
    """Device1 objects: heard, silent, forgotten."""

    def __init__(self, adapter_path: str, announce: Callable[[Message], None]) -> None:
        self._adapter_path = adapter_path
        self._announce = announce
        self._devices: OrderedDict[str, Device] = OrderedDict()

    def __iter__(self) -> Iterator[Device]:
        """A copy, so that devices may be forgotten on the way."""
        return iter(list(self._devices.values()))

    def get(self, address: str) -> Device:
        """The device with `address`; `KeyError` when it is not known."""
        return self._devices[address]

    def at(self, path: str) -> Device:
        """The device whose object is at `path` or above it; raises `BluezError`."""
        address = path.removeprefix(f"{self._adapter_path}/dev_")[:17].replace("_", ":")
        device = self._devices.get(address)
        if device is None or path[: len(device.path) + 1] not in (device.path, f"{device.path}/"):
            raise unknown_object(path)
        return device

    def hear(self, advert: Advert, reporting: Reporting, now: float) -> bool:
        """Fold in an advert; whether that was signalled."""
        known = self._devices.get(advert.address)
        if known is None:
            known = Device.heard(advert, self._adapter_path, now)
            self._devices[advert.address] = known
            self._announce(objects.added(known.path, known.interfaces()))
            return True
        self._devices.move_to_end(advert.address)
        news = known.take(advert, reporting, now)
        if news:
            self._announce(objects.changed(known.path, device1.INTERFACE, news))
        return bool(news)

    def restore(self, device: Device) -> None:
        """A new bluetoothd finds a device that the kernel still knows."""
        self._devices[device.address] = device
        self._announce(objects.added(device.path, device.interfaces()))

    def show(self, device: Device, *names: str) -> None:
        """Signal some properties of a device as they are now."""
        self._announce(objects.changed(device.path, device1.INTERFACE, device.state(*names)))

    def invalidate(self, name: str) -> None:
        """`name` is RSSI or TxPower, which are known only while a scan runs."""
        for each in self:
            each.forget_signal()
            self._announce(objects.changed(each.path, device1.INTERFACE, {}, (name,)))

    def forget(self, device: Device) -> None:
        """Remove one device."""
        del self._devices[device.address]
        self._announce(objects.removed(device.path, device1.INTERFACE))

    def unconnectable(self) -> list[Device]:
        """Those that the end of the last scan removes."""
        return [each for each in self if not (each.connectable or each.kept)]

    def expired(self, now: float) -> list[Device]:
        """Those that were last heard `TEMPORARY_TIMEOUT` seconds ago or longer."""
        silent = []
        for each in self:
            if each.last_heard > now - TEMPORARY_TIMEOUT:
                break
            if not each.kept:
                silent.append(each)
        return silent

    def lose(self) -> None:
        """The daemon was killed: nothing is signalled."""
        self._devices.clear()
