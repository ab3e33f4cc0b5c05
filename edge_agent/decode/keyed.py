"""What a key in the line opens: rotating identifiers, encrypted telemetry, private addresses."""

from typing import NamedTuple

from device_profiles.beacons import (
    EddystoneEid,
    EddystoneEtlm,
    EddystoneTlm,
    Frame,
    key_identity,
)
from device_profiles.beacons.address import Resolver, octets
from device_profiles.beacons.eid import eid, temporary_key
from device_profiles.beacons.etlm import plaintext, telemetry
from edge_agent.decode.line import BadLine, Line, key

WINDOWS = (0, -1, 1)
"""Tried in this order around the stated time: what a beacon's clock may be off by."""


class ResolvedEid(EddystoneEid, frozen=True, kw_only=True, tag="eddystone_eid"):
    """An identifier that the key of the line gives.

    Attributes:
        windows_off: how far the beacon's clock is from the stated time, in rotations.
    """

    known_as: str
    temporary_key: str
    windows_off: int


class OpenedTlm(EddystoneTlm, frozen=True, kw_only=True, tag="eddystone_tlm"):
    """Telemetry that was encrypted."""

    tlm_plaintext: str
    windows_off: int


class Rotation(NamedTuple):
    """A beacon's key and the time on its clock.

    Attributes:
        secret: the identity key; None where only a temporary one is known.
    """

    secret: bytes | None
    temporary: bytes
    exponent: int
    beacon_s: int

    def sends(self) -> bytes:
        """The identifier at the stated time."""
        return eid(self.temporary, self.exponent, self.beacon_s)


def rotation(line: Line) -> Rotation | None:
    """The beacon that a line's keys describe; None without them.

    Raises:
        BadLine: a key without exponent or time, or no key at all.
    """
    if line.identity_key is None and line.temporary_key is None:
        return None
    if line.rotation_exponent is None or line.beacon_time_s is None:
        msg = "a key of a beacon needs rotation_exponent and beacon_time_s"
        raise BadLine(msg)
    if line.identity_key is None:
        temporary, secret = key("temporary_key", line.temporary_key or ""), None
    else:
        secret = key("identity_key", line.identity_key)
        temporary = temporary_key(secret, line.beacon_time_s)
    return Rotation(secret, temporary, line.rotation_exponent, line.beacon_time_s)


def opened(frame: Frame, beacon: Rotation) -> Frame:
    """The frame with what the key tells of it; the same where it is not this beacon's."""
    if beacon.secret is None:
        return frame
    window = beacon.beacon_s >> beacon.exponent
    for off in WINDOWS:
        found = _tried(frame, beacon, beacon.secret, window, off) if window + off >= 0 else None
        if found is not None:
            return found
    return frame


def resolves(line: Line) -> bool | None:
    """Whether the line's key made its address; None where one of them is missing."""
    if line.irk is None or line.address is None:
        return None
    resolver, address = Resolver(key("irk", line.irk)), octets(line.address)
    return address is not None and resolver.made(address)


def _tried(frame: Frame, beacon: Rotation, secret: bytes, window: int, off: int) -> Frame | None:
    start = (window + off) << beacon.exponent
    if isinstance(frame, EddystoneEid):
        temporary = temporary_key(secret, start)
        if eid(temporary, beacon.exponent, start).hex() != frame.eid:
            return None
        return ResolvedEid(
            frame.tx_power_0m,
            frame.eid,
            known_as=key_identity("eid", secret),
            temporary_key=temporary.hex(),
            windows_off=off,
        )
    if isinstance(frame, EddystoneEtlm):
        plain = plaintext(frame, secret, beacon.exponent, window + off)
        return None if plain is None else _opened_tlm(telemetry(plain), plain, off)
    return None


def _opened_tlm(told: EddystoneTlm, plain: bytes, off: int) -> OpenedTlm:
    return OpenedTlm(
        told.version,
        told.battery_mv,
        told.temperature_c,
        told.adv_count,
        told.uptime_s,
        tlm_plaintext=plain.hex(),
        windows_off=off,
    )
