"""Tells stores what is new for them: after a commit of ours at once, after others' by looking."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from cloud_bridge.hub import told
from cloud_bridge.hub.clock import Clock
from cloud_bridge.hub.database import Database, Unavailable
from cloud_bridge.hub.snapshots import Snapshots

Say = Callable[[str, str, bytes], Awaitable[None]]
"""Publish to a store: (store, stream, payload); returns when the broker has it."""

LOOK_S = 2.0
"""Between two looks at who is behind: what another process committed is told so late at most."""

AT_ONCE = 4
"""Stores told at the same time, so that one that takes a large snapshot keeps nobody waiting."""

log = structlog.get_logger("hub")


class Teller:
    """One per worker; `run` once per connection."""

    def __init__(self, database: Database, worker: str, clock: Clock, snapshots: Snapshots) -> None:
        self._database, self._worker, self._clock = database, worker, clock
        self._snapshots = snapshots
        self._behind: set[str] = set()
        self._told: set[str] = set()  # at this moment, by one of our tasks
        self._poked = asyncio.Event()

    def poke(self, store: str) -> None:
        """There may be something new for `store` in the database."""
        self._behind.add(store)
        self._poked.set()

    async def run(self, say: Say) -> None:
        """Until cancelled, or the broker is lost."""
        self._told.clear()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._look(), name="hub looks who is behind")
            for number in range(AT_ONCE):
                tasks.create_task(self._serve(say), name=f"hub tells {number}")

    async def _look(self) -> None:
        while True:
            with contextlib.suppress(Unavailable):
                for store in await self._database.read(told.behind):
                    self.poke(store)
            await asyncio.sleep(LOOK_S)

    async def _serve(self, say: Say) -> None:
        while True:
            await self._poked.wait()
            store = next((each for each in self._behind if each not in self._told), None)
            if store is None:
                self._poked.clear()
                continue
            self._behind.discard(store)
            self._told.add(store)
            try:
                await self._catch_up(store, say)
            except Unavailable as err:  # the next look finds it again
                log.warning("hub.cannot_tell", store=store, reason=str(err))
            finally:
                self._told.discard(store)
                self._poked.set()

    async def _catch_up(self, store: str, say: Say) -> None:
        lease = partial(told.lease, store=store, worker=self._worker)
        while await self._database.read(partial(told.behind, store=store)):
            if not await self._database.run(partial(lease, now=self._clock())):
                return  # another worker is at it; should it miss something, the next look finds it
            owed = await self._database.read(partial(told.owed, store=store, kept=self._snapshots))
            for stream, payload in owed.messages:
                await say(store, stream, payload)
            done = partial(told.record, store=store, worker=self._worker, told=owed)
            await self._database.run(done)
