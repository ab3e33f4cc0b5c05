"""OpenMQTTGateway and Theengs Gateway: one sighting per MQTT message, as JSON.

Sources: docs.openmqttgateway.com ("BLE gateway"), gateway.theengs.io, decoder.theengs.io; shapes
as met in the field (`tests/device_profiles/receivers`). Their distances are not believed.
"""

from itertools import pairwise
from typing import Annotated, Final

import msgspec

from device_profiles.beacons import Advert, IBeacon, examine, full_uuid, ignored_reason
from device_profiles.receivers.report import (
    Liveness,
    NoReport,
    Report,
    address_of,
    checked_rssi,
    read_json,
    spoken,
)

REPORTS: Final = frozenset({"BTtoMQTT", "presence"})
"""Topic levels that follow the gateway's name where it reports devices."""

COMPANY_LENGTH = 2
UUID = r"^(?:[0-9a-fA-F]-?){31}[0-9a-fA-F]$"


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
    unixtime: float | None = None


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
    message = read_json(_MESSAGE, payload)
    if message.presence == "absent":
        reason = "device absent"
        raise NoReport(reason)
    rssi = checked_rssi(message.rssi)
    address = address_of(message.mac) or address_of(message.id)
    advert = _advert(message, address)
    frames = examine(advert).frames
    if not frames and message.model_id == "IBEACON":
        frames = (_ibeacon(payload),)
    return Report(
        kind="omg",
        receiver=gateway,
        address=address,
        rssi=rssi,
        frames=frames,
        ignored=None if frames else ignored_reason(advert),
        sent_s=message.unixtime,
    )


def liveness(topic: str, payload: bytes) -> Liveness | None:
    """Whether a gateway came or went, by its ``LWT``; None for any other message."""
    _, _, rest = topic.partition("/")
    gateway, _, last = rest.rpartition("/")
    online = spoken(payload)
    if last != "LWT" or not gateway or online is None:
        return None
    return Liveness(kind="omg", receiver=gateway.rpartition("/")[2], online=online)


def _gateway(topic: str) -> str:
    levels = topic.split("/")
    for name, kind in pairwise(levels):
        if kind in REPORTS and name:
            return name
    reason = "other topic"
    raise NoReport(reason)


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
