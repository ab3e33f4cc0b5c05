"""Identifiers that change by the clock: resolvable private addresses and Eddystone EIDs.

Written from the Core Specification (5.4, vol 3 part H, 2.2.2, and vol 6 part B, 1.3.2.2) and from
google/eddystone; `data/ble_vectors` holds them to others' values.
"""

import struct
from dataclasses import dataclass
from random import Random

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from simulators.world.payloads import EDDYSTONE, FLAGS, service

PRIVATE_ADDRESS_S = 900.0
"""A phone takes another address every 15 minutes (Core 5.4, vol 3 part C, appendix A)."""

AT_0_M_DB = 41
"""Eddystone says its power at the antenna: 41 dB above what arrives at 1 m."""


def resolvable_address(key: bytes, random_part: bytes) -> str:
    """The address that `key` (16 bytes) makes of 3 random bytes, whose top bits become 01."""
    marked = bytes((0x40 | random_part[0] & 0x3F,)) + random_part[1:]
    octets = marked + _aes(key, bytes(13) + marked)[13:]
    return ":".join(f"{octet:02X}" for octet in octets)


@dataclass
class PrivateAddress:
    """The addresses of one phone; every quarter of an hour another.

    Attributes:
        key: the identity resolving key, which a phone tells only those it is bonded with.
        phase: second at which the first change falls, so that not all change at once.
    """

    key: bytes
    phase: float

    def __call__(self, at: float) -> str:
        """The address at second `at`."""
        turn = int((at + self.phase) // PRIVATE_ADDRESS_S)
        return resolvable_address(self.key, _aes(self.key, turn.to_bytes(16))[:3])


def private_address(random: Random) -> PrivateAddress:
    """A phone's addresses, of a key that nobody knows."""
    return PrivateAddress(random.randbytes(16), random.uniform(0, PRIVATE_ADDRESS_S))


@dataclass
class EphemeralId:
    """An Eddystone-EID beacon.

    Attributes:
        key: the identity key, 16 bytes.
        exponent: another identifier every 2 to the power of this seconds.
        clock_s: what its own clock shows at second 0 of the world; a beacon's clock drifts by up
            to 13 s a day, and begins anew when its battery is changed.
        power_1m: dBm.
    """

    key: bytes
    exponent: int
    clock_s: float
    power_1m: int = -59

    def compose(self, at: float) -> bytes:
        """Frame 30: power at 0 m, identifier[8]."""
        seconds = int(self.clock_s + at)
        head = struct.pack(">Bb", 0x30, self.power_1m + AT_0_M_DB)
        return FLAGS + service(EDDYSTONE, head + self.identifier(seconds))

    def identifier(self, seconds: int) -> bytes:
        """The 8 bytes that the beacon sends while its clock shows `seconds`."""
        top = (seconds >> 16) & 0xFFFF
        temporary = _aes(self.key, bytes(11) + b"\xff" + bytes(2) + struct.pack(">H", top))
        masked = seconds >> self.exponent << self.exponent
        block = bytes(11) + struct.pack(">BI", self.exponent, masked & 0xFFFF_FFFF)
        return _aes(temporary, block)[:8]


def _aes(key: bytes, block: bytes) -> bytes:
    """One block of AES-128, as both specifications use it: ECB on 16 bytes hides nothing."""
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305
    return encryptor.update(block) + encryptor.finalize()
