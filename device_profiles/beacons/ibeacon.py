"""iBeacon: Apple's manufacturer data, type 0x02 of 0x15 bytes, big-endian.

Source: Apple, "Proximity Beacon Specification" R1.
"""

import struct
from typing import Annotated, ClassVar

import msgspec
from typing_extensions import override

from device_profiles.beacons.frame import Frame, MalformedAdvert, Number16

COMPANY = 0x004C
PREFIX = b"\x02\x15"
LENGTH = 23
"""Prefix, UUID, major, minor, measured power; some firmware sends bytes after them."""

_BODY = struct.Struct(">16sHHb")

Uuid = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class IBeacon(Frame, frozen=True, tag="ibeacon"):
    """One iBeacon advertisement.

    Attributes:
        measured_power: dBm at 1 m as calibrated; 0 where it never was.
    """

    FORMAT: ClassVar[str] = "ibeacon"

    uuid: Uuid
    major: Number16
    minor: Number16
    measured_power: int

    @property
    @override
    def identity(self) -> str:
        return f"ibeacon:{self.uuid}:{self.major}:{self.minor}"

    @property
    @override
    def power_1m(self) -> int | None:
        return self.measured_power or None


def read(payload: bytes, company: int) -> IBeacon | None:
    """The iBeacon in Apple's manufacturer data; None for Apple's other messages."""
    if not payload.startswith(PREFIX):
        return None
    if len(payload) < LENGTH:
        raise MalformedAdvert(IBeacon.FORMAT, f"{len(payload)} bytes, {LENGTH} needed")
    raw, major, minor, power = _BODY.unpack_from(payload, len(PREFIX))
    digits = raw.hex()
    uuid = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    return IBeacon(uuid, major, minor, power)
