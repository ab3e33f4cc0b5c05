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
EDDYSTONE = 0xFEAA
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


def telemetry(at: float, millivolts: int = 3012) -> bytes:
    """Eddystone TLM of a shelf beacon: battery, temperature 8.8, adverts sent, uptime in 0.1 s."""
    body = struct.pack(">BBHhII", 0x20, 0, millivolts, 21 * 256 + 128, int(at * 2), int(at * 10))
    return FLAGS + service(EDDYSTONE, body)


def thermometer(at: float) -> bytes:
    """BTHome v2, unencrypted: packet id 0x00, temperature 0x02 in 0.01 degrees, humidity 0x03."""
    packet = int(at) & 0xFF
    body = struct.pack("<BBBBhBH", 0x40, 0x00, packet, 0x02, 2150 + packet % 7, 0x03, 4480)
    return FLAGS + service(_BTHOME, body)


def phone(random: Random, *, changing: float = 0.0) -> Compose:
    """A passer-by's phone: Apple's or Samsung's own messages, which are no beacons.

    `changing` is the share of its adverts that say something new.
    """
    if random.random() < _SHARE_OF_IPHONES:
        head, length = _head(_APPLE, bytes((0x10, 0x05))), 5
    else:
        head, length = _head(_SAMSUNG, b"\x42\x04"), 18
    said = random.randbytes(length)

    def compose(_at: float) -> bytes:
        nonlocal said
        if random.random() < changing:
            said = random.randbytes(length)
        return FLAGS + _structure(0xFF, head + said)

    return compose


_SHARE_OF_IPHONES = 0.4


def find_hub_tag(random: Random) -> Compose:
    """A neighbour's tag of Google's Find Hub: service FEAA too, frame 40, which is no Eddystone."""
    body = b"\x40" + random.randbytes(20) + random.randbytes(1)
    advert = FLAGS + _structure(0x16, struct.pack("<H", EDDYSTONE) + body)
    return lambda _at: advert


def _head(company: int, kind: bytes) -> bytes:
    """The first bytes of a maker's own message."""
    return struct.pack("<H", company) + kind


def _structure(kind: int, payload: bytes) -> bytes:
    return bytes((len(payload) + 1, kind)) + payload
