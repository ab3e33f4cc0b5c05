"""Eddystone: service data under 0xFEAA, big-endian, told apart by its first byte.

Source: google/eddystone, `protocol-specification.md` and the directories of its frames.
0xFEAA is shared: Find Hub tags and a vendor's sensors use it too, and are not Eddystone.
"""

import struct
from collections.abc import Callable, Mapping
from typing import ClassVar

from typing_extensions import override

from device_profiles.beacons.frame import (
    Advert,
    Frame,
    MalformedAdvert,
    Number16,
    Octets2,
    Octets6,
    Octets8,
    Octets10,
    Octets12,
)

SERVICE = "0000feaa-0000-1000-8000-00805f9b34fb"

FAMILY = "eddystone"
"""The format to blame when the first byte names none of the family."""

FOREIGN: Mapping[int, str] = {0x21: "vendor frame", 0x40: "find hub tag", 0x41: "find hub tag"}
"""First bytes of others under the same service, and what they are."""

LOSS_0M_TO_1M = 41
"""dB that a signal loses over the first metre, as the Eddystone specification counts."""

UID_LENGTH = 18  # without the two reserved bytes, which some firmware leaves out
EID_LENGTH = 10
TLM_LENGTH = 14
ETLM_LENGTH = 18
URL_HEADER = 3

NO_TEMPERATURE = -0x8000

SCHEMES = ("http://www.", "https://www.", "http://", "https://")
EXPANSIONS = tuple(
    f".{domain}{slash}"
    for slash in ("/", "")
    for domain in ("com", "org", "edu", "net", "info", "biz", "gov")
)
PRINTABLE = range(0x21, 0x7F)


class _Powered(Frame, frozen=True):
    """A frame that states its transmit power.

    Attributes:
        tx_power_0m: dBm at 0 m.
    """

    tx_power_0m: int

    @property
    @override
    def power_1m(self) -> int:
        return self.tx_power_0m - LOSS_0M_TO_1M


class EddystoneUid(_Powered, frozen=True, tag="eddystone_uid"):
    """A fixed identifier: namespace of 10 bytes, instance of 6, both as hex."""

    FORMAT: ClassVar[str] = "eddystone_uid"

    namespace: Octets10
    instance: Octets6

    @property
    @override
    def identity(self) -> str:
        return f"eddystone:{self.namespace}:{self.instance}"


class EddystoneUrl(_Powered, frozen=True, tag="eddystone_url"):
    """A web address, expanded."""

    FORMAT: ClassVar[str] = "eddystone_url"

    url: str


class EddystoneEid(_Powered, frozen=True, tag="eddystone_eid"):
    """A rotating identifier of 8 bytes as hex; only the holder of the identity key knows whose."""

    FORMAT: ClassVar[str] = "eddystone_eid"

    eid: Octets8


class EddystoneTlm(Frame, frozen=True, tag="eddystone_tlm"):
    """The beacon's own health.

    Attributes:
        battery_mv: None for a beacon without a battery.
        temperature_c: None where it has no sensor.
        adv_count: frames sent since power-up.
        uptime_s: since power-up, in steps of 0.1 s.
    """

    FORMAT: ClassVar[str] = "eddystone_tlm"

    version: int
    battery_mv: Number16 | None
    temperature_c: float | None
    adv_count: int
    uptime_s: float


class EddystoneEtlm(Frame, frozen=True, tag="eddystone_etlm"):
    """The same, encrypted (AES-EAX under the identity key); all parts as hex."""

    FORMAT: ClassVar[str] = "eddystone_etlm"

    version: int
    ciphertext: Octets12
    salt: Octets2
    mic: Octets2


_TLM = struct.Struct(">xxHhII")
_ETLM = struct.Struct(">xx12s2s2s")


def read(payload: bytes, advert: Advert) -> Frame | None:
    """The frame in 0xFEAA's service data; None for what others send there."""
    if not payload:
        raise MalformedAdvert(FAMILY, "empty")
    if payload[0] in FOREIGN:
        return None
    if (reader := _READERS.get(payload[0])) is None:
        raise MalformedAdvert(FAMILY, f"unknown frame type 0x{payload[0]:02x}")
    return reader(payload)


def _uid(payload: bytes) -> EddystoneUid:
    _require(EddystoneUid, payload, UID_LENGTH)
    return EddystoneUid(_power(payload), payload[2:12].hex(), payload[12:18].hex())


def _eid(payload: bytes) -> EddystoneEid:
    _require(EddystoneEid, payload, EID_LENGTH)
    return EddystoneEid(_power(payload), payload[2:10].hex())


def _url(payload: bytes) -> EddystoneUrl:
    _require(EddystoneUrl, payload, URL_HEADER + 1)
    if payload[2] >= len(SCHEMES):
        raise MalformedAdvert(EddystoneUrl.FORMAT, "unknown scheme prefix")
    body = "".join(map(_expand, payload[URL_HEADER:]))
    return EddystoneUrl(_power(payload), SCHEMES[payload[2]] + body)


def _expand(code: int) -> str:
    if code < len(EXPANSIONS):
        return EXPANSIONS[code]
    if code not in PRINTABLE:
        raise MalformedAdvert(EddystoneUrl.FORMAT, "octet reserved for future use")
    return chr(code)


def _telemetry(payload: bytes) -> EddystoneTlm | EddystoneEtlm:
    _require(EddystoneTlm, payload, 2)
    version = payload[1]
    if version == 0:
        return plain_telemetry(payload)
    if version == 1:
        _require(EddystoneEtlm, payload, ETLM_LENGTH)
        return EddystoneEtlm(version, *(part.hex() for part in _ETLM.unpack_from(payload)))
    raise MalformedAdvert(EddystoneTlm.FORMAT, f"unknown version {version}")


def plain_telemetry(payload: bytes) -> EddystoneTlm:
    """Unencrypted telemetry, its two bytes of header included."""
    _require(EddystoneTlm, payload, TLM_LENGTH)
    millivolts, temperature, count, tenths = _TLM.unpack_from(payload)
    return EddystoneTlm(
        version=0,
        battery_mv=millivolts or None,
        temperature_c=None if temperature == NO_TEMPERATURE else temperature / 256,
        adv_count=count,
        uptime_s=tenths / 10,
    )


def _power(payload: bytes) -> int:
    return int.from_bytes(payload[1:2], "big", signed=True)


def _require(frame: type[Frame], payload: bytes, length: int) -> None:
    if len(payload) < length:
        raise MalformedAdvert(frame.FORMAT, f"{len(payload)} bytes, {length} needed")


_READERS: Mapping[int, Callable[[bytes], Frame]] = {
    0x00: _uid,
    0x10: _url,
    0x20: _telemetry,
    0x30: _eid,
}
