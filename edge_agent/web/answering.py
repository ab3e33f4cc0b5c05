"""The Idempotency-Key: the same key and body get the same answer, from one effect.

A route that changes something takes `run: Run = Depends(answering)` and hands it to its service.
The unit of work and its answer are then committed together, so that a clerk's tablet that repeats
a request after a power cut is told what happened instead of doing it twice. What the unit returns
is the body of the answer: None is an empty one.

Somebody looks at a screen until such a unit is done, so it is urgent; what a till sends by itself
may wait for company (`Answering.unhurried`).
"""

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar

import msgspec
from fastapi import Request, Response

from edge_agent.kernel.clock import Clock
from edge_agent.kernel.errors import Refused
from edge_agent.storage import Answer, KeyReused, Storage, Tx
from edge_agent.storage.reads import Run

R = TypeVar("R")

LONGEST_KEY = 200
"""Characters; a UUID has 36."""


class Repeated(Exception):
    """The request was answered before; the app factory sends `answer` again."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class Answering:
    """The dependency; one for the whole app, because it knows which keys are in flight."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._in_flight: set[str] = set()

    async def __call__(self, request: Request) -> AsyncIterator[Run]:
        """Yield how the route is to run its unit of work.

        Raises:
            Repeated: the answer is there already.
            Refused: the key is in flight (409), was used for another body (422) or is too long.
        """
        async with self._running(request, urgent=True) as run:
            yield run

    async def unhurried(self, request: Request) -> AsyncIterator[Run]:
        """As `__call__`, for what no person waits for: a receipt is printed before it is told."""
        async with self._running(request, urgent=False) as run:
            yield run

    @asynccontextmanager
    async def _running(self, request: Request, *, urgent: bool) -> AsyncIterator[Run]:
        given = request.headers.get("idempotency-key")
        if given is None:
            yield partial(self._storage.run, urgent=urgent)
            return
        if len(given) > LONGEST_KEY:
            text = f"An Idempotency-Key has at most {LONGEST_KEY} characters."
            raise Refused("key_too_long", text, status=400)
        key = _scoped(request, given)
        if key in self._in_flight:
            raise Refused("in_flight", "This request is being carried out.", status=409)
        self._in_flight.add(key)
        try:
            body_hash = hashlib.sha256(await request.body()).hexdigest()
            status = request.scope["route"].status_code or 200
            yield await self._answering(key, body_hash, status, urgent=urgent)
        finally:
            self._in_flight.discard(key)

    async def _answering(self, key: str, body_hash: str, status: int, *, urgent: bool) -> Run:
        try:
            answer = await self._storage.recall(key, body_hash)
        except KeyReused as err:
            text = "This Idempotency-Key was used for another request."
            raise Refused("key_reused", text, status=422) from err
        if answer is not None:
            raise Repeated(answer)

        async def run(work: Callable[[Tx], R], /) -> R:
            def answered(tx: Tx) -> R:
                result = work(tx)
                body = b"" if result is None else msgspec.json.encode(result)
                tx.answer(key, body_hash, status, body, self._clock.now())
                return result

            return await self._storage.run(answered, urgent=urgent)

        return run


def _scoped(request: Request, key: str) -> str:
    """The key within one caller and one route: nobody reads another's answers by guessing."""
    parts = (
        request.method,
        request.url.path,
        request.headers.get("authorization", ""),
        request.headers.get("cookie", ""),
        key,
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def replay(answer: Answer) -> Response:
    """The kept answer as a response, marked as a repeat."""
    return Response(
        answer.body,
        answer.status,
        headers={"idempotent-replayed": "true"},
        media_type="application/json" if answer.body else None,
    )
