"""As much of org.freedesktop.systemd1 as restarts bluetooth.service, with polkit's word on it."""

from collections.abc import Callable

from simulators.bluez import objects
from simulators.bluez.objects import BluezError
from simulators.dbus import Message, PrivateBus

NAME = "org.freedesktop.systemd1"
PATH = "/org/freedesktop/systemd1"
INTERFACE = "org.freedesktop.systemd1.Manager"
UNIT = "bluetooth.service"


class Systemd:
    """The service manager on the private bus.

    Attributes:
        permitted: whether polkit lets the caller manage units.
        restarts: how often bluetooth.service was restarted through it.
    """

    def __init__(self, bus: PrivateBus, restart: Callable[[], None]) -> None:
        """`restart` is what RestartUnit does to bluetoothd."""
        self.permitted = True
        self.restarts = 0
        self._restart = restart
        self._peer = bus.join(self._answer, lambda _: None)

    def appear(self) -> None:
        """Take the name on the bus."""
        self._peer.own(NAME)

    def _answer(self, call: Message) -> Message:
        try:
            return self._dispatch(call)
        except BluezError as err:
            return call.refusal(err.name, str(err))

    def _dispatch(self, call: Message) -> Message:
        if (call.path, call.interface, call.member) != (PATH, INTERFACE, "RestartUnit"):
            raise objects.unknown_method(call.interface, call.member)
        unit, _mode = call.arguments
        if not self.permitted:
            error = "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired"
            raise BluezError(error, "Interactive authentication required.")
        if unit != UNIT:
            error = "org.freedesktop.systemd1.NoSuchUnit"
            raise BluezError(error, f"Unit {unit} not found.")
        self.restarts += 1
        self._restart()
        return call.answer("o", f"{PATH}/job/{self.restarts}")
