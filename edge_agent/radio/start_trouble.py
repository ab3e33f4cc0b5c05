"""Why a scan did not start, from what bleak raised. Pure."""

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakError,
)

from edge_agent.radio.watchdog import Reason

_DBUS_ERRORS = {
    "org.bluez.Error.InProgress": Reason.BUSY,
    "org.bluez.Error.NotReady": Reason.POWERED_OFF,
    "org.freedesktop.DBus.Error.ServiceUnknown": Reason.BLUETOOTHD_GONE,
    "org.freedesktop.DBus.Error.NameHasNoOwner": Reason.BLUETOOTHD_GONE,
    "org.freedesktop.DBus.Error.NoReply": Reason.NO_ANSWER,
    "org.freedesktop.DBus.Error.UnknownObject": Reason.UNPLUGGED,
    "org.freedesktop.DBus.Error.UnknownMethod": Reason.UNPLUGGED,
}


def start_trouble(error: Exception) -> Reason:
    """Why a scan did not start, from what bleak raised."""
    match error:
        case TimeoutError():
            return Reason.NO_ANSWER
        case BleakDBusError():
            return _DBUS_ERRORS.get(error.dbus_error, Reason.REFUSED)
        case BleakBluetoothNotAvailableError():
            off = error.reason is BleakBluetoothNotAvailableReason.POWERED_OFF
            return Reason.POWERED_OFF if off else Reason.UNPLUGGED
        case BleakError() if "not found" in str(error):
            return Reason.UNPLUGGED
        case OSError() | EOFError():
            return Reason.BUS_LOST
        case _:
            return Reason.REFUSED
