"""AltBeacon: manufacturer data of any company that begins with BE AC.

Source: AltBeacon/spec, "AltBeacon Protocol Specification v1.0".
"""

import struct
from typing import ClassVar

from typing_extensions import override

from device_profiles.beacons.frame import Frame, MalformedAdvert, Octets20

PREFIX = b"\xbe\xac"
LENGTH = 24
"""Prefix, beacon id, reference power, the manufacturer's byte."""

_BODY = struct.Struct(">20sbB")


class AltBeacon(Frame, frozen=True, tag="altbeacon"):
    """One AltBeacon advertisement.

    Attributes:
        beacon_id: 20 bytes as hex, in practice 16 for the owner and 2 + 2 within.
        reference_rssi: dBm at 1 m.
        mfg_reserved: the manufacturer's byte.
    """

    FORMAT: ClassVar[str] = "altbeacon"

    company_id: int
    beacon_id: Octets20
    reference_rssi: int
    mfg_reserved: int

    @property
    @override
    def identity(self) -> str:
        return f"altbeacon:{self.beacon_id}"

    @property
    @override
    def power_1m(self) -> int | None:
        return self.reference_rssi or None


def read(payload: bytes, company: int) -> AltBeacon | None:
    """The AltBeacon in a company's manufacturer data; None when it is something else."""
    if not payload.startswith(PREFIX):
        return None
    if len(payload) < LENGTH:
        raise MalformedAdvert(AltBeacon.FORMAT, f"{len(payload)} bytes, {LENGTH} needed")
    beacon_id, power, reserved = _BODY.unpack_from(payload, len(PREFIX))
    return AltBeacon(company, beacon_id.hex(), power, reserved)
