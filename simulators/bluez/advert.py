"""An advertisement on the air, and its AD structures as bluetoothd reads them.

Source: Core Specification Supplement, part A, section 1; Assigned Numbers 2.3 (AD types). As in
BlueZ's `eir_parse`, a zero length ends the data and a structure longer than what is left ends it
too, without an error; what was read before counts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

LOWEST_RSSI, HIGHEST_RSSI = -127, 20
"""dBm a controller may report (Core 5.4, vol 4 part E, 7.7.65.2); 127 means "not available"."""

MAX_AD_BYTES = 1650
"""The longest chained extended advertisement (Core 5.4, vol 4 part E, 7.8.54)."""

PARSED_PAYLOADS = 4096
"""Payloads remembered by their bytes: two for each of the 2,000 transmitters of a large mall."""

_ADDRESS = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2}){5}")
_BASE_UUID = "-0000-1000-8000-00805f9b34fb"

_UUID_LISTS = {0x02: 2, 0x03: 2, 0x04: 4, 0x05: 4, 0x06: 16, 0x07: 16}
_SERVICE_DATA = {0x16: 2, 0x20: 4, 0x21: 16}
_NAMES = (0x08, 0x09)
_TX_POWER = 0x0A
_MANUFACTURER_DATA = 0xFF


class MalformedAdvert(Exception):
    """An advert that no radio could have sent or reported; its text says why."""


@dataclass(frozen=True, slots=True)
class Advert:
    """One advertisement as one antenna receives it.

    Attributes:
        address: upper case with colons.
        rssi: dBm at the receiving adapter, -127 to 20.
        ad: the raw AD structures, advertising data and scan response together.
        connectable: a non-connectable device is forgotten as soon as the last scan stops.
        answered: whether a scan response is in `ad`, if `connectable`; without one the kernel
            holds the advert back while it scans actively, until it hears another transmitter.
        random_address: whether BlueZ says AddressType "random".
    """

    address: str
    rssi: int
    ad: bytes
    connectable: bool = False
    answered: bool = True
    random_address: bool = True

    def __post_init__(self) -> None:
        if not _ADDRESS.fullmatch(self.address):
            text = "an address is six upper-case hex pairs with colons"
            raise MalformedAdvert(text)
        if not LOWEST_RSSI <= self.rssi <= HIGHEST_RSSI:
            text = f"an RSSI of {self.rssi} dBm; {LOWEST_RSSI} to {HIGHEST_RSSI} can be reported"
            raise MalformedAdvert(text)
        if len(self.ad) > MAX_AD_BYTES:
            text = f"{len(self.ad)} bytes of AD structures; {MAX_AD_BYTES} fit"
            raise MalformedAdvert(text)


@dataclass(frozen=True)
class Payload:
    """The AD structures by meaning; shared between adverts, so never changed.

    Attributes:
        uuids: service UUIDs, 128 bits, lower case.
        manufacturer_data: by company id.
        service_data: by 128-bit UUID.
        tx_power: dBm as advertised.
    """

    name: str | None = None
    tx_power: int | None = None
    uuids: tuple[str, ...] = ()
    manufacturer_data: dict[int, bytes] = field(default_factory=dict)
    service_data: dict[str, bytes] = field(default_factory=dict)


@lru_cache(maxsize=PARSED_PAYLOADS)
def parse(ad: bytes) -> Payload:
    """The meaning of the AD structures in `ad`; unknown types and bad lengths are passed over."""
    name, tx_power = None, None
    uuids: dict[str, None] = {}
    manufacturer_data: dict[int, bytes] = {}
    service_data: dict[str, bytes] = {}
    for kind, data in structures(ad):
        if kind in _NAMES:
            name = data.split(b"\0")[0].decode("utf-8", "replace") or name
        elif kind == _TX_POWER and len(data) == 1:
            tx_power = int.from_bytes(data, signed=True)
        elif width := _UUID_LISTS.get(kind):
            uuids.update(dict.fromkeys(_uuids(data, width)))
        elif (width := _SERVICE_DATA.get(kind)) and len(data) >= width:
            service_data[_uuid(data[:width])] = data[width:]
        elif kind == _MANUFACTURER_DATA and len(data) >= 2:  # noqa: PLR2004 - the company id
            manufacturer_data[int.from_bytes(data[:2], "little")] = data[2:]
    return Payload(name, tx_power, tuple(uuids), manufacturer_data, service_data)


def structures(ad: bytes) -> Iterator[tuple[int, bytes]]:
    """AD type and data of each structure."""
    at = 0
    while at + 1 < len(ad) and ad[at] and at + 1 + ad[at] <= len(ad):
        end = at + 1 + ad[at]
        yield ad[at + 1], ad[at + 2 : end]
        at = end


def _uuids(data: bytes, width: int) -> Iterator[str]:
    for at in range(0, len(data) - width + 1, width):
        yield _uuid(data[at : at + width])


def _uuid(little_endian: bytes) -> str:
    """The 128-bit form of a UUID of 2, 4 or 16 bytes."""
    digits = little_endian[::-1].hex()
    if len(digits) < 32:  # noqa: PLR2004 - 16 bytes are the whole UUID
        return digits.zfill(8) + _BASE_UUID
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
