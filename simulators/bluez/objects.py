"""The signals of ObjectManager and Properties, and the errors that org.bluez answers with."""

from simulators.bluez.device import Properties
from simulators.dbus import Message
from simulators.dbus.message import signal

OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
PROPERTIES = "org.freedesktop.DBus.Properties"


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


def added(path: str, interface: str, properties: Properties) -> Message:
    """InterfacesAdded for one interface of the object at `path`."""
    return signal(
        "/", OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", path, {interface: properties}
    )


def removed(path: str, interface: str) -> Message:
    """InterfacesRemoved for one interface of the object at `path`."""
    return signal("/", OBJECT_MANAGER, "InterfacesRemoved", "oas", path, [interface])


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
