"""What a keyed state stream holds, said in a few bytes, so that both ends can compare.

The items fall into 256 buckets by the hash of their key. A bucket's hash is the exclusive or of its
items' hashes, so one item that comes or goes changes it at the price of one SHA-256, in whatever
order items came. It finds what went astray, not what somebody forges: the hub's word stands anyway.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

BUCKETS: Final = 256
"""Of 50,000 items one holds some 200: about 40 KiB of shoppers travel for one that went astray."""

LARGE: Final = frozenset({"catalogue", "shoppers"})
"""The streams that are mended by buckets; the others are no larger than one of these buckets."""

_HASH_BYTES: Final = 16


def bucket_of(key: str) -> int:
    """The bucket of an item, 0 to 255."""
    return hashlib.sha256(key.encode()).digest()[0]


def item_hash(key: str, item: bytes) -> int:
    """Of one item as it travels: 128 bits of SHA-256 over key and JSON text."""
    content = b"\n".join((key.encode(), item))
    return int.from_bytes(hashlib.sha256(content).digest()[:_HASH_BYTES], "big")


class BadBuckets(ValueError):
    """What somebody said are no bucket hashes."""


@dataclass(slots=True)
class Buckets:
    """The bucket hashes of one stream.

    `bits` holds the buckets that are not empty; an empty one, and one whose items cancelled out,
    has hash 0.
    """

    bits: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Iterable[tuple[str, bytes]]) -> "Buckets":
        """Of all items of a stream: key and JSON text."""
        buckets = cls()
        for key, item in items:
            buckets.toggle(key, item_hash(key, item))
        return buckets

    @classmethod
    def read(cls, hashes: Sequence[str]) -> "Buckets":
        """Of `hashes` as another said them.

        Raises:
            BadBuckets: they are none.
        """
        if len(hashes) != BUCKETS:
            msg = f"{len(hashes)} bucket hashes, {BUCKETS} are due"
            raise BadBuckets(msg)
        try:
            return cls({number: int(each, 16) for number, each in enumerate(hashes) if each})
        except ValueError as err:
            msg = f"a bucket hash is not in hex: {err}"
            raise BadBuckets(msg) from err

    def toggle(self, key: str, hashed: int) -> None:
        """An item of this `item_hash` comes, or goes."""
        number = bucket_of(key)
        self.bits[number] = self.bits.get(number, 0) ^ hashed

    @property
    def hashes(self) -> list[str]:
        """All 256, in hex; an empty one is the empty string."""
        hashes = [""] * BUCKETS
        for number, each in self.bits.items():
            hashes[number] = f"{each:x}" if each else ""
        return hashes

    def differing(self, other: "Buckets") -> list[int]:
        """The numbers of the buckets that are not the same."""
        numbers = sorted(self.bits.keys() | other.bits.keys())
        return [n for n in numbers if self.bits.get(n, 0) != other.bits.get(n, 0)]


def digest(buckets: Buckets) -> str:
    """The one word for all of a stream: SHA-256 over its bucket hashes, in hex."""
    return hashlib.sha256("\n".join(buckets.hashes).encode()).hexdigest()
