"""The ledger and its reservations in SQL. The reads also serve other rooms and the pages."""

import sqlite3
from collections.abc import Mapping

from edge_agent.capabilities.stock.model import Entry
from edge_agent.storage.reads import Reads


def entry(reads: Reads, gtin: str) -> Entry:
    """The ledger's line of an article; of one that it does not know, nothing on hand."""
    row = reads.execute("SELECT * FROM ledger WHERE gtin = ?", (gtin,)).fetchone()
    return Entry(gtin) if row is None else _entry(row)


def entries(reads: Reads) -> list[Entry]:
    """The whole ledger, by GTIN."""
    return [_entry(row) for row in reads.execute("SELECT * FROM ledger ORDER BY gtin")]


def save(tx: Reads, one: Entry) -> None:
    """Keep a line of the ledger."""
    tx.execute(
        "INSERT INTO ledger VALUES (?, ?, ?) ON CONFLICT (gtin)"
        " DO UPDATE SET on_hand = excluded.on_hand, reserved = excluded.reserved",
        (one.gtin, one.on_hand, one.reserved),
    )


def known(reads: Reads, order: str) -> bool:
    """Whether units were ever reserved for `order`."""
    row = reads.execute("SELECT 1 FROM reservation WHERE order_id = ?", (order,)).fetchone()
    return row is not None


def hold(tx: Reads, order: str, units: Mapping[str, int]) -> None:
    """Note what `order` holds, by GTIN."""
    for gtin, quantity in units.items():
        tx.execute("INSERT INTO reservation VALUES (?, ?, ?, 'held')", (order, gtin, quantity))


def end_hold(tx: Reads, order: str, state: str) -> dict[str, int]:
    """End what `order` holds as ``released`` or ``collected``; what it held, by GTIN."""
    rows = tx.execute(
        "UPDATE reservation SET state = ? WHERE order_id = ? AND state = 'held'"
        " RETURNING gtin, quantity",
        (state, order),
    )
    return {row["gtin"]: row["quantity"] for row in rows}


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(row["gtin"], row["on_hand"], row["reserved"])
