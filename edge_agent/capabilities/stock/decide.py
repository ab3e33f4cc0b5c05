"""How the ledger moves. Pure.

What has happened in the store is booked, also where the ledger says that it cannot have: stores
are right about their stock 70 to 90 % of the time, and the goods are the truth. `on_hand` stops
at 0 then, and the fact tells how many units the ledger was short of.
"""

from dataclasses import replace
from typing import Literal

from cloud_bridge.wire.facts.stock import Changed
from edge_agent.capabilities.stock.model import Decision, Entry
from edge_agent.kernel.facts import Fact

_Reason = Literal["count", "sale", "reserved", "released", "collected"]


def count(entry: Entry, on_hand: int, *, reference: str) -> Decision:
    """Somebody counted: so many units are there, whatever was believed."""
    return _moved(entry, replace(entry, on_hand=on_hand), "count", reference)


def sell(entry: Entry, quantity: int, *, reference: str) -> Decision:
    """Units left over the till; a negative `quantity` came back."""
    return _gone(entry, entry.reserved, quantity, "sale", reference)


def reserve(entry: Entry, quantity: int, *, reference: str) -> Decision:
    """Units are put aside for an order."""
    after = replace(entry, reserved=entry.reserved + quantity)
    return _moved(entry, after, "reserved", reference)


def release(entry: Entry, quantity: int, *, reference: str) -> Decision:
    """An order ended without its units."""
    after = replace(entry, reserved=max(0, entry.reserved - quantity))
    return _moved(entry, after, "released", reference)


def collect(entry: Entry, quantity: int, *, reference: str) -> Decision:
    """An order left with its units."""
    return _gone(entry, max(0, entry.reserved - quantity), quantity, "collected", reference)


def _gone(entry: Entry, reserved: int, quantity: int, reason: _Reason, reference: str) -> Decision:
    after = replace(entry, on_hand=max(0, entry.on_hand - quantity), reserved=reserved)
    short = max(0, quantity - entry.on_hand)
    return _moved(entry, after, reason, reference, short)


def _moved(
    before: Entry, after: Entry, reason: _Reason, reference: str, short: int = 0
) -> Decision:
    data = Changed(
        gtin=after.gtin,
        on_hand=after.on_hand,
        reserved=after.reserved,
        delta=after.on_hand - before.on_hand,
        reason=reason,
        reference=reference,
        short=short,
    )
    return Decision(after, Fact(f"articles/{after.gtin}", data))
