"""Numbers that rise, and those who wait for them to rise."""

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


class Tides:
    """What rises with the log.

    Attributes:
        position: of the newest fact that is committed.
        recorded: of the newest fact, also of a group that is still open; falls back when that is
            undone. For who reads in units of work.
        generation: how many groups were committed.
    """

    def __init__(self) -> None:
        self.position = Tide(0)
        self.recorded = Tide(0)
        self.generation = Tide(0)

    def start_at(self, position: int) -> None:
        """The log was opened, with its newest fact at `position`."""
        self.position.rise(position)
        self.recorded.rise(position)

    def committed(self, position: int) -> None:
        """A group was committed, up to the fact at `position`."""
        self.generation.rise(self.generation.level + 1)
        for tide in (self.position, self.recorded):
            if position != tide.level:
                tide.rise(position)

    def abandoned(self) -> None:
        """A group was undone."""
        self.recorded.rise(self.position.level)

    def end(self, reason: Exception) -> None:
        """Nothing is committed any more."""
        for tide in (self.position, self.recorded, self.generation):
            tide.end(reason)
