"""Personal fields of a fact travel sealed with the person's key, and die with it.

A sealed payload is ``{"sealed": {"key", "nonce", "text"}, …}``: `text` is AES-256-GCM (NIST SP
800-38D, tag of 16 bytes at the end) over the JSON object of the personal fields, under a nonce of
its own, with the fact's id as associated data, so that no text can be moved to another fact. The
fields that say nothing about a person stay open beside it, for who has no key. The subject of a
fact never names a person: it is ``people/<key id>`` where the open one would.

Pure: who seals brings the nonce.
"""

from functools import cache
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cloud_bridge.wire.envelope import UNREADABLE, Word
from cloud_bridge.wire.facts import Payload

KEY_BYTES: Final = 32
"""AES-256: what is captured on the wire today must stay shut when the person has long gone."""

NONCE_BYTES: Final = 12
"""96 random bits under each key: SP 800-38D allows 2^32 texts a key, a person's facts of a century
are 2^24."""

_BEGINNING: Final = b'{"sealed":{'


class BrokenSeal(ValueError):
    """Not sealed, not with this key, not for this fact, or altered since."""


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """The field `sealed` of a payload; bytes are base64 in JSON.

    Attributes:
        key: id of the person's key; says nothing about the person.
    """

    key: Word
    nonce: bytes
    text: bytes


class _Head(msgspec.Struct, frozen=True):
    sealed: Sealed


_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_HEAD: Final = msgspec.json.Decoder(_Head)
_SEALED: Final = msgspec.json.Decoder(Sealed)


def person_of(data: Payload) -> str | None:
    """The pseudonym of whom a payload is about; None when there is nobody to seal it for."""
    person: str | None = getattr(data, data.PERSON) if data.PERSON else None
    return person


def subject_of(key_id: str) -> str:
    """The subject of a fact about a person."""
    return f"people/{key_id}"


def seal(data: Payload, key_id: str, cipher: AESGCM, *, fact_id: str, nonce: bytes) -> bytes:
    """The JSON of `data`, its personal fields sealed; `nonce` has `NONCE_BYTES` and is new."""
    personal, others = _shares(type(data))
    text = msgspec.json.encode({name: getattr(data, name) for name in personal})
    sealed = Sealed(key=key_id, nonce=nonce, text=cipher.encrypt(nonce, text, fact_id.encode()))
    return msgspec.json.encode({"sealed": sealed, **{name: getattr(data, name) for name in others}})


def is_sealed(data: bytes) -> bool:
    """Whether `data`, written by `seal` or by an open encoder of ours, is the former."""
    return data.startswith(_BEGINNING)


def key_of(data: bytes) -> str | None:
    """The id of the key that opens somebody's payload; None when nothing in it is sealed."""
    if b'"sealed"' not in data:
        return None
    try:
        return _HEAD.decode(data).sealed.key
    except UNREADABLE:
        return None


def opened(data: bytes, cipher: AESGCM, *, fact_id: str) -> bytes:
    """The payload as it was before `seal`; open fields that this version does not know stay.

    Raises:
        BrokenSeal: it cannot be.
    """
    try:
        fields = _FIELDS.decode(data)
        sealed = _SEALED.decode(fields.pop("sealed"))
        text = cipher.decrypt(sealed.nonce, sealed.text, fact_id.encode())
        return msgspec.json.encode(fields | _FIELDS.decode(text))
    except (KeyError, ValueError, InvalidTag, *UNREADABLE) as err:
        msg = f"fact {fact_id} cannot be opened: {err!r}"
        raise BrokenSeal(msg) from err


@cache
def _shares(kind: type[Payload]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the personal fields, and of the others."""
    personal = tuple(
        name for name in kind.__struct_fields__ if name == kind.PERSON or name in kind.PERSONAL
    )
    return personal, tuple(name for name in kind.__struct_fields__ if name not in personal)
