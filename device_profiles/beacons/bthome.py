"""BTHome v2: a sensor's readings as service data under 0xFCD2, little-endian.

Source: bthome.io/format and bthome.io/encryption; field names and rounding as the library
bthome-ble 3.25 gives them.
"""

from functools import lru_cache
from typing import Annotated, ClassVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from device_profiles.beacons.address import ADDRESS_LENGTH, octets
from device_profiles.beacons.bthome_objects import Event, Value, parse
from device_profiles.beacons.frame import Advert, Frame, MalformedAdvert

SERVICE = "0000fcd2-0000-1000-8000-00805f9b34fb"
VERSION = 2

ENCRYPTED = 1 << 0
ADDRESS_INCLUDED = 1 << 1
TRIGGER_BASED = 1 << 2
VERSION_SHIFT = 5

KEY_LENGTH = 16
COUNTER_LENGTH = 4
TAG_LENGTH = 4

SERVICE_IN_NONCE = b"\xd2\xfc"

Sealed = Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{2}){10,255}$")]
"""Hex of info byte, at least one of ciphertext, counter and tag."""


class BTHome(Frame, frozen=True, tag="bthome_v2"):
    """One sensor advertisement.

    Attributes:
        supported: False for a version other than 2, which is not read further.
        bthome_version: 2, or 0 for any other.
        trigger_based: the sensor sends on events, not at an interval.
        decrypted: None where nothing was encrypted; False without the right key and address.
        encryption_counter: of a message that was decrypted; `replay` judges it.
        sealed: the payload in hex, where it was not decrypted.
        downgrade_rejected: plain text from a device whose key is known is not believed.
        measurements: values by kind; kinds that come twice are numbered (``temperature_1``).
        binary: states by kind, numbered alike.
        events: what was pressed or turned, by device, numbered alike.
    """

    FORMAT: ClassVar[str] = "bthome_v2"

    supported: bool
    bthome_version: int
    encrypted: bool
    trigger_based: bool
    decrypted: bool | None
    downgrade_rejected: bool
    measurements: dict[str, Value]
    binary: dict[str, bool]
    events: dict[str, Event]
    encryption_counter: int | None = None
    sealed: Sealed | None = None


def read(payload: bytes, advert: Advert) -> BTHome:
    """The frame in 0xFCD2's service data, decrypted where the advertisement brings the key."""
    if not payload:
        raise MalformedAdvert(BTHome.FORMAT, "empty")
    info = payload[0]
    supported = info >> VERSION_SHIFT == VERSION
    encrypted = bool(info & ENCRYPTED)
    downgrade = not encrypted and advert.bindkey is not None
    objects = None
    if supported and not downgrade:
        objects = _decrypt(payload, advert) if encrypted else payload[_body_start(info) :]
    readings = parse(objects or b"")
    counter = None
    if encrypted and objects is not None:
        counter = int.from_bytes(_counter(payload), "little")
    return BTHome(
        supported=supported,
        bthome_version=VERSION if supported else 0,
        encrypted=encrypted,
        trigger_based=bool(info & TRIGGER_BASED),
        decrypted=objects is not None if encrypted else None,
        downgrade_rejected=downgrade,
        measurements=readings.measurements,
        binary=readings.binary,
        events=readings.events,
        encryption_counter=counter,
        sealed=payload.hex() if encrypted and objects is None else None,
    )


def opened(frame: BTHome, address: str, bindkey: bytes) -> BTHome:
    """A frame that was read without its key, now with it; a plain one is not believed then.

    One whose sealed part cannot be a payload stays as it is.
    """
    if frame.sealed is not None:
        try:
            return read(bytes.fromhex(frame.sealed), Advert(address=address, bindkey=bindkey))
        except MalformedAdvert:
            return frame
    if frame.encrypted:
        return frame
    return msgspec.structs.replace(
        frame, downgrade_rejected=True, measurements={}, binary={}, events={}
    )


def _body_start(info: int) -> int:
    return 1 + ADDRESS_LENGTH if info & ADDRESS_INCLUDED else 1


def _decrypt(payload: bytes, advert: Advert) -> bytes | None:
    """The objects of an encrypted payload; None without its key, or with a wrong one."""
    start = _body_start(payload[0])
    sealed = payload[start : -COUNTER_LENGTH - TAG_LENGTH]
    if not sealed:
        raise MalformedAdvert(BTHome.FORMAT, f"encrypted, and only {len(payload)} bytes")
    address = payload[1:start][::-1] or octets(advert.address)
    if address is None or advert.bindkey is None or len(advert.bindkey) != KEY_LENGTH:
        return None
    nonce = address + SERVICE_IN_NONCE + payload[:1] + _counter(payload)
    try:
        return _cipher(advert.bindkey).decrypt(nonce, sealed + payload[-TAG_LENGTH:], None)
    except InvalidTag:
        return None


def _counter(payload: bytes) -> bytes:
    return payload[-COUNTER_LENGTH - TAG_LENGTH : -TAG_LENGTH]


@lru_cache(maxsize=256)  # a store has tens of keyed sensors; the key schedule costs 3 us
def _cipher(key: bytes) -> AESCCM:
    return AESCCM(key, tag_length=TAG_LENGTH)
