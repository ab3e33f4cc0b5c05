"""The processes at this database: who is there, so that the last one knows that it is the last."""

from datetime import datetime, timedelta

from cloud_bridge.hub.clock import stamp
from cloud_bridge.hub.database import Tx

BEAT_S = 10.0
"""Between two words that a worker is there."""

LASTS = timedelta(seconds=30)
"""A worker that was killed counts as there for so long: three beats, of which one may be late."""


async def beat(tx: Tx, worker: str, now: datetime) -> int:
    """`worker` is there; how many others are."""
    await tx.execute(
        "INSERT INTO worker VALUES ($1, $2) ON CONFLICT (worker) DO UPDATE SET until = $2",
        worker,
        stamp(now + LASTS),
    )
    await tx.execute("DELETE FROM worker WHERE until < $1", stamp(now))
    row = await tx.row("SELECT count(*) AS n FROM worker WHERE worker <> $1", worker)
    return int(row["n"]) if row else 0


async def leave(tx: Tx, worker: str, now: datetime) -> int:
    """`worker` hears no broker; how many others do.

    A broker that ends drops all workers at once: they leave one after the other, or each would take
    the others for still there and none would be the last.
    """
    await tx.rows("SELECT worker FROM worker ORDER BY worker FOR UPDATE")
    await tx.execute("DELETE FROM worker WHERE worker = $1 OR until < $2", worker, stamp(now))
    row = await tx.row("SELECT count(*) AS n FROM worker")
    return int(row["n"]) if row else 0
