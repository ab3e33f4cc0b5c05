"""The objects under a connected device: GattService1, GattCharacteristic1, GattDescriptor1.

The shape of their paths is part of the interface: bleak reads the handle from the last four
digits and finds the device by cutting 21 characters off a characteristic's path.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulators.bluez import objects
from simulators.bluez.discovery import Version
from simulators.bluez.objects import Answer, BluezError, Interfaces
from simulators.bluez.peripheral import Characteristic, Descriptor, Peripheral, Service, uuid16
from simulators.dbus import Message, Variant

SERVICE = "org.bluez.GattService1"
CHARACTERISTIC = "org.bluez.GattCharacteristic1"
DESCRIPTOR = "org.bluez.GattDescriptor1"

MTU = 517
"""BlueZ's own ATT MTU, seen on every link of the virtual machine."""

GAP_IS_EXPORTED: Version = (5, 82)
"""GAP (1800) is no object on 5.66 and is one on 5.82 (seen); GATT (1801) is on both."""

SUBSCRIPTION = uuid16(0x2902)
"""Client characteristic configuration: exported too (seen on 5.66), and StartNotify's to write."""

NEITHER, NOTIFY, INDICATE = b"\0\0", b"\1\0", b"\2\0"
"""Its values: Bluetooth Core, volume 3, part G, 3.3.3.3."""

_GAP = Service(uuid16(0x1800), [Characteristic(uuid16(0x2A00), ("read",), b"simulated")])
_GATT = Service(uuid16(0x1801), [Characteristic(uuid16(0x2A05), ("indicate",))])


@dataclass(eq=False)
class GattObject:
    """One object of the tree.

    Attributes:
        about: what the peripheral has there.
        parent: the path of the device, service or characteristic above.
        notifying: the clients that asked for notifications.
    """

    path: str
    interface: str
    about: Service | Characteristic | Descriptor
    parent: str
    notifying: set[str] = field(default_factory=set)

    def interfaces(self) -> Interfaces:
        """Its one interface, as ObjectManager shows it."""
        known = {"UUID": Variant("s", self.about.uuid)}
        match self.about:
            case Service():
                known |= {
                    "Device": Variant("o", self.parent),
                    "Primary": Variant("b", True),  # noqa: FBT003 - a value of the wire
                    "Includes": Variant("ao", []),
                }
            case Characteristic():
                known |= {
                    "Service": Variant("o", self.parent),
                    "Flags": Variant("as", list(self.about.flags)),
                    "Value": Variant("ay", self.about.value),
                    "MTU": Variant("q", MTU),
                } | self._notify_state()
            case Descriptor():
                known |= {
                    "Characteristic": Variant("o", self.parent),
                    "Value": Variant("ay", self.about.value),
                }
        return {self.interface: known}

    def _notify_state(self) -> objects.Properties:
        assert isinstance(self.about, Characteristic)  # noqa: S101 - narrows the type
        if not _can_notify(self.about):
            return {}
        return {"Notifying": Variant("b", bool(self.notifying))}


class GattTree:
    """The GATT objects of one device, from the first connection until the device is removed."""

    def __init__(
        self,
        device_path: str,
        peripheral: Peripheral,
        version: Version,
        announce: Callable[[Message], None],
    ) -> None:
        """Handles are given in order, as a GATT server would."""
        services = [_GATT, *peripheral.services]
        if version >= GAP_IS_EXPORTED:
            services.insert(0, _GAP)
        self.objects = {each.path: each for each in _objects(device_path, services)}
        self._announce = announce
        self._methods: dict[str, Callable[..., Answer]] = {
            "ReadValue": self._read,
            "WriteValue": self._write,
            "StartNotify": self._start_notify,
            "StopNotify": self._stop_notify,
        }

    def call(self, client: str, path: str, member: str, arguments: tuple[Any, ...]) -> Answer:
        """A method of a characteristic or descriptor; raises `BluezError`."""
        target = self.objects[path]
        method = self._methods.get(member)
        if method is None or isinstance(target.about, Service):
            raise objects.unknown_method(target.interface, member)
        return method(client, target, *arguments)

    def notify(self, characteristic: Characteristic, value: bytes) -> None:
        """The peripheral sends a notification; without a subscriber it goes nowhere."""
        characteristic.value = value
        for each in self.objects.values():
            if each.about is characteristic and each.notifying:
                self._show_value(each, value)

    def client_left(self, client: str) -> None:
        """Notifications end with the connection that asked for them."""
        for each in self.objects.values():
            self._unsubscribe(client, each)

    def disconnected(self) -> None:
        """Subscriptions do not outlive the link; the objects do."""
        for each in self.objects.values():
            if each.notifying:
                each.notifying.clear()
                self._show_notifying(each)

    def _read(self, _client: str, target: GattObject, _options: Mapping[str, Variant]) -> Answer:
        about = target.about
        if isinstance(about, Characteristic) and "read" not in about.flags:
            error = "NotPermitted"
            raise BluezError(error, "Read not permitted")
        value = _value(target)
        if target.notifying:
            self._show_value(target, value)
        return "ay", value

    def _write(
        self, _client: str, target: GattObject, value: bytes, options: Mapping[str, Variant]
    ) -> Answer:
        about = target.about
        if isinstance(about, Characteristic):
            command = options.get("type", Variant("s", "request")).value == "command"
            if ("write-without-response" if command else "write") not in about.flags:
                error = "NotPermitted"
                raise BluezError(error, "Write not permitted")
            about.value = bytes(value)
        elif isinstance(about, Descriptor):
            if about.uuid == SUBSCRIPTION:
                error = "NotPermitted"
                raise BluezError(error, "Write not permitted")
            about.value = bytes(value)
        return ()

    def _start_notify(self, client: str, target: GattObject) -> Answer:
        if not isinstance(target.about, Characteristic) or not _can_notify(target.about):
            error = "NotSupported"
            raise BluezError(error, "Operation is not supported")
        if client in target.notifying:
            error = "InProgress"
            raise BluezError(error, "Operation already in progress")
        target.notifying.add(client)
        self._show_notifying(target)
        return ()

    def _stop_notify(self, client: str, target: GattObject) -> Answer:
        if client not in target.notifying:
            error = "Failed"
            raise BluezError(error, "No notify session started")
        self._unsubscribe(client, target)
        return ()

    def _unsubscribe(self, client: str, target: GattObject) -> None:
        if client in target.notifying:
            target.notifying.discard(client)
            self._show_notifying(target)

    def _show_value(self, target: GattObject, value: bytes) -> None:
        self._announce(
            objects.changed(target.path, target.interface, {"Value": Variant("ay", value)})
        )

    def _show_notifying(self, target: GattObject) -> None:
        notify = isinstance(target.about, Characteristic) and "notify" in target.about.flags
        asked = NOTIFY if notify else INDICATE
        self._subscription(target).value = asked if target.notifying else NEITHER
        state = {"Notifying": Variant("b", bool(target.notifying))}
        self._announce(objects.changed(target.path, target.interface, state))

    def _subscription(self, target: GattObject) -> Descriptor:
        below = (each.about for each in self.objects.values() if each.parent == target.path)
        return next(
            each for each in below if isinstance(each, Descriptor) and each.uuid == SUBSCRIPTION
        )


def _can_notify(characteristic: Characteristic) -> bool:
    return not {"notify", "indicate"}.isdisjoint(characteristic.flags)


def _value(target: GattObject) -> bytes:
    return b"" if isinstance(target.about, Service) else target.about.value


def _objects(device_path: str, services: list[Service]) -> Iterator[GattObject]:
    """Parents before children, handles rising; a characteristic takes two (declaration, value)."""
    handle = 1
    for service in services:
        path = f"{device_path}/service{handle:04x}"
        yield GattObject(path, SERVICE, service, device_path)
        handle += 1
        for each in service.characteristics:
            below = f"{path}/char{handle:04x}"
            yield GattObject(below, CHARACTERISTIC, each, path)
            handle += 2
            for descriptor in _descriptors(each):
                yield GattObject(f"{below}/desc{handle:04x}", DESCRIPTOR, descriptor, below)
                handle += 1


def _descriptors(characteristic: Characteristic) -> list[Descriptor]:
    """A peripheral's own, and the subscription of what notifies."""
    if not _can_notify(characteristic):
        return characteristic.descriptors
    return [Descriptor(SUBSCRIPTION, NEITHER), *characteristic.descriptors]
