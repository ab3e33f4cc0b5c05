"""Mirrors in SQL."""

import sqlite3

import msgspec

from edge_agent.capabilities.mirrors.model import Mirror, Offer
from edge_agent.storage.reads import Reads
from edge_agent.storage.rows import microseconds, moment_of

_gtins = msgspec.json.Decoder(tuple[str, ...])


def find(reads: Reads, mirror: str) -> Mirror:
    """The mirror of that id; one of which nothing is kept shows nothing."""
    row = reads.execute("SELECT * FROM mirror WHERE id = ?", (mirror,)).fetchone()
    return Mirror(mirror) if row is None else _mirror(row)


def save(tx: Reads, mirror: Mirror) -> None:
    """Keep what a mirror shows."""
    offer = mirror.offer
    tx.execute(
        "INSERT OR REPLACE INTO mirror VALUES (?, ?, ?, ?, ?, ?)",
        (
            mirror.id,
            mirror.session,
            msgspec.json.encode(mirror.items),
            msgspec.json.encode(mirror.shown),
            offer.coupon if offer else None,
            microseconds(offer.until) if offer else None,
        ),
    )


def _mirror(row: sqlite3.Row) -> Mirror:
    offer = Offer(row["offer"], moment_of(row["offer_until"])) if row["offer"] else None
    return Mirror(
        row["id"],
        row["session"],
        _gtins.decode(row["items"]),
        _gtins.decode(row["shown"]),
        offer,
    )
