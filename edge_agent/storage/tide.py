"""A number that only rises, and those who wait for it to rise."""

import asyncio


class Tide:
    """Event-loop side only.

    Attributes:
        level: how far it has risen.
    """

    def __init__(self, level: int) -> None:
        self.level = level
        self._moved = asyncio.Event()
        self._end: Exception | None = None

    def rise(self, level: int) -> None:
        """Set the level; wakes everybody who waits."""
        self.level = level
        self._wake()

    def end(self, reason: Exception) -> None:
        """It will not rise again: everybody who waits, now or later, gets `reason`."""
        self._end = reason
        self._wake()

    async def above(self, level: int) -> int:
        """Wait until the level is higher than `level`; return it."""
        while self.level <= level:
            if self._end is not None:
                raise self._end
            await self._moved.wait()
        return self.level

    def _wake(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()
