"""What a bus told its composition root, kept so that a test can wait for it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from edge_agent.devices.bus import DeviceBus
from edge_agent.devices.messages import FromDevice, Heartbeat
from edge_agent.kernel.clock import Instant

DEADLINE_S = 15.0
"""A loaded machine starts a Python process in well under this."""


class Hearing:
    """Listens to `bus` from now on; heartbeats are left out."""

    def __init__(self, bus: DeviceBus) -> None:
        self.heard: list[tuple[str, FromDevice]] = []
        self.presence: list[tuple[str, bool]] = []
        self._news = asyncio.Event()
        bus.on_message = self._hear
        bus.on_presence = self._see

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return once `condition` holds, looked at after each message."""
        async with asyncio.timeout(DEADLINE_S):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def _hear(self, device: str, message: FromDevice) -> None:
        if not isinstance(message, Heartbeat):
            self.heard.append((device, message))
        self._news.set()

    async def _see(self, device: str, present: bool) -> None:  # noqa: FBT001 - the handler's shape
        self.presence.append((device, present))
        self._news.set()


class SteppedClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> Instant:
        return Instant(datetime(2026, 11, 22, tzinfo=UTC), 0.0).plus(self.seconds)
