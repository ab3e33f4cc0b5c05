"""Eddystone-EID: the identifiers that an identity key gives at each time of a beacon's clock.

Source: google/eddystone, `eddystone-eid/eid-computation.md`. A beacon's clock counts seconds in
32 bits; a *window* is 2**rotation_exponent of them, numbered from the clock's zero, and has one
identifier.
"""

from collections.abc import Iterable, Iterator

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY_LENGTH = 16
EID_LENGTH = 8

LONGEST_ROTATION = 15
"""The largest rotation exponent: a new identifier every nine hours."""

CLOCK_BITS = 32
TEMPORARY_KEY_BITS = 16
"""A temporary key lasts 2**16 seconds, 18.2 hours."""

_CLOCK = (1 << CLOCK_BITS) - 1
_SALT = b"\xff"


def temporary_key(identity_key: bytes, beacon_s: int) -> bytes:
    """The key of the 18.2 hours around `beacon_s`, seconds on the beacon's clock."""
    era = (beacon_s & _CLOCK) >> TEMPORARY_KEY_BITS
    return _aes(identity_key, bytes(11) + _SALT + bytes(2) + era.to_bytes(2, "big"))


def eid(temporary: bytes, rotation_exponent: int, beacon_s: int) -> bytes:
    """The 8 bytes that a beacon sends at `beacon_s`, by its temporary key."""
    start = (beacon_s & _CLOCK) >> rotation_exponent << rotation_exponent
    block = bytes(11) + bytes([rotation_exponent]) + start.to_bytes(4, "big")
    return _aes(temporary, block)[:EID_LENGTH]


def eids(
    identity_key: bytes, rotation_exponent: int, windows: Iterable[int]
) -> Iterator[tuple[int, bytes]]:
    """The identifier of each window; 30 us for the first of an era, 15 for the others."""
    known: tuple[int, bytes] | None = None
    for window in windows:
        beacon_s = window << rotation_exponent
        era = beacon_s >> TEMPORARY_KEY_BITS
        if known is None or known[0] != era:
            known = (era, temporary_key(identity_key, beacon_s))
        yield window, eid(known[1], rotation_exponent, beacon_s)


def _aes(key: bytes, block: bytes) -> bytes:
    # ECB on a single block: the specification calls for one bare AES encryption
    return Cipher(algorithms.AES128(key), modes.ECB()).encryptor().update(block)  # noqa: S305
