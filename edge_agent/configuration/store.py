"""Settings from the cloud in SQL: what came down last, and what was told of it."""

from typing import Literal

from edge_agent.storage.reads import Reads

Outcome = Literal["applied", "rolled_back"]


def offer(tx: Reads, item: bytes) -> None:
    """Keep what came down, in the place of what came before it."""
    tx.execute(
        "INSERT INTO settings_offer (one, item) VALUES (1, ?)"
        " ON CONFLICT (one) DO UPDATE SET item = excluded.item, judged = 0",
        (item,),
    )


def offered(reads: Reads) -> bytes | None:
    """What came down and is not judged."""
    row = reads.execute("SELECT item FROM settings_offer WHERE judged = 0").fetchone()
    return None if row is None else bytes(row["item"])


def judged(tx: Reads, item: bytes) -> None:
    """That item is done with; another that came meanwhile is not."""
    tx.execute("UPDATE settings_offer SET judged = 1 WHERE item = ?", (item,))


def first_told(tx: Reads, version: int, outcome: Outcome) -> bool:
    """Whether this outcome is to be told now: it never was."""
    told = tx.execute(
        "INSERT INTO settings_told (version, outcome) VALUES (?, ?) ON CONFLICT DO NOTHING",
        (version, outcome),
    )
    return told.rowcount > 0


def is_with_the_hub(reads: Reads, fact: str) -> bool:
    """Whether the hub has acknowledged a fact."""
    waits = reads.execute(
        "SELECT 1 FROM fact JOIN lane USING (lane) JOIN log ON log.epoch = fact.epoch"
        " WHERE fact.id = ? AND fact.sequence > lane.cursor",
        (fact,),
    )
    return waits.fetchone() is None
