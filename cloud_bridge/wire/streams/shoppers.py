"""The state stream `shoppers`: who joined in the retailer's app, with the evidence of consent."""

from typing import Annotated, Literal

import msgspec
from typing_extensions import override

from cloud_bridge.wire.facts.shoppers import Purpose
from cloud_bridge.wire.streams import Moment

STREAM = "shoppers"

Key = Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{32})?$")]
Pseudonym = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{12,64}$")]
Short = Annotated[str, msgspec.Meta(max_length=256)]


class Beacon(msgspec.Struct, frozen=True, kw_only=True):
    """What the person is heard by: an identity in the clear, or one of two keys, 16 bytes in hex.

    Attributes:
        identity: canonical, such as ``ibeacon:…``; empty where a key names the beacon.
        eid_key: Eddystone-EID identity key; the beacon has a new identifier each
            2^`rotation_exponent` seconds, and its clock, as it was read, was `clock_offset_s` ahead
            of UTC seconds since 1970.
        irk: identity resolving key, most significant byte first.
    """

    identity: Short = ""
    eid_key: Key = ""
    rotation_exponent: Annotated[int, msgspec.Meta(ge=0, le=15)] = 10
    clock_offset_s: Annotated[float, msgspec.Meta(ge=-(2**32), le=2**32)] = 0.0
    clock_read_at: Moment | None = None
    irk: Key = ""

    @override
    def __repr__(self) -> str:
        """Without keys: what is said of an error reaches logs."""
        return f"Beacon(identity={self.identity!r})"


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """The newest that the person said in the app to one purpose.

    Attributes:
        until: the end of its retention.
        evidence: the retailer's own reference of the record.
        withdrawn_at: when it was taken back; None while it is in force.
    """

    purpose: Purpose
    text_version: Short
    language: Literal["ko", "en"]
    given_at: Moment
    until: Moment
    evidence: Short
    withdrawn_at: Moment | None = None


class Shopper(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who joined in the app, keyed by `id`.

    Of a purpose that `consents` does not name the app says nothing; what the person said in the
    store later than in the app holds. The item's removal is their leaving altogether.

    Attributes:
        id: of this entry; random and not the pseudonym, as it is named once more when they leave.
        shopper: the pseudonym that orders name.
    """

    id: Short
    shopper: Pseudonym
    language: Literal["ko", "en"]
    beacons: Annotated[list[Beacon], msgspec.Meta(max_length=8)] = []
    consents: Annotated[list[Consent], msgspec.Meta(max_length=3)] = []
