"""What a unit of work of the facts benchmark records: a count of one article, and its ledger line.

Both contenders write the same fact row and the same state row.
"""

from typing import Final

from cloud_bridge.wire.facts.stock import Changed
from edge_agent.kernel.facts import Fact

ARTICLES: Final = 2_000
"""What a fashion store lists (assumed); the ledger's pages stay in SQLite's cache."""

SAVE: Final = (
    "INSERT INTO ledger VALUES (?, ?, ?) ON CONFLICT (gtin)"
    " DO UPDATE SET on_hand = excluded.on_hand, reserved = excluded.reserved"
)
"""As `edge_agent.capabilities.stock.store.save`."""


def line(number: int) -> tuple[str, int, int]:
    """The ledger's line after count `number`."""
    return f"08800000{number % ARTICLES:05}", number % 90, 0


def count(number: int) -> Fact:
    """The fact of count `number`."""
    gtin, on_hand, reserved = line(number)
    return Fact(
        f"articles/{gtin}",
        Changed(
            gtin=gtin,
            on_hand=on_hand,
            reserved=reserved,
            delta=1,
            reason="count",
            reference=f"count-{number}",
        ),
    )
