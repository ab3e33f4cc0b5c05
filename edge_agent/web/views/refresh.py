"""Keeps the live channels that somebody watches up to date."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Protocol

from edge_agent.storage import Storage
from edge_agent.storage.reads import Reads
from edge_agent.web.live import Live

EVERY_S = 0.25
"""Between two looks: positions move smoothly, and a coupon is on the page a quarter of a second
after its commit; faster would show a person nothing more."""

STALE_S = 1.0
"""Stored parts are built again this often without a commit: coupons expire by the clock alone."""


class Page(Protocol):
    """One page's content, for one subject (a shopper, a mirror) or for all (empty)."""

    def stored(self, reads: Reads, subject: str) -> Mapping[str, object]:
        """The values that come from the database; runs off the loop, in one snapshot."""
        ...

    def momentary(self, subject: str) -> Mapping[str, object]:
        """The values that are in memory: positions, radios, the link."""
        ...


class Refresh:
    """Builds what is watched, and publishes what changed."""

    def __init__(self, storage: Storage, pages: Mapping[str, Page]) -> None:
        self._storage = storage
        self._pages = pages
        self._arrived = asyncio.Event()
        self.live = Live(self._arrived.set)

    async def run(self) -> None:
        """Refresh for ever; without a page open it sleeps."""
        built: dict[str, tuple[int, float]] = {}
        loop = asyncio.get_running_loop()
        while True:
            self._arrived.clear()
            generation = self._storage.generation
            for channel in self.live.channels():
                page, _, subject = channel.partition(":")
                self.live.publish(channel, self._pages[page].momentary(subject))
                before = built.get(channel, (-1, 0.0))
                if before[0] != generation or loop.time() - before[1] > STALE_S:
                    await self._publish_stored(channel, page, subject)
                    built[channel] = (generation, loop.time())
            built = {
                channel: built[channel] for channel in self.live.channels() if channel in built
            }
            await self._pause()

    async def _publish_stored(self, channel: str, page: str, subject: str) -> None:
        content = self._pages[page]
        values = await self._storage.view(lambda reads: content.stored(reads, subject))
        if channel in self.live.channels():
            self.live.publish(channel, values)

    async def _pause(self) -> None:
        if not self.live.channels():
            await self._arrived.wait()
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(EVERY_S):
                await self._arrived.wait()
