"""Keeps the live channels that somebody watches up to date."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Protocol

import structlog

from edge_agent.storage import Storage
from edge_agent.storage.reads import Reads
from edge_agent.web.live import Live

EVERY_S = 0.25
"""Between two looks: positions move smoothly, and a coupon is on the page a quarter of a second
after its commit; faster would show a person nothing more."""

STALE_S = 1.0
"""Stored parts are built again this often without a commit: coupons expire by the clock alone."""


log = structlog.get_logger("web")


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
        self._built: dict[str, tuple[int, float]] = {}
        self.live = Live(self._arrived.set)

    async def run(self) -> None:
        """Refresh for ever; without a page open it sleeps.

        A page that cannot be built ends its own streams, and nothing else.
        """
        while True:
            self._arrived.clear()
            watched = self.live.channels()
            self._built = {one: built for one, built in self._built.items() if one in watched}
            for channel in watched:
                try:
                    await self._refresh(channel)
                except Exception:
                    log.exception("page.failed", page=channel.partition(":")[0])
                    self.live.end(channel)
            await self._pause()

    async def _refresh(self, channel: str) -> None:
        page, _, subject = channel.partition(":")
        content = self._pages[page]
        self.live.publish(channel, content.momentary(subject))
        now, generation = asyncio.get_running_loop().time(), self._storage.generation
        before = self._built.get(channel, (-1, 0.0))
        if before[0] != generation or now - before[1] > STALE_S:
            values = await self._storage.view(lambda reads: content.stored(reads, subject))
            self.live.publish(channel, values)
            self._built[channel] = (generation, now)

    async def _pause(self) -> None:
        if not self.live.channels():
            await self._arrived.wait()
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(EVERY_S):
                await self._arrived.wait()
