"""The readers' reports, and offers from the flows."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from edge_agent.capabilities.mirrors import decide, store
from edge_agent.capabilities.mirrors.model import Decision, Place
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.kernel.errors import Refused
from edge_agent.kernel.ids import uuid7
from edge_agent.storage import Storage, Tx
from edge_agent.storage.reads import Run


class Mirrors:
    """The room's service."""

    def __init__(self, storage: Storage, clock: Clock, places: Sequence[Place]) -> None:
        """`places` are the mirrors of the store."""
        self._storage = storage
        self._clock = clock
        self._places = places

    async def read(self, mirror: str, gtins: Iterable[str], *, run: Run | None = None) -> None:
        """The RFID reader of `mirror` sees exactly `gtins`; the same set again changes nothing.

        Raises:
            Refused: `mirror_unknown`.
        """
        if mirror not in {place.mirror for place in self._places}:
            raise Refused("mirror_unknown", "There is no such mirror here.", status=404)
        now = self._clock.now()
        seen = tuple(gtins)

        def work(tx: Tx) -> None:
            before = store.find(tx, mirror)
            decision = decide.read(before, seen, session=uuid7(now))
            if decision.mirror != before:
                _keep(tx, decision, now)

        await (run or self._storage.run)(work)

    def show_offer(
        self, tx: Tx, coupon: str, *, zone: str, expires: datetime, now: Instant
    ) -> None:
        """Show a coupon on every mirror beside `zone`; part of a unit of work."""
        for place in self._places:
            if place.zone == zone:
                mirror = store.find(tx, place.mirror)
                _keep(tx, decide.show_offer(mirror, coupon, expires=expires, now=now), now)


def _keep(tx: Tx, decision: Decision, now: Instant) -> None:
    store.save(tx, decision.mirror)
    for fact in decision.facts:
        tx.record(fact, now)
