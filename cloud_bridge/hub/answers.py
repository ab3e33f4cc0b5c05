"""Answers kept by Idempotency-Key, in the transaction of the effect that they report."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from cloud_bridge.hub.clock import stamp
from cloud_bridge.hub.database import Tx, Work
from cloud_bridge.hub.errors import Refused

KEPT = timedelta(days=7)
"""Longer than any client goes on retrying."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: status and JSON body."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class RequestKey:
    """An Idempotency-Key and the digest of the request that it came with."""

    key: str
    digest: str


def request_key(key: str | None, method: str, path: str, body: bytes) -> RequestKey | None:
    """The key of a request; None when it has none.

    Raises:
        Refused: ``key_too_long``.
    """
    if key is None:
        return None
    if not 0 < len(key) <= 128:  # noqa: PLR2004 - room for a UUID with a prefix
        code, text = "key_too_long", "Idempotency-Key must have 1 to 128 characters"
        raise Refused(code, text, status=422)
    digest = hashlib.sha256(b"\n".join((method.encode(), path.encode(), body))).hexdigest()
    return RequestKey(key, digest)


async def once(tx: Tx, key: RequestKey | None, now: datetime, work: Work[Answer]) -> Answer:
    """The answer that this key has already, or the answer of `work`, kept under it.

    Raises:
        Refused: ``key_reused`` with another request; what `work` raises is not kept.
    """
    if key is None:
        return await work(tx)
    row = await tx.row("SELECT * FROM answer WHERE key = $1", key.key)
    if row is not None:
        if row["body_hash"] != key.digest:
            code, text = "key_reused", "this Idempotency-Key came with another request before"
            raise Refused(code, text, status=422)
        return Answer(row["status"], row["body"])
    answer = await work(tx)
    await tx.execute("DELETE FROM answer WHERE at < $1", stamp(now - KEPT))
    await tx.execute(
        "INSERT INTO answer VALUES ($1, $2, $3, $4, $5)",
        key.key,
        key.digest,
        answer.status,
        answer.body,
        stamp(now),
    )
    return answer
