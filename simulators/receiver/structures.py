"""AD structures, as a radio's own firmware takes them apart (Core 5.4, vol 3 part C, 11)."""

from collections.abc import Iterator

MANUFACTURER_DATA = 0xFF
SERVICE_DATA = 0x16

IBEACON = b"\x4c\x00\x02\x15"
"""Apple's company id, and its message type and length of an iBeacon."""

IBEACON_LENGTH = 25


def structures(ad: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and payload of each, up to the padding."""
    at = 0
    while at + 1 < len(ad) and ad[at]:
        yield ad[at + 1], ad[at + 2 : at + 1 + ad[at]]
        at += 1 + ad[at]
