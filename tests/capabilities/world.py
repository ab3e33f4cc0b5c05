"""What the rooms' tests share: a clock that stands until told, and the facts of a database."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from edge_agent.kernel.clock import Instant
from edge_agent.storage import Storage, Tx
from edge_agent.storage.rows import fact_from_row

MORNING = Instant(datetime(2026, 11, 22, 1, 0, tzinfo=UTC), 1000.0)


class StillClock:
    """A clock that moves only by `advance`, both hands at once."""

    def __init__(self, start: Instant = MORNING) -> None:
        self.at = start

    def now(self) -> Instant:
        return self.at

    def advance(self, seconds: float) -> Instant:
        self.at = self.at.plus(seconds)
        return self.at


async def facts(storage: Storage, prefix: str = "store.") -> list[tuple[str, dict[str, Any]]]:
    """Type (without ``store.`` and version) and data of what was recorded, oldest first.

    Open where the person's key lives.
    """

    def read(tx: Tx) -> list[tuple[str, dict[str, Any]]]:
        rows = tx.execute("SELECT * FROM fact ORDER BY position").fetchall()
        recorded = [storage.sealer.open(tx, fact_from_row(row)) for row in rows]
        return [
            (
                fact.type.removeprefix("store.").removesuffix(".v1"),
                msgspec.json.decode(fact.data),
            )
            for fact in recorded
            if fact.type.startswith(prefix)
        ]

    return await storage.run(read)


async def names(storage: Storage, prefix: str = "store.") -> list[str]:
    """The types of what was recorded, oldest first."""
    return [name for name, _ in await facts(storage, prefix)]
