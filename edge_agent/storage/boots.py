"""How old a fact is, also when another process recorded it."""

from typing import Final

from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import ClockQuality, RecordedFact
from edge_agent.storage.statements import Reads
from edge_agent.storage.unit import Tx

MOST_BOOTS: Final = 100
"""Kept: a fact that so many starts ago was not dispatched is as old as the wall clock says."""


def note_boot(tx: Tx, machine: str) -> None:
    """Keep in which boot of the machine (empty: unknown) this process runs."""
    tx.execute("INSERT INTO boot (boot, machine) VALUES (?, ?)", (tx.boot, machine))
    tx.execute("DELETE FROM boot WHERE began <= (SELECT max(began) FROM boot) - ?", (MOST_BOOTS,))


def shares_clock(reads: Reads, boot: str, other: str) -> bool:
    """Whether two processes ran in one boot of the machine."""
    if boot == other:
        return True
    found = reads.execute(
        "SELECT 1 FROM boot AS one JOIN boot AS two USING (machine)"
        " WHERE one.boot = ? AND two.boot = ? AND machine <> ''",
        (boot, other),
    ).fetchone()
    return found is not None


def age_s(fact: RecordedFact, now: Instant, *, one_clock: bool, quality: ClockQuality) -> float:
    """How old `fact` is, in seconds, or a lower bound: nothing may end too early by it.

    By the monotonic clock where it was recorded on the same (`one_clock`). Else by the wall clock,
    where that was synchronised then and is now; and where it was not, the fact is at least as old
    as the machine's uptime, which is what the monotonic clock shows on Linux. While either wall
    time was never set nothing is said: 0.
    """
    if one_clock:
        return now.monotonic - fact.monotonic
    if ClockQuality.UNSET in (fact.clock_quality, quality):
        return 0.0
    if fact.clock_quality == quality == ClockQuality.SYNCED:
        return max(0.0, (now.wall - fact.time).total_seconds())
    return now.monotonic
