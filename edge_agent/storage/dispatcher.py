"""The log's reader inside the store: hands each new fact to the flows that ask for its type."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from edge_agent.kernel.clock import Clock, Instant
from edge_agent.kernel.facts import RecordedFact, Seal
from edge_agent.storage.boots import age_s, shares_clock
from edge_agent.storage.cursors import sweep
from edge_agent.storage.database import Storage
from edge_agent.storage.patience import outlast
from edge_agent.storage.reads import Run
from edge_agent.storage.rows import fact_from_row, microseconds
from edge_agent.storage.unit import GroupLost, Tx, is_prompt

BATCH: Final = 100
"""Facts in one unit: shares the fsync; more would keep the writer from a pickup for too long."""

MOST_PARKED: Final = 1000
"""Parked facts kept to be driven again; a flow that refuses more than that is broken, its oldest
are let go, and the count of all that were ever parked stays."""

MOST_REASON: Final = 500
"""Characters of a reason that are kept: a line for the console, not a traceback."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One row of the table that joins rooms: a fact of this type calls that.

    Attributes:
        name: unique; counters and parked facts are kept by it.
        fact_type: exact type, such as ``store.presence.zone_entered.v1``.
        max_age_s: an older fact does not matter any more and is skipped.
        run: the effect, in the dispatcher's unit of work; raises to have the fact parked.
    """

    name: str
    fact_type: str
    max_age_s: float
    run: Callable[[Tx, RecordedFact, Instant], None]


class Dispatcher:
    """Runs flows over the log; cursor and effects move in one transaction.

    A fact about somebody whose key is gone is skipped, and counted in column ``sealed``.
    """

    def __init__(self, storage: Storage, flows: Sequence[Flow], clock: Clock) -> None:
        names = [flow.name for flow in flows]
        if len(set(names)) != len(names):
            msg = f"two flows share a name: {sorted(names)}"
            raise ValueError(msg)
        self._storage = storage
        self._flows = flows
        self._clock = clock

    async def run(self) -> None:
        """Dispatch what is new, for ever.

        Raises:
            StorageFailed: storage was closed or has failed.
        """
        position = (await self._storage.log.state()).dispatched
        while True:
            await self._storage.log.recorded_beyond(position)
            position = await outlast(self.step)

    async def step(self) -> int:
        """Dispatch one batch; return the position up to which all is dispatched."""
        now = self._clock.now()
        return await self._storage.ride(lambda tx: self._batch(tx, now))

    async def again(self, position: int, flow_name: str, *, run: Run | None = None) -> None:
        """Drive a parked fact through its flow once more, whatever its age; raises what that does.

        `run` is the request's, where one asks.

        Raises:
            LookupError: no such fact is parked, or the flow is gone.
        """
        now = self._clock.now()
        flow = next((flow for flow in self._flows if flow.name == flow_name), None)
        if flow is None:
            msg = f"there is no flow {flow_name!r}"
            raise LookupError(msg)
        await (run or self._storage.run)(lambda tx: self._again(tx, flow, position, now))

    def _batch(self, tx: Tx, now: Instant) -> int:
        rows = tx.execute(
            "SELECT * FROM fact WHERE position > ? ORDER BY position LIMIT ?",
            (tx.head.dispatched, BATCH),
        ).fetchall()
        for row in rows:
            fact = fact_from_row(row)
            if wanting := [flow for flow in self._flows if flow.fact_type == fact.type]:
                fact = self._storage.sealer.open(tx, fact)
                if is_prompt(fact.lane, fact.type):
                    tx.hurry()
            for flow in wanting:
                _count(tx, flow, _hand_on(tx, flow, fact, now))
            tx.head.dispatched = fact.position
        if len(rows) == BATCH:
            tx.hurry()  # more may wait behind it, and each batch waits for the COMMIT of the last
        sweep(tx)
        return tx.head.dispatched

    def _again(self, tx: Tx, flow: Flow, position: int, now: Instant) -> None:
        row = tx.execute(
            "SELECT fact.* FROM fact JOIN parked USING (position) WHERE position = ? AND flow = ?",
            (position, flow.name),
        ).fetchone()
        if row is None:
            msg = f"no fact at position {position} is parked for {flow.name!r}"
            raise LookupError(msg)
        flow.run(tx, self._storage.sealer.open(tx, fact_from_row(row)), now)
        tx.execute("DELETE FROM parked WHERE position = ? AND flow = ?", (position, flow.name))
        _count(tx, flow, "done")


def _hand_on(tx: Tx, flow: Flow, fact: RecordedFact, now: Instant) -> str:
    """Run one flow on one fact, in a savepoint; the column of table ``flow`` to count it in."""
    if fact.seal is Seal.CLOSED:
        return "sealed"
    one_clock = shares_clock(tx, fact.boot, tx.boot)
    if age_s(fact, now, one_clock=one_clock, quality=tx.clock_quality) > flow.max_age_s:
        return "stale"
    try:
        with tx.savepoint():
            flow.run(tx, fact, now)
    except GroupLost:
        raise
    except Exception as err:  # noqa: BLE001 - parked with its reason; it never blocks the others
        _park(tx, flow, fact, now, err)
        return "parked"
    return "done"


def _park(tx: Tx, flow: Flow, fact: RecordedFact, now: Instant, err: Exception) -> None:
    reason = f"{type(err).__name__}: {err}"[:MOST_REASON]
    tx.execute(
        "INSERT INTO parked VALUES (?, ?, ?, ?)",
        (fact.position, flow.name, reason, microseconds(now.wall)),
    )
    tx.execute(
        "DELETE FROM parked WHERE (position, flow) IN"
        " (SELECT position, flow FROM parked ORDER BY position DESC, flow LIMIT -1 OFFSET ?)",
        (MOST_PARKED,),
    )


def _count(tx: Tx, flow: Flow, column: str) -> None:
    tx.execute(
        f"INSERT INTO flow (flow, {column}) VALUES (?, 1)"  # noqa: S608 - one of four words above
        f" ON CONFLICT (flow) DO UPDATE SET {column} = {column} + 1",
        (flow.name,),
    )
