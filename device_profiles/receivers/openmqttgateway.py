"""OpenMQTTGateway and Theengs Gateway: one sighting per MQTT message, as JSON.

Sources: docs.openmqttgateway.com ("BLE gateway"), gateway.theengs.io, decoder.theengs.io; shapes
as met in the field (`tests/device_profiles/receivers`). Their distances are not believed.
"""

from itertools import pairwise
from typing import Annotated, Final

import msgspec

from device_profiles.beacons import Advert, Frame, IBeacon, examine, full_uuid, ignored_reason

LONGEST_PAYLOAD = 4096
"""Bytes. The gateways' own MQTT buffer is 1,024 by default, a few times that when configured."""

REPORTS: Final = frozenset({"BTtoMQTT", "presence"})
"""Topic levels that follow the gateway's name where it reports devices."""

RSSI_RANGE = range(-126, 1)
"""dBm; 127 is the controller's "not available", and above 0 is a defect of the receiver."""

ADDRESS_DIGITS = 12
COMPANY_LENGTH = 2
UUID = r"^(?:[0-9a-fA-F]-?){31}[0-9a-fA-F]$"


class Report(msgspec.Struct, frozen=True):
    """What one gateway heard once.

    Attributes:
        gateway: the gateway's own name, from the topic.
        address: upper case with colons; None where it reports a device by another name.
        rssi: dBm, -126 to 0.
        frames: the beacon frames; empty for a device that is no beacon.
        ignored: why `frames` is empty, in words to count by; None where it is not.
    """

    gateway: str
    address: str | None
    rssi: int
    frames: tuple[Frame, ...]
    ignored: str | None


class NoReport(Exception):
    """A message that reports no sighting, or not one that can be read.

    Attributes:
        reason: one of few, to count by; it names no device.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Message(msgspec.Struct, frozen=True):
    """The fields that matter, by the gateways' own names."""

    id: str | None = None
    mac: str | None = None
    rssi: int | None = None
    presence: object = None
    manufacturerdata: str | None = None
    servicedata: str | None = None
    servicedatauuid: str | None = None
    model_id: str | None = None


_Number = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)]
_Power = Annotated[int, msgspec.Meta(ge=-128, le=127)]


class _IBeacon(msgspec.Struct, frozen=True):
    """The gateway's own decode of an iBeacon."""

    uuid: Annotated[str, msgspec.Meta(pattern=UUID)]
    major: _Number
    minor: _Number
    txpower: _Power = 0


def parse(topic: str, payload: bytes) -> Report:
    """The sighting in one message of a gateway, from the raw parts where it sends them.

    Raises:
        NoReport: there is none, or its fields are not what they should be.
    """
    gateway = _gateway(topic)
    message = _message(payload)
    if message.presence == "absent":
        reason = "device absent"
        raise NoReport(reason)
    if message.rssi is None:
        reason = "no rssi"
        raise NoReport(reason)
    if message.rssi not in RSSI_RANGE:
        reason = "impossible rssi"
        raise NoReport(reason)
    address = _address(message.mac) or _address(message.id)
    advert = _advert(message, address)
    frames = examine(advert).frames
    if not frames and message.model_id == "IBEACON":
        frames = (_ibeacon(payload),)
    ignored = None if frames else ignored_reason(advert)
    return Report(gateway, address, message.rssi, frames, ignored)


def _gateway(topic: str) -> str:
    levels = topic.split("/")
    for name, kind in pairwise(levels):
        if kind in REPORTS and name:
            return name
    reason = "other topic"
    raise NoReport(reason)


def _message(payload: bytes) -> _Message:
    if len(payload) > LONGEST_PAYLOAD:
        reason = "too long"
        raise NoReport(reason)
    try:
        return _MESSAGE.decode(payload)
    except msgspec.ValidationError as err:
        reason = "wrong field type"
        raise NoReport(reason) from err
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as err:
        reason = "not JSON"
        raise NoReport(reason) from err


_MESSAGE = msgspec.json.Decoder(_Message)


def _advert(message: _Message, address: str | None) -> Advert:
    manufacturer = _hex("manufacturerdata", message.manufacturerdata)
    service = _hex("servicedata", message.servicedata)
    company = int.from_bytes(manufacturer[:COMPANY_LENGTH], "little")
    return Advert(
        manufacturer_data={company: manufacturer[COMPANY_LENGTH:]} if manufacturer else {},
        service_data={_service(message.servicedatauuid): service} if service else {},
        address=address,
    )


def _hex(field: str, text: str | None) -> bytes:
    try:
        return bytes.fromhex(text or "")
    except ValueError as err:
        reason = f"{field} not hex"
        raise NoReport(reason) from err


def _service(text: str | None) -> str:
    try:
        return full_uuid(text or "")
    except ValueError as err:
        reason = "servicedatauuid not a uuid"
        raise NoReport(reason) from err


def _ibeacon(payload: bytes) -> IBeacon:
    try:
        told = _IBEACON.decode(payload)
    except msgspec.ValidationError as err:
        reason = "incomplete ibeacon"
        raise NoReport(reason) from err
    return IBeacon(full_uuid(told.uuid), told.major, told.minor, told.txpower)


_IBEACON = msgspec.json.Decoder(_IBeacon)


def _address(text: str | None) -> str | None:
    """A radio address with or without separators, in one form; None for any other name."""
    digits = (text or "").replace(":", "").replace("-", "").upper()
    if len(digits) != ADDRESS_DIGITS or not set(digits) <= set("0123456789ABCDEF"):
        return None
    return ":".join(digits[place : place + 2] for place in range(0, ADDRESS_DIGITS, 2))
