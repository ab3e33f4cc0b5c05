"""One line in: an advertisement as some receiver heard it, or a message of a receiver.

The fields are those of the public vectors (`tests/data/ble_vectors`); hex where bytes are meant.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from device_profiles.beacons import Advert, full_uuid, parse_ad
from device_profiles.beacons.eid import KEY_LENGTH, LONGEST_ROTATION

LONGEST_LINE = 64 * 1024
"""Bytes of one line. An extended advertisement of 1,650 bytes is 3,300 hex digits; a line twenty
times that is a mistake, and must not be read into memory whole."""


class Line(msgspec.Struct, frozen=True):
    """What a line may hold.

    Attributes:
        raw_adv: the advertising data as sent; where it is given, the parts are not looked at.
        t: seconds on any clock; tells repeats from late messages among `steps`.
        identity_key, rotation_exponent, beacon_time_s: of an Eddystone-EID beacon; the time is
            the beacon's own clock.
        temporary_key: of such a beacon, where the identity key is not known.
        irk: the key that may have made `address`.
        steps: messages of one BTHome sensor, in order.
        topic, payload: a message of a receiver; the payload as text or as JSON.
    """

    manufacturer_data: dict[Annotated[int, Meta(ge=0, le=0xFFFF)], str] | None = None
    service_data: dict[str, str] | None = None
    raw_adv: str | None = None
    address: str | None = None
    rssi: float | None = None
    t: float = 0.0
    bindkey: str | None = None
    identity_key: str | None = None
    temporary_key: str | None = None
    rotation_exponent: Annotated[int, Meta(ge=0, le=LONGEST_ROTATION)] | None = None
    beacon_time_s: Annotated[int, Meta(ge=0, lt=1 << 32)] | None = None
    irk: str | None = None
    steps: "list[Line] | None" = None
    topic: str | None = None
    payload: msgspec.Raw = msgspec.Raw(b"null")


class BadLine(Exception):
    """A line that cannot be read; its text says why."""


def read(line: bytes) -> Line:
    """The fields of one line; raises `BadLine`."""
    if len(line) > LONGEST_LINE:
        msg = f"line longer than {LONGEST_LINE} bytes"
        raise BadLine(msg)
    if not line.strip():
        msg = "empty line"
        raise BadLine(msg)
    try:
        return _LINE.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as err:
        raise BadLine(str(err)) from err


_LINE = msgspec.json.Decoder(Line)


def advert(line: Line) -> Advert:
    """The advertisement in a line; raises `BadLine`."""
    bindkey = None if line.bindkey is None else octets("bindkey", line.bindkey)
    if line.raw_adv is not None:
        raw = octets("raw_adv", line.raw_adv)
        return parse_ad(raw, address=line.address, bindkey=bindkey)
    return Advert(
        manufacturer_data={
            company: octets("manufacturer_data", text)
            for company, text in (line.manufacturer_data or {}).items()
        },
        service_data={
            _uuid(uuid): octets("service_data", text)
            for uuid, text in (line.service_data or {}).items()
        },
        address=line.address,
        bindkey=bindkey,
    )


def key(field: str, text: str) -> bytes:
    """A key of 16 bytes; raises `BadLine`."""
    raw = octets(field, text)
    if len(raw) != KEY_LENGTH:
        msg = f"{field}: {len(raw)} bytes, {KEY_LENGTH} needed"
        raise BadLine(msg)
    return raw


def octets(field: str, text: str) -> bytes:
    """Bytes from hex; raises `BadLine`."""
    try:
        return bytes.fromhex(text)
    except ValueError as err:
        msg = f"{field}: not hex"
        raise BadLine(msg) from err


def payload(line: Line) -> bytes:
    """A message's payload: the text of a JSON string, or the JSON itself."""
    try:
        return msgspec.json.decode(line.payload, type=str).encode()
    except (msgspec.MsgspecError, UnicodeError):
        return bytes(line.payload)


def _uuid(text: str) -> str:
    try:
        return full_uuid(text)
    except ValueError as err:
        msg = f"service_data: {err}"
        raise BadLine(msg) from err
