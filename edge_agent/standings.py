"""What a restored store asks the hub before it hands anything over, and makes of the answer.

An order of the backup may have been collected since, and one that was placed and collected since
comes down anew with the commands. So every open order is asked about, and the store lets go when
it has carried out all commands of which the hub's answer knows, and each open order was answered.
"""

from collections.abc import Sequence
from itertools import count
from typing import Final

import msgspec

from cloud_bridge.wire.facts.upkeep import DatabaseRestored, HandoverResumed
from cloud_bridge.wire.messages import MOST_ORDERS, ORDERS, Ask, Standings
from edge_agent.capabilities.pickup import store as orders
from edge_agent.capabilities.pickup.service import Pickups
from edge_agent.capabilities.shoppers.service import Shoppers
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.kernel.facts import Fact
from edge_agent.storage import Storage, Tx
from edge_agent.storage.reads import Reads
from edge_agent.storage.restored import end_restored, granted_since, untold

SUBJECT: Final = "database"


class StoreRestoration:
    """The store's end of `cloud_bridge.link.ports.Restoration`."""

    def __init__(
        self, storage: Storage, clock: Clock, *, pickups: Pickups, shoppers: Shoppers
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._pickups = pickups
        self._shoppers = shoppers
        self._numbers = count(1)
        self._asked: Ask | None = None
        self._epoch = 0
        self._answered: frozenset[str] = frozenset()

    async def question(self) -> Ask | None:
        """What the hub is to be asked now; None while nothing is held back, or no epoch granted."""
        epoch, waiting = await self._storage.view(_open_orders)
        if epoch is None:
            self._asked = None
            return None
        if epoch != self._epoch:
            self._epoch, self._answered = epoch, frozenset()
        unanswered = [one for one in waiting if one not in self._answered]
        self._asked = Ask(
            id=f"orders-{next(self._numbers)}",
            stream=ORDERS,
            above=0,
            orders=unanswered[:MOST_ORDERS],
        )
        return self._asked

    async def answered(self, standings: Standings) -> None:
        """End what has ended, and hand over again once nothing is left to ask."""
        asked = self._asked
        if asked is None or standings.answers != asked.id:
            return
        known = self._answered | set(asked.orders)
        now = self._clock.now()
        await self._storage.run(lambda tx: self._settle(tx, standings, known, now))
        self._asked, self._answered = None, known

    async def left(self, keys: Sequence[str]) -> None:
        """Forget again whose facts these keys seal."""
        now = self._clock.now()

        def work(tx: Tx) -> None:
            for key in keys:
                self._shoppers.part_again(tx, key, now)

        await self._storage.run(work)

    async def announce(self) -> None:
        """Record, once, that this database was restored, where it was."""
        now = self._clock.now()
        await self._storage.run(lambda tx: announce(tx, now))

    def _settle(self, tx: Tx, standings: Standings, known: frozenset[str], now: Instant) -> None:
        epoch, _ = _open_orders(tx)
        if epoch != self._epoch:
            return  # the hub granted another one meanwhile: this answer may be of before
        announce(tx, now)
        for one in standings.orders:
            self._pickups.settle(tx, one.order, one.state, now)
        (done,) = tx.execute("SELECT sequence FROM command_cursor").fetchone()
        _, waiting = _open_orders(tx)
        if done >= standings.commands and known.issuperset(waiting):
            _resume(tx, HandoverResumed(by="hub"), now)


def announce(tx: Tx, now: Instant) -> None:
    """Record, once, that this database was restored."""
    reason = untold(tx)
    if reason is not None:
        tx.record(Fact(SUBJECT, msgspec.convert({"reason": reason}, DatabaseRestored)), now)


def override(tx: Tx, name: str, reason: str, now: Instant) -> bool:
    """A technician answers for it that the store hands over; False when nothing held it back."""
    announce(tx, now)
    return _resume(tx, HandoverResumed(by="technician", name=name, reason=reason), now)


def _resume(tx: Tx, fact: HandoverResumed, now: Instant) -> bool:
    held = end_restored(tx)
    if held:
        tx.record(Fact(SUBJECT, fact), now)
    return held


def _open_orders(reads: Reads) -> tuple[int | None, Sequence[str]]:
    epoch = granted_since(reads)
    return epoch, [] if epoch is None else orders.open_orders(reads)
