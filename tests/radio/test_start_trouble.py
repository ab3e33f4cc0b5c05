import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakError,
)

from edge_agent.radio import Reason
from edge_agent.radio.start_trouble import start_trouble


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TimeoutError(), Reason.NO_ANSWER),
        (BleakDBusError("org.bluez.Error.InProgress", []), Reason.BUSY),
        (BleakDBusError("org.bluez.Error.NotReady", []), Reason.POWERED_OFF),
        (
            BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", []),
            Reason.BLUETOOTHD_GONE,
        ),
        (BleakDBusError("org.freedesktop.DBus.Error.UnknownObject", []), Reason.UNPLUGGED),
        (BleakDBusError("org.bluez.Error.Failed", ["what?"]), Reason.REFUSED),
        (
            BleakBluetoothNotAvailableError("", BleakBluetoothNotAvailableReason.POWERED_OFF),
            Reason.POWERED_OFF,
        ),
        (
            BleakBluetoothNotAvailableError("", BleakBluetoothNotAvailableReason.NO_BLUETOOTH),
            Reason.UNPLUGGED,
        ),
        (BleakError("adapter 'hci0' not found"), Reason.UNPLUGGED),
        (BleakError("something else"), Reason.REFUSED),
        (FileNotFoundError("no bus"), Reason.BUS_LOST),
        (OSError(9, "Bad file descriptor"), Reason.BUS_LOST),
        (EOFError(), Reason.BUS_LOST),
        (KeyError("Roles"), Reason.REFUSED),
    ],
)
def test_what_bleak_raises_at_start_has_a_reason(error: Exception, reason: Reason) -> None:
    assert start_trouble(error) is reason
