"""An advertisement monitor beside the active scan, so that no report is kept back.

While BlueZ scans actively it asks the controller to filter duplicates, and one that obeys reports
each transmitter once per scan of 10.3 s: too seldom to place anybody. A monitor that is registered
on the adapter makes the kernel ask for no filter (facts, "Ground truth" 3). Its pattern matches
nothing of interest; the scan reports everything anyway. A bluetoothd without the interface (before
5.56, or without --experimental where that is needed) refuses, and nothing is lost.
"""

from typing import Annotated

from dbus_fast import Message, PropertyAccess
from dbus_fast.annotations import DBusObjectPath, DBusSignature, DBusStr
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

MANAGER = "org.bluez.AdvertisementMonitorManager1"

Pattern = tuple[int, int, bytes]

NEVER_SENT: list[Pattern] = [(0, 0xFF, b"\xff\xff\x00\x00")]
"""Manufacturer data of 0xFFFF, which is no company (Assigned Numbers, 7.1), and two zeros."""


class Monitor(ServiceInterface):
    """The object that BlueZ looks at; what it calls is of no interest."""

    def __init__(self) -> None:
        super().__init__("org.bluez.AdvertisementMonitor1")

    @dbus_method()
    def Release(self) -> None:  # noqa: N802 - a name of the wire
        """BlueZ has let go of it."""

    @dbus_method()
    def Activate(self) -> None:  # noqa: N802 - a name of the wire
        """BlueZ has taken it up."""

    @dbus_method()
    def DeviceFound(self, device: DBusObjectPath) -> None:  # noqa: N802 - a name of the wire
        """Somebody sends what nobody sends."""

    @dbus_method()
    def DeviceLost(self, device: DBusObjectPath) -> None:  # noqa: N802 - a name of the wire
        """And no more."""

    @dbus_property(PropertyAccess.READ)
    def Type(self) -> DBusStr:  # noqa: N802 - a name of the wire
        """The only kind there is."""
        return "or_patterns"

    @dbus_property(PropertyAccess.READ)
    def Patterns(self) -> Annotated[list[Pattern], DBusSignature("a(yyay)")]:  # noqa: N802
        """What BlueZ shall look for."""
        return NEVER_SENT


def registration(adapter_path: str) -> tuple[str, Message]:
    """Where to export the monitor for an adapter, and the call that registers it before."""
    path = f"/store/aisle/monitor/{adapter_path.rpartition('/')[2]}"
    call = Message(
        destination="org.bluez",
        path=adapter_path,
        interface=MANAGER,
        member="RegisterMonitor",
        signature="o",
        body=[path],
    )
    return path, call
