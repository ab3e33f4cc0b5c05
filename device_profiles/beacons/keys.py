"""What must be known of a beacon to recognise it."""

import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Literal

KeyKind = Literal["eid", "irk", "bthome"]

_IN_THE_CLEAR: Final = re.compile(
    r"ibeacon:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:\d{1,5}:\d{1,5}"
    r"|altbeacon:[0-9a-f]{40}"
    r"|eddystone:[0-9a-f]{20}:[0-9a-f]{12}"
)

TAG_DIGITS = 12
"""48 bits: among 50,000 keys two share a tag with a chance of four in a million."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeaconKey:
    """One beacon that the store knows; its `repr` leaves keys and address out.

    Attributes:
        identity: what its sightings are to carry: its own canonical identity, or `key_identity`.
        eid_key: the identity key of an Eddystone-EID beacon, 16 bytes.
        rotation_exponent: of that beacon, 0 to 15.
        clock_offset_s: its clock less UTC seconds since 1970, as it was read.
        clock_read_at_s: when, in UTC seconds since 1970; None for just now.
        irk: the identity resolving key of a phone or tag with private addresses, 16 bytes, most
            significant first.
        bindkey: of an encrypted BTHome sensor, 16 bytes.
        address: the only radio address that the beacon counts from; empty for any. With an `irk`
            it says nothing: such an address changes.
        own: the store's own, whose telemetry is wanted.
    """

    identity: str
    eid_key: bytes | None = field(default=None, repr=False)
    rotation_exponent: int = 10
    clock_offset_s: float = 0.0
    clock_read_at_s: float | None = None
    irk: bytes | None = field(default=None, repr=False)
    bindkey: bytes | None = field(default=None, repr=False)
    address: str = field(default="", repr=False)
    own: bool = False


def names_itself(identity: str) -> bool:
    """Whether a beacon may say `identity` of itself on the air; what only a key proves, it may not.

    Canonical, so in lower case: of an iBeacon, an AltBeacon or an Eddystone-UID.
    """
    return _IN_THE_CLEAR.fullmatch(identity) is not None


def key_identity(kind: KeyKind, key: bytes) -> str:
    """The canonical identity of a beacon that only its key names; it does not tell the key."""
    return f"{kind}:{sha256(key).hexdigest()[:TAG_DIGITS]}"
