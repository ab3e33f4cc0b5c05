"""Facts that a flow has refused: listed, driven again (`Dispatcher.again`), or let go."""

from datetime import datetime

import msgspec

from cloud_bridge.wire.facts.upkeep import EffectDropped
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import Fact
from edge_agent.storage.reads import Reads
from edge_agent.storage.rows import moment_of
from edge_agent.storage.unit import Tx


class Parked(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that waits for somebody to see to it.

    Attributes:
        position: the fact's place in the log; with `flow` it names what is parked.
        reason: what the flow raised.
        time: when it happened.
    """

    position: int
    flow: str
    fact: str
    type: str
    subject: str
    reason: str
    time: datetime
    parked_at: datetime


def parked(reads: Reads, limit: int) -> list[Parked]:
    """What is parked, newest first."""
    rows = reads.execute(
        "SELECT position, flow, reason, parked_at, fact.id, type, subject, time"
        " FROM parked JOIN fact USING (position) ORDER BY position DESC, flow LIMIT ?",
        (limit,),
    )
    return [
        Parked(
            position=row["position"],
            flow=row["flow"],
            fact=row["id"],
            type=row["type"],
            subject=row["subject"],
            reason=row["reason"],
            time=moment_of(row["time"]),
            parked_at=moment_of(row["parked_at"]),
        )
        for row in rows
    ]


def drop(tx: Tx, position: int, flow: str, now: Instant) -> None:
    """Let the effect of a parked fact be lost, and say so; the fact itself stays.

    Raises:
        LookupError: no such fact is parked.
    """
    row = tx.execute(
        "SELECT reason, fact.id FROM parked JOIN fact USING (position)"
        " WHERE position = ? AND flow = ?",
        (position, flow),
    ).fetchone()
    if row is None:
        msg = f"no fact at position {position} is parked for {flow!r}"
        raise LookupError(msg)
    tx.execute("DELETE FROM parked WHERE position = ? AND flow = ?", (position, flow))
    told = EffectDropped(fact=row["id"], flow=flow, reason=row["reason"])
    tx.record(Fact(f"facts/{row['id']}", told), now)
