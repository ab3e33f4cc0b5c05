"""What arrived and was not yet read: bounded, and honest about its end."""

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_WAITING = 1000
"""A reader this far behind is stuck or drowning; of the contract's largest they hold 64 MB."""


class Inbox(Generic[T]):
    """Items in order of arrival, for one reader.

    Full, it refuses the newest (`put` says so) and counts it: to stop reading the socket instead
    would keep back the PUBACK for which that very reader may be waiting.
    """

    def __init__(self, most: int = MOST_WAITING) -> None:
        self.dropped = 0
        self._most = most
        self._items: deque[T] = deque()
        self._error: Exception | None = None
        self._changed = asyncio.Event()

    def put(self, item: T) -> bool:
        """Whether there was room."""
        if len(self._items) >= self._most:
            self.dropped += 1
            return False
        self._items.append(item)
        self._changed.set()
        return True

    def fail(self, error: Exception) -> None:
        """Raise `error` at the reader once it has read what is here."""
        self._error = error
        self._changed.set()

    def __aiter__(self) -> "Inbox[T]":
        return self

    async def __anext__(self) -> T:
        while not self._items:
            if self._error is not None:
                raise self._error
            self._changed.clear()
            await self._changed.wait()
        return self._items.popleft()
