"""What beacons and phones put on the air, written from the formats' own pages.

The simulators' own encoder: the product's decoder never meets itself.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from uuid import UUID

FLAGS = bytes((2, 0x01, 0x06))
"""AD structure "flags": general discoverable, no classic Bluetooth."""

_APPLE = 0x004C
_SAMSUNG = 0x0075
_EDDYSTONE = 0xFEAA
_BTHOME = 0xFCD2

Compose = Callable[[float], bytes]
"""Gives the AD bytes of the advert sent at a second of the world's time."""


@dataclass(frozen=True, slots=True)
class Card:
    """A shopper's beacon card.

    Attributes:
        power_1m: dBm at 1 m, as the maker calibrated it.
    """

    uuid: UUID
    major: int
    minor: int
    power_1m: int = -59

    @property
    def identity(self) -> str:
        """The beacon as staff type it in: ``ibeacon:<uuid>:<major>:<minor>``."""
        return f"ibeacon:{self.uuid}:{self.major}:{self.minor}"

    def compose(self, _at: float) -> bytes:
        """Apple, "Proximity Beacon Specification" R1: 02 15, UUID, major, minor, power."""
        numbers = struct.pack(">HHb", self.major, self.minor, self.power_1m)
        return FLAGS + manufacturer(_APPLE, b"\x02\x15" + self.uuid.bytes + numbers)


def manufacturer(company: int, payload: bytes) -> bytes:
    """An AD structure of type 0xFF: company id little-endian, then the maker's bytes."""
    return _structure(0xFF, struct.pack("<H", company) + payload)


def service(uuid: int, payload: bytes) -> bytes:
    """AD structures that list a 16-bit service and carry its data (types 0x03 and 0x16)."""
    short = struct.pack("<H", uuid)
    return _structure(0x03, short) + _structure(0x16, short + payload)


def telemetry(at: float) -> bytes:
    """Eddystone TLM of a shelf beacon: battery, temperature 8.8, adverts sent, uptime in 0.1 s."""
    body = struct.pack(">BBHhII", 0x20, 0, 3012, 21 * 256 + 128, int(at * 2), int(at * 10))
    return FLAGS + service(_EDDYSTONE, body)


def thermometer(at: float) -> bytes:
    """BTHome v2, unencrypted: packet id 0x00, temperature 0x02 in 0.01 degrees, humidity 0x03."""
    packet = int(at) & 0xFF
    body = struct.pack("<BBBBhBH", 0x40, 0x00, packet, 0x02, 2150 + packet % 7, 0x03, 4480)
    return FLAGS + service(_BTHOME, body)


def phone(random: Random) -> Compose:
    """A passer-by's phone: Apple's or Samsung's own messages, which are no beacons."""
    if random.random() < _SHARE_OF_IPHONES:
        body = bytes((0x10, 0x05, random.randrange(256))) + random.randbytes(4)
        advert = FLAGS + manufacturer(_APPLE, body)
    else:
        advert = FLAGS + manufacturer(_SAMSUNG, b"\x42\x04" + random.randbytes(18))
    return lambda _at: advert


_SHARE_OF_IPHONES = 0.4


def _structure(kind: int, payload: bytes) -> bytes:
    return bytes((len(payload) + 1, kind)) + payload
