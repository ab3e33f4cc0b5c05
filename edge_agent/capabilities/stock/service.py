"""Counts and sales from outside; reservations from the flows."""

from collections.abc import Callable, Mapping

from edge_agent.capabilities.stock import decide, store
from edge_agent.capabilities.stock.model import Decision, Entry
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.storage import Storage, Tx
from edge_agent.storage.reads import Run

_Move = Callable[[Entry, int], Decision]


class Stock:
    """The room's service. `units` is always a quantity by GTIN."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    async def count(
        self, units: Mapping[str, int], *, by: str = "staff", run: Run | None = None
    ) -> None:
        """Somebody counted: so many are there."""
        now = self._clock.now()

        def move(entry: Entry, on_hand: int) -> Decision:
            return decide.count(entry, on_hand, reference=f"count/{by}")

        await (run or self._storage.run)(lambda tx: _apply(tx, units, move, now))

    async def sell(
        self, units: Mapping[str, int], *, till: str, receipt: str, run: Run | None = None
    ) -> None:
        """A receipt: so many left, or came back where negative."""
        now = self._clock.now()

        def move(entry: Entry, quantity: int) -> Decision:
            return decide.sell(entry, quantity, reference=f"receipts/{till}/{receipt}")

        await (run or self._storage.run)(lambda tx: _apply(tx, units, move, now))

    def reserve(self, tx: Tx, order: str, units: Mapping[str, int], now: Instant) -> None:
        """Put units aside for an accepted order; the same order again changes nothing."""
        if store.known(tx, order):
            return
        store.hold(tx, order, units)

        def move(entry: Entry, quantity: int) -> Decision:
            return decide.reserve(entry, quantity, reference=f"orders/{order}")

        _apply(tx, units, move, now)

    def release(self, tx: Tx, order: str, now: Instant) -> None:
        """Give back what a cancelled order held; the same order again changes nothing."""

        def move(entry: Entry, quantity: int) -> Decision:
            return decide.release(entry, quantity, reference=f"orders/{order}")

        _apply(tx, store.end_hold(tx, order, "released"), move, now)

    def collect(self, tx: Tx, order: str, now: Instant) -> None:
        """Book out what a handed-over order held; the same order again changes nothing."""

        def move(entry: Entry, quantity: int) -> Decision:
            return decide.collect(entry, quantity, reference=f"orders/{order}")

        _apply(tx, store.end_hold(tx, order, "collected"), move, now)

    async def entry(self, gtin: str) -> Entry:
        """The ledger's line of an article."""
        return await self._storage.view(lambda reads: store.entry(reads, gtin))


def _apply(tx: Tx, units: Mapping[str, int], move: _Move, now: Instant) -> None:
    for gtin, quantity in units.items():
        decision = move(store.entry(tx, gtin), quantity)
        store.save(tx, decision.entry)
        tx.record(decision.fact, now)
