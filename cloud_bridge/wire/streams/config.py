"""The state stream `config`: the settings that the cloud lays over a store's own, signed.

It has one item, whose key is `ITEM`. What counts is the version that is signed, not the stream's: a
hub that was restored may give out an older one, which the store refuses.
"""

from typing import Annotated, Final

import msgspec

from cloud_bridge.wire.envelope import Word

STREAM: Final = "config"

ITEM: Final = "settings"

MOST_CHARACTERS: Final = 12 * 1024
"""Of the settings: as UTF-8 within JSON and a delta at most 48 KiB, three quarters of a message; a
store's whole file takes a third of that."""

SIGNATURE_BYTES: Final = 64
"""Ed25519 (RFC 8032, section 5.1.6)."""


class SignedSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Tables of `store.toml` for one store, and who says so.

    Attributes:
        id: `ITEM`.
        version: from 1; each publication has a higher one.
        toml: laid over the store's own file key by key; a list takes the place of the whole list.
        signature: of `signed_bytes`.
    """

    id: Word = ITEM
    store: Word
    version: Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    toml: Annotated[str, msgspec.Meta(max_length=MOST_CHARACTERS)]
    signature: Annotated[
        bytes, msgspec.Meta(min_length=SIGNATURE_BYTES, max_length=SIGNATURE_BYTES)
    ]

    @property
    def signed_bytes(self) -> bytes:
        """What `signature` is of."""
        return signed_bytes(self.store, self.version, self.toml)


def signed_bytes(store: str, version: int, toml: str) -> bytes:
    """What is signed: purpose, store and version bound to the text (no store id has a line end)."""
    return f"aisle settings v1\n{store}\n{version}\n{toml}".encode()
