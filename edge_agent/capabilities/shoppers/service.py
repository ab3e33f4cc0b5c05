"""Joining, agreeing, withdrawing; and the directory of beacons that may be followed."""

import secrets
from collections.abc import Callable

from cloud_bridge.wire.facts.shoppers import Purpose
from edge_agent.capabilities.shoppers import decide, store
from edge_agent.capabilities.shoppers.model import (
    Decision,
    Enrolment,
    Forget,
    Mint,
    Shopper,
    Welcome,
)
from edge_agent.kernel.clock import Clock
from edge_agent.kernel.errors import Refused
from edge_agent.storage import Storage, Tx
from edge_agent.storage.reads import Run

_PSEUDONYM_BYTES = 9
"""72 random bits, 12 characters: no two shoppers of a chain meet, and it fits a page's corner."""


class Shoppers:
    """The room's service.

    The directory is kept in memory because every sighting asks it. It follows the database after
    each commit, and only that: a beacon stands in it exactly while consent to location does.
    """

    def __init__(self, storage: Storage, clock: Clock, *, forget: Forget, mint: Mint) -> None:
        """The directory is empty until `load`.

        Args:
            storage: where shoppers and consents are kept.
            clock: times what people decide.
            forget: told of each shopper who withdraws consent to location.
            mint: makes join codes.
        """
        self._storage = storage
        self._clock = clock
        self._forget = forget
        self._mint = mint
        self._located: dict[str, str] = {}

    async def load(self) -> None:
        """Rebuild the directory; once, at the start."""
        self._located = await self._storage.view(store.located)

    def shopper_of(self, beacon: str) -> str | None:
        """The pseudonym behind a beacon; None for a stranger and for who may not be located."""
        return self._located.get(beacon)

    async def enrol(self, enrolment: Enrolment, *, run: Run | None = None) -> Welcome:
        """Take a person on.

        The join code is made first, so that a repeated request gets it with the kept answer; one
        that was made for a refused enrolment opens nothing and dies by itself.

        Raises:
            Refused: `beacon_taken`.
        """
        now = self._clock.now()
        pseudonym = secrets.token_urlsafe(_PSEUDONYM_BYTES)
        welcome = Welcome(pseudonym, await self._mint(pseudonym))

        def work(tx: Tx) -> Welcome:
            owner = store.owner_of(tx, enrolment.beacon)
            decision = decide.enrol(enrolment, pseudonym=pseudonym, owner=owner)
            store.insert(tx, decision.shopper, now)
            for fact in decision.facts:
                tx.record(fact, now)
            tx.after_commit(lambda: self._follow(decision.shopper))
            return welcome

        return await (run or self._storage.run)(work)

    async def agree(self, pseudonym: str, purpose: Purpose, *, run: Run | None = None) -> None:
        """Consent to `purpose`, in the wording that the shopper was last shown.

        Raises:
            Refused: `shopper_unknown`.
        """
        await self._change(pseudonym, lambda one: decide.agree(one, purpose), run)

    async def withdraw(self, pseudonym: str, purpose: Purpose, *, run: Run | None = None) -> None:
        """Take consent back; with location, where the shopper is has been forgotten on return.

        Raises:
            Refused: `shopper_unknown`.
        """
        await self._change(pseudonym, lambda one: decide.withdraw(one, purpose), run)

    async def _change(
        self, pseudonym: str, choice: Callable[[Shopper], Decision], run: Run | None
    ) -> None:
        now = self._clock.now()

        def work(tx: Tx) -> None:
            shopper = store.find(tx, pseudonym)
            if shopper is None:
                raise Refused("shopper_unknown", "Nobody has joined by this name.", status=404)
            decision = choice(shopper)
            store.save_consents(tx, decision.shopper, now)
            for fact in decision.facts:
                tx.record(fact, now)
            tx.after_commit(lambda: self._follow(decision.shopper))

        await (run or self._storage.run)(work)

    def _follow(self, shopper: Shopper) -> None:
        if "location" in shopper.consents:
            self._located[shopper.beacon] = shopper.id
        elif self._located.pop(shopper.beacon, None):
            self._forget(shopper.id)
