"""Raw advertising data to the parts that beacon formats live in.

Source: Bluetooth Core Specification, Vol 3 Part C section 11, and its Supplement Part A for the
types. Dirty data is taken as the library bluetooth-data-tools takes it (its vectors are ours): a
structure that ends beyond the data, or is too short for its type, is skipped. Unlike the library,
a part that comes twice is kept (`Advert.overwritten`).
"""

from collections.abc import Iterator

import msgspec

from device_profiles.beacons.frame import Advert

MANUFACTURER_DATA = 0xFF
SERVICE_DATA_16 = 0x16
SERVICE_DATA_32 = 0x20
SERVICE_DATA_128 = 0x21

TX_POWER = 0x0A
SHORT_NAME = 0x08
COMPLETE_NAME = 0x09
SERVICE_UUIDS = {0x02: 2, 0x03: 2, 0x04: 4, 0x05: 4, 0x06: 16, 0x07: 16}
"""Bytes of each UUID in a list, some or all of the services."""

COMPANY_LENGTH = 2
UUID_LENGTH = {SERVICE_DATA_16: 2, SERVICE_DATA_32: 4, SERVICE_DATA_128: 16}

UUID_DIGITS = {2 * width for width in UUID_LENGTH.values()}
FULL_UUID_DIGITS = max(UUID_DIGITS)
HEX_DIGITS = frozenset("0123456789abcdef")

BASE_UUID = "-0000-1000-8000-00805f9b34fb"


def parse_ad(raw: bytes, *, address: str | None = None, bindkey: bytes | None = None) -> Advert:
    """The manufacturer and service data in `raw`: AD structures of one packet, or of several."""
    manufacturer: dict[int, bytes] = {}
    service: dict[str, bytes] = {}
    overwritten: list[Advert] = []
    for kind, body in _structures(raw):
        if kind == MANUFACTURER_DATA and len(body) >= COMPANY_LENGTH:
            company, payload = int.from_bytes(body[:2], "little"), body[COMPANY_LENGTH:]
            if manufacturer.get(company, payload) != payload:
                overwritten.append(Advert({company: manufacturer[company]}))
            manufacturer[company] = payload
        elif (width := UUID_LENGTH.get(kind, len(body) + 1)) <= len(body):
            uuid, payload = full_uuid(body[:width][::-1].hex()), body[width:]
            if service.get(uuid, payload) != payload:
                overwritten.append(Advert({}, {uuid: service[uuid]}, address, bindkey))
            service[uuid] = payload
    return Advert(manufacturer, service, address, bindkey, tuple(overwritten))


class Outline(msgspec.Struct, frozen=True):
    """The parts of an advertisement as the field names them; bytes as hex."""

    local_name: str | None
    service_uuids: list[str]
    service_data: dict[str, str]
    manufacturer_data: dict[str, str]
    tx_power: int | None


def outline(raw: bytes) -> Outline:
    """All parts of `raw`, for a reader; a part that comes twice is shown as it came last."""
    name: str | None = None
    power: int | None = None
    uuids: list[str] = []
    for kind, body in _structures(raw):
        if body and (kind == COMPLETE_NAME or (kind == SHORT_NAME and name is None)):
            name = body.decode("utf-8", "replace")
        elif kind == TX_POWER and len(body) == 1:
            power = int.from_bytes(body, signed=True)
        elif (width := SERVICE_UUIDS.get(kind)) is not None:
            uuids += _uuids(body, width)
    advert = parse_ad(raw)
    return Outline(
        name,
        uuids,
        {uuid: payload.hex() for uuid, payload in advert.service_data.items()},
        {str(company): payload.hex() for company, payload in advert.manufacturer_data.items()},
        power,
    )


def full_uuid(text: str) -> str:
    """A UUID of 16, 32 or 128 bits in hex, with or without dashes or 0x, in its 128-bit form.

    Raises:
        ValueError: it is none of these.
    """
    digits = text.lower().removeprefix("0x").replace("-", "")
    if len(digits) not in UUID_DIGITS or not HEX_DIGITS.issuperset(digits):
        msg = "no UUID of 16, 32 or 128 bits"
        raise ValueError(msg)
    if len(digits) < FULL_UUID_DIGITS:
        return digits.zfill(8) + BASE_UUID
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _uuids(body: bytes, width: int) -> Iterator[str]:
    for start in range(0, len(body) - width + 1, width):
        yield full_uuid(body[start : start + width][::-1].hex())


def _structures(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Each whole structure's type and body; zero bytes between structures are padding."""
    position = 0
    while position + 1 < len(raw):
        end = position + 1 + raw[position]
        if position + 1 < end <= len(raw):
            yield raw[position + 1], raw[position + 2 : end]
        position = end
