"""Challenges that a gateway signs to renew: kept nowhere, so any hub process can judge them.

They run on the hub's clock alone: a gateway that was off for a month may not know the time.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cloud_bridge.hub.ca.certificates import Authority
from cloud_bridge.hub.errors import Refused

ANSWER_WITHIN: Final = timedelta(minutes=5)
"""Two HTTP requests over the slowest line (5 kB/s), tried again once or twice."""


def challenge(authority: Authority, gateway: str, now: datetime) -> str:
    """Something to sign, for this gateway, now."""
    words = f"{int(now.timestamp())}.{secrets.token_hex(8)}"
    return f"{words}.{_mark(authority, gateway, words)}"


def check(authority: Authority, gateway: str, text: str, now: datetime) -> None:
    """See that `text` is a recent challenge of ours to this gateway.

    It may come twice: what it brings is the same certificate again.

    Raises:
        Refused: ``challenge_stale``.
    """
    words, _, mark = text.rpartition(".")
    ours = hmac.compare_digest(mark.encode(), _mark(authority, gateway, words).encode())
    if not ours or not _fresh(words, now):
        code, text = "challenge_stale", "the challenge is not ours or too old; ask for a new one"
        raise Refused(code, text, status=403)


def _fresh(words: str, now: datetime) -> bool:
    age_s = now.timestamp() - int(words.partition(".")[0])
    return 0 <= age_s <= ANSWER_WITHIN.total_seconds()


def _mark(authority: Authority, gateway: str, words: str) -> str:
    """Under a key that each process which holds the CA's key can work out."""
    secret = authority.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    key = hashlib.sha256(b"aisle renewal challenge\n" + secret).digest()
    return hmac.new(key, f"{gateway}\n{words}".encode(), hashlib.sha256).hexdigest()
