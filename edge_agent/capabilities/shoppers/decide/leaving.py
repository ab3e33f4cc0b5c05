"""What stays of somebody who leaves: a fact without a name, and a receipt. Pure.

``AISLER1.<payload>.<signature>``, both base64url without padding; the payload is JSON with store
``s``, key id ``k``, hash ``h``, salt ``n`` (both hex) and Unix time ``t``; the signature is Ed25519
(RFC 8032) over the bytes before the last dot. About 350 characters: a QR code of version 14 at
level M, which a phone photographs off another screen.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from cloud_bridge.wire.facts.shoppers import Left
from edge_agent.capabilities.shoppers.model import Shopper
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.errors import Refused
from edge_agent.kernel.facts import Fact

_MARK = "AISLER1"
_LONGEST = 1000
"""Characters; a receipt has about 350. Nothing longer is looked at."""


@dataclass(frozen=True, slots=True)
class Departure:
    """What a receipt says.

    Attributes:
        key: id of the key that was destroyed.
        hash: of the pseudonym with `salt`, both hex; the same as in the withdrawal's fact.
    """

    store: str
    key: str
    hash: str
    salt: str
    left_at: datetime

    def concerns(self, pseudonym: str) -> bool:
        """Whether it was given to whom the store called so."""
        return self.hash == salted_hash(bytes.fromhex(self.salt), pseudonym)


class _Payload(msgspec.Struct, frozen=True):
    store: str = msgspec.field(name="s")
    key: str = msgspec.field(name="k")
    hash: str = msgspec.field(name="h")
    salt: str = msgspec.field(name="n")
    left_at: int = msgspec.field(name="t")


def leave(shopper: Shopper, *, store: str, salt: bytes, now: Instant) -> tuple[Departure, Fact]:
    """What the receipt will say, and the fact; `salt` is random and kept nowhere else."""
    left_at = now.wall.replace(microsecond=0)
    digest = salted_hash(salt, shopper.id)
    departure = Departure(store, shopper.key, digest, salt.hex(), left_at)
    data = Left(key=shopper.key, hash=digest, left_at=left_at)
    return departure, Fact(f"people/{shopper.key}", data)


def salted_hash(salt: bytes, pseudonym: str) -> str:
    """SHA-256 of salt and pseudonym, hex."""
    return hashlib.sha256(salt + pseudonym.encode()).hexdigest()


def write(departure: Departure, key: Ed25519PrivateKey) -> str:
    """The receipt as text."""
    payload = _Payload(
        departure.store,
        departure.key,
        departure.hash,
        departure.salt,
        int(departure.left_at.timestamp()),
    )
    signed = f"{_MARK}.{_encode(msgspec.json.encode(payload))}"
    return f"{signed}.{_encode(key.sign(signed.encode()))}"


def read(text: str, key: Ed25519PublicKey) -> Departure:
    """What a receipt says that this key has signed.

    Raises:
        Refused: `receipt_invalid`.
    """
    signed, _, signature = text.strip().rpartition(".")
    mark, _, payload = signed.partition(".")
    try:
        if mark != _MARK or len(text) > _LONGEST:
            raise _invalid()
        key.verify(_decode(signature), signed.encode())
        told = msgspec.json.decode(_decode(payload), type=_Payload)
        bytes.fromhex(told.salt)
    except (InvalidSignature, msgspec.MsgspecError, ValueError) as err:
        raise _invalid() from err
    left_at = datetime.fromtimestamp(told.left_at, UTC)
    return Departure(told.store, told.key, told.hash, told.salt, left_at)


def _invalid() -> Refused:
    return Refused("receipt_invalid", "This store has not signed this receipt.", status=422)


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
