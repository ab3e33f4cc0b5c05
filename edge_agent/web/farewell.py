"""Leaving may be asked for again: who never got the answer gets the same receipt once more.

By then nobody goes by that name, no session is theirs, and the store must not be able to say whose
receipt it was. So it is kept sealed by the Idempotency-Key itself, of which nothing is kept: only
who made the key can ask for it, and only with the key can it be opened.
"""

import os
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from fastapi import Request

from edge_agent.capabilities.shoppers.model import Farewell
from edge_agent.kernel.clock import Clock
from edge_agent.storage import Storage, Tx
from edge_agent.web.access import Access
from edge_agent.web.answering import LONGEST_KEY

R = TypeVar("R")

SHORTEST_KEY: Final = 32
"""Characters: 128 random bits in hex, a UUID has more. By a shorter one nothing is kept, as others
might guess it."""

_NONCE_BYTES: Final = 12


class Farewells:
    """The dependency of leaving."""

    def __init__(self, storage: Storage, clock: Clock, access: Access) -> None:
        self._storage = storage
        self._run = partial(storage.run, urgent=True)  # somebody looks at the page until it is done
        self._clock = clock
        self._access = access

    async def __call__(self, request: Request) -> Farewell:
        """What was said to this very request before; else who asks, and how to say it."""
        key = request.headers.get("idempotency-key", "")
        if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
            return Farewell(await self._access.shopper(request), self._run)
        name, cipher = _derived(key, b"name").hex(), AESGCM(_derived(key, b"seal"))
        kept = await self._storage.recall(name, "")
        if kept is not None:
            nonce, sealed = kept.body[:_NONCE_BYTES], kept.body[_NONCE_BYTES:]
            said = msgspec.json.decode(cipher.decrypt(nonce, sealed, None), type=str)
            return Farewell("", self._run, said)
        who = await self._access.shopper(request)

        async def run(work: Callable[[Tx], R], /) -> R:
            def kept(tx: Tx) -> R:
                said, nonce = work(tx), os.urandom(_NONCE_BYTES)
                sealed = cipher.encrypt(nonce, msgspec.json.encode(said), None)
                tx.answer(name, "", 200, nonce + sealed, self._clock.now())
                return said

            return await self._run(kept)

        return Farewell(who, run)


def _derived(key: str, purpose: bytes) -> bytes:
    """32 bytes of `key` (RFC 5869), of which those of another purpose tell nothing."""
    return HKDF(SHA256(), 32, salt=None, info=b"aisle farewell " + purpose).derive(key.encode())
