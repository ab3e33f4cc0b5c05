"""The signals of ObjectManager and Properties, and the errors that org.bluez answers with."""

from typing import Any

from simulators.dbus import Message, Variant
from simulators.dbus.message import signal

OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
PROPERTIES = "org.freedesktop.DBus.Properties"

Properties = dict[str, Variant]
"""Of one interface, by name."""

Interfaces = dict[str, Properties]
"""Of one object, by interface."""

Answer = tuple[Any, ...]
"""What a method returns: a signature and its values; empty for nothing."""


class BluezError(Exception):
    """An error reply, such as org.bluez.Error.InProgress.

    Attributes:
        name: the D-Bus error name.
    """

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name if "." in name else f"org.bluez.Error.{name}"


def unknown_object(path: str) -> BluezError:
    """What a call to an object that is not there gets."""
    return BluezError("org.freedesktop.DBus.Error.UnknownObject", f"no object at {path}")


def unknown_method(interface: str, member: str) -> BluezError:
    """What a call that the object does not understand gets."""
    return BluezError(
        "org.freedesktop.DBus.Error.UnknownMethod", f"no {member} on interface {interface}"
    )


def read(interfaces: Interfaces, member: str, arguments: tuple[Any, ...]) -> Answer:
    """Properties.Get and GetAll of the object with these `interfaces`."""
    match member, arguments:
        case "GetAll", (interface,) if interface in interfaces:
            return "a{sv}", interfaces[interface]
        case "Get", (interface, name) if name in interfaces.get(interface, {}):
            return "v", interfaces[interface][name]
        case _:
            raise unknown_method(PROPERTIES, member)


def added(path: str, interfaces: Interfaces) -> Message:
    """InterfacesAdded for the object at `path`."""
    return signal("/", OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", path, interfaces)


def removed(path: str, *interfaces: str) -> Message:
    """InterfacesRemoved for interfaces of the object at `path`."""
    return signal("/", OBJECT_MANAGER, "InterfacesRemoved", "oas", path, list(interfaces))


def changed(
    path: str, interface: str, properties: Properties, invalidated: tuple[str, ...] = ()
) -> Message:
    """PropertiesChanged of the object at `path`."""
    return signal(
        path,
        PROPERTIES,
        "PropertiesChanged",
        "sa{sv}as",
        interface,
        properties,
        list(invalidated),
    )
