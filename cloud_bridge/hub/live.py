"""Live views as server-sent events: per name only the latest value, encoded once for all readers.

A reader holds nothing but the number of the last event that it got, so a slow one costs no memory
and, when it reads again, gets the newest value of each name that it missed.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from dataclasses import dataclass

COMMENT_S = 15.0
"""A comment this often keeps proxies (commonly 60 s) from closing a quiet stream."""

MOST_READERS = 200
"""Open streams: one per operator's page, with room; each costs a connection."""


@dataclass(frozen=True, slots=True)
class _Value:
    number: int
    payload: bytes
    event: bytes


class Live:
    """The latest values. One per hub."""

    def __init__(self) -> None:
        self.readers = 0
        self._run = secrets.token_hex(4)  # numbers of another run of the hub mean nothing here
        self._number = 0
        self._values: dict[str, _Value] = {}
        self._changed = asyncio.Condition()
        self._closed = False

    @property
    def full(self) -> bool:
        """Whether no further reader is taken."""
        return self.readers >= MOST_READERS

    async def publish(self, name: str, payload: bytes) -> None:
        """Make `payload` (JSON without line breaks) the value of `name`, if it is another."""
        before = self._values.get(name)
        if before is not None and before.payload == payload:
            return
        self._number += 1
        head = f"event: {name}\nid: {self._run}-{self._number}\ndata: ".encode()
        self._values[name] = _Value(self._number, payload, head + payload + b"\n\n")
        async with self._changed:
            self._changed.notify_all()

    async def close(self) -> None:
        """End every stream, so that a stop does not wait for readers."""
        self._closed = True
        async with self._changed:
            self._changed.notify_all()

    async def read(self, last_event_id: str | None) -> AsyncGenerator[bytes, None]:
        """The stream of one reader, from what it has not seen."""
        seen = self._seen(last_event_id)
        self.readers += 1
        try:
            while not self._closed:
                news = sorted(
                    (v for v in self._values.values() if v.number > seen), key=lambda v: v.number
                )
                for value in news:
                    seen = value.number
                    yield value.event
                if not news and not await self._more(seen):
                    yield b": still here\n\n"
        finally:
            self.readers -= 1

    async def _more(self, seen: int) -> bool:
        """Whether something new came before the comment is due."""
        try:
            async with asyncio.timeout(COMMENT_S), self._changed:
                await self._changed.wait_for(lambda: self._closed or self._number > seen)
        except TimeoutError:
            return False
        return True

    def _seen(self, last_event_id: str | None) -> int:
        run, _, number = (last_event_id or "").partition("-")
        return int(number) if run == self._run and number.isdecimal() else 0
