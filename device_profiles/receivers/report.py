"""What a radio of another maker tells: a sighting, or whether it is there; or why neither."""

from typing import ClassVar, Final, Literal, TypeVar

import msgspec
from typing_extensions import override

from device_profiles.beacons import Frame

Kind = Literal["omg", "espresense"]
"""The `kind` of such a receiver in `store.toml`; names are unique within one kind only."""

LONGEST_PAYLOAD: Final = 4096
"""Bytes. The gateways' own MQTT buffer is 1,024 by default, a few times that when configured."""

WEAKEST_RSSI: Final = -126
"""dBm; 127 is the controller's "not available", -127 its silence, above 0 a defect."""

ADDRESS_DIGITS = 12


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What one receiver heard once.

    Attributes:
        receiver: its own name, from the topic.
        address: upper case with colons; None where it reports a device by another name.
        rssi: dBm, -126 to 0; a whole number from who measures, a mean from who filters.
        frames: the beacon frames; empty for a device that is no beacon.
        ignored: why `frames` is empty, in words to count by; None where it is not.
        sent_s: seconds since 1970 on the receiver's clock when it sent this; None: not said.
    """

    kind: Kind
    receiver: str
    address: str | None
    rssi: float
    frames: tuple[Frame, ...]
    ignored: str | None = None
    sent_s: float | None = None


class Named(Frame, frozen=True, tag="named"):
    """A beacon that the receiver decoded by itself, of which it passes on only the name.

    Attributes:
        name: the beacon's canonical identity.
        power: dBm at 1 m as the receiver reports it; None where it does not.
    """

    FORMAT: ClassVar[str] = "named"

    name: str
    power: int | None = None

    @property
    @override
    def identity(self) -> str:
        return self.name

    @property
    @override
    def power_1m(self) -> int | None:
        return self.power


class Liveness(msgspec.Struct, frozen=True, kw_only=True):
    """A receiver came or went, by its own word or by its Last Will."""

    kind: Kind
    receiver: str
    online: bool


class NoReport(Exception):
    """A message that reports no sighting, or not one that can be read.

    Attributes:
        reason: one of few, to count by; it names no device and carries no part of the message.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


T = TypeVar("T")


def read_json(decoder: "msgspec.json.Decoder[T]", payload: bytes) -> T:
    """The message in a payload, as `decoder` wants it; raises `NoReport`."""
    if len(payload) > LONGEST_PAYLOAD:
        reason = "too long"
        raise NoReport(reason)
    try:
        return decoder.decode(payload)
    except msgspec.ValidationError:
        reason = "wrong field type"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        reason = "not JSON"
    raise NoReport(reason)


def checked_rssi(rssi: float | None) -> float:
    """An RSSI that a radio can have measured; raises `NoReport`."""
    if rssi is None:
        reason = "no rssi"
        raise NoReport(reason)
    if not WEAKEST_RSSI <= rssi <= 0:
        reason = "impossible rssi"
        raise NoReport(reason)
    return rssi


def address_of(text: str | None) -> str | None:
    """A radio address with or without separators, in one form; None for any other name."""
    digits = (text or "").replace(":", "").replace("-", "").upper()
    if len(digits) != ADDRESS_DIGITS or not set(digits) <= set("0123456789ABCDEF"):
        return None
    return ":".join(digits[place : place + 2] for place in range(0, ADDRESS_DIGITS, 2))


def spoken(payload: bytes) -> bool | None:
    """What a status topic says: online, offline, or neither."""
    return {b"online": True, b"offline": False}.get(payload)
