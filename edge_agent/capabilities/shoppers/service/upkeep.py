"""Consents lapse and counted stays are forgotten when their time is over, by a timer."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Final

from edge_agent.capabilities.shoppers import store
from edge_agent.capabilities.shoppers.decide import consents
from edge_agent.capabilities.shoppers.decide.expiry import Look, look
from edge_agent.capabilities.shoppers.service.directory import Directory
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.storage import Storage, Tx, outlast

LOOK_EVERY_S: Final = 60.0
"""Between two looks at what is over: a consent that was given for years ends within its minute."""

LAPSED_AT_ONCE: Final = 100
"""Shoppers whose consents end in one unit of work: some ten milliseconds of the writer's thread."""

ENTRIES_KEPT: Final = timedelta(days=180)
"""The record of use that article 16 (2) of Korea's Location Information Act asks for, as long as
the consent text says: the six months that terms of use there state."""


class Upkeep:
    """Ends what is over."""

    def __init__(self, storage: Storage, clock: Clock, directory: Directory) -> None:
        self._storage = storage
        self._clock = clock
        self._directory = directory
        self._look: Look | None = None

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await outlast(self.tick)
            await asyncio.sleep(LOOK_EVERY_S)

    async def tick(self) -> None:
        """End the consents and forget the stays whose time is over, if the clock can tell."""
        lapsed = LAPSED_AT_ONCE
        while lapsed == LAPSED_AT_ONCE:
            now = self._clock.now()
            lapsed = await self._storage.run(partial(self._expire, now))

    def _expire(self, now: Instant, tx: Tx) -> int:
        """How many it were; as many as may be at once: there may be more."""
        self._look = look(self._look, now, tx.clock_quality)
        if not self._look.steady:
            return 0
        store.forget_entries(tx, now.wall - ENTRIES_KEPT)
        over = store.over(tx, now, LAPSED_AT_ONCE)
        for pseudonym in over:
            self._lapse(tx, pseudonym, now)
        return len(over)

    def _lapse(self, tx: Tx, pseudonym: str, now: Instant) -> None:
        shopper = store.find(tx, pseudonym)
        if shopper is None:
            return
        decision = consents.lapse(shopper, now.wall)
        store.save(tx, decision.shopper, decision.ended_by, now)
        for fact in decision.facts:
            tx.record(fact, now)
        tx.after_commit(lambda: self._directory.follow(decision.shopper))
