"""What an advertisement carries into a decoder and what comes out."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

import msgspec

Octets2 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{4}$")]
Octets6 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{12}$")]
Octets8 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]
Octets10 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{20}$")]
Octets12 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{24}$")]
Octets20 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{40}$")]
"""So many bytes as hex. A frame that another gateway decoded is held to it where it is read."""

Number16 = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)]


class Advert(msgspec.Struct, frozen=True):
    """The parts of one advertisement that a beacon format can live in.

    Attributes:
        manufacturer_data: payload by company id, the id's two bytes already taken off.
        service_data: payload by service UUID, 128 bit, lower case, with dashes.
        address: the radio address with colons, where the receiver knows it.
        bindkey: the 16-byte key of an encrypted BTHome device, where the store knows it.
        overwritten: payloads whose company or service came again later in the same
            advertisement (a beacon in the advertisement, telemetry in the scan response).
    """

    manufacturer_data: Mapping[int, bytes] = {}
    service_data: Mapping[str, bytes] = {}
    address: str | None = None
    bindkey: bytes | None = None
    overwritten: "tuple[Advert, ...]" = ()


class Frame(msgspec.Struct, frozen=True, tag_field="format"):
    """One decoded beacon frame; its JSON carries the format's name as `format`."""

    FORMAT: ClassVar[str]

    @property
    def identity(self) -> str | None:
        """Which beacon sent it, in canonical form; None where the frame does not say."""
        return None

    @property
    def power_1m(self) -> int | None:
        """The power in dBm that the beacon claims at 1 m; None where it claims none."""
        return None


class MalformedAdvert(Exception):
    """A payload that announces a beacon format and then breaks its rules.

    Attributes:
        format: the format that it announces.
        reason: which rule is broken.
    """

    def __init__(self, format: str, reason: str) -> None:  # noqa: A002 - the vectors' word
        super().__init__(f"malformed {format}: {reason}")
        self.format = format
        self.reason = reason
