"""The pickup pass: a short text that the store has signed. Pure.

``AISLE1.<payload>.<signature>``, both base64url without padding; the payload is JSON with order
``o``, store ``s``, end ``x`` (Unix seconds) and pass id ``i``; the signature is Ed25519 (RFC 8032)
over the bytes before the last dot. About 200 characters: a QR code of version 9 at level M, which
a locker's scanner reads off a phone at arm's length.
"""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from edge_agent.capabilities.pickup.machine import refusal
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.errors import Refused

_MARK = "AISLE1"
_LONGEST = 600
"""Characters; a pass has about 200. Nothing longer is looked at."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a pass says; `not_after` in UTC, whole seconds."""

    order: str
    store: str
    not_after: datetime
    id: str


class _Payload(msgspec.Struct, frozen=True):
    order: str = msgspec.field(name="o")
    store: str = msgspec.field(name="s")
    expires: int = msgspec.field(name="x")
    id: str = msgspec.field(name="i")


def write(claims: Claims, key: Ed25519PrivateKey) -> str:
    """The pass that says `claims`; the same claims give the same text."""
    payload = _Payload(claims.order, claims.store, int(claims.not_after.timestamp()), claims.id)
    signed = f"{_MARK}.{_encode(msgspec.json.encode(payload))}"
    return f"{signed}.{_encode(key.sign(signed.encode()))}"


def read(text: str, *, key: Ed25519PublicKey, store: str, now: Instant) -> Claims:
    """What a pass says that this store's key has signed.

    Raises:
        Refused: `pass_invalid`, `wrong_store`, `pass_expired`.
    """
    claims = _verified(text.strip(), key)
    if claims.store != store:
        raise Refused("wrong_store", "This pass is for another store.", status=403)
    if claims.not_after <= now.wall:
        raise Refused("pass_expired", "This pass is past its time; ask at the desk.", status=403)
    return claims


def _verified(text: str, key: Ed25519PublicKey) -> Claims:
    signed, _, signature = text.rpartition(".")
    mark, _, payload = signed.partition(".")
    try:
        if mark != _MARK or len(text) > _LONGEST:
            raise refusal("pass_invalid")
        key.verify(_decode(signature), signed.encode())
        told = msgspec.json.decode(_decode(payload), type=_Payload)
    except (InvalidSignature, msgspec.MsgspecError, ValueError) as err:
        raise refusal("pass_invalid") from err
    return Claims(told.order, told.store, datetime.fromtimestamp(told.expires, UTC), told.id)


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    """The inverse of `_encode`; anything that it would have written otherwise is a ValueError."""
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _encode(data) != text:
        msg = "not in canonical form"
        raise ValueError(msg)
    return data
