"""What stands behind a connectable advertiser: its GATT server, and how its link goes wrong."""

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

BASE_UUID = "-0000-1000-8000-00805f9b34fb"


def uuid16(number: int) -> str:
    """The 128-bit form of an assigned UUID, as BlueZ writes it."""
    return f"{number:08x}{BASE_UUID}"


@dataclass(eq=False)
class Descriptor:
    """A GATT descriptor and its value."""

    uuid: str
    value: bytes = b""


@dataclass(eq=False)
class Characteristic:
    """A GATT characteristic.

    Attributes:
        flags: as org.bluez.GattCharacteristic1 names them.
        value: what a read gets and a write sets.
    """

    uuid: str
    flags: tuple[str, ...] = ("read",)
    value: bytes = b""
    descriptors: list[Descriptor] = field(default_factory=list)


@dataclass(eq=False)
class Service:
    """A primary GATT service."""

    uuid: str
    characteristics: list[Characteristic] = field(default_factory=list)


class Connecting(StrEnum):
    """How a call of Connect ends."""

    WELL = "well"
    """Connected, and the services are resolved soon after."""

    ABORTED = "aborted"
    """le-connection-abort-by-local, after the link had stood for a moment (BlueZ 5.62 and on)."""

    ABORTED_UNSEEN = "aborted unseen"
    """The same error, and Connected never changed."""

    UNANSWERED = "unanswered"
    """No reply."""

    UNRESOLVED = "unresolved"
    """Connected, and the services are never resolved."""

    DROPPED = "dropped"
    """Connected, and the peer is gone while its services are being discovered."""


@dataclass(eq=False)
class Peripheral:
    """A device that takes connections.

    Attributes:
        services: beyond GAP (1800) and GATT (1801), which every peripheral has.
        resolve_s: from Connected to ServicesResolved; 0.2 to 0.4 s on a radio.
        connecting: how the next connections go; when empty, well.
    """

    address: str
    services: list[Service] = field(default_factory=list)
    resolve_s: float = 0.0
    connecting: deque[Connecting] = field(default_factory=deque)

    def characteristic(self, uuid: str) -> Characteristic:
        """The first characteristic with this UUID; `KeyError` when there is none."""
        for service in self.services:
            for each in service.characteristics:
                if each.uuid == uuid:
                    return each
        raise KeyError(uuid)
