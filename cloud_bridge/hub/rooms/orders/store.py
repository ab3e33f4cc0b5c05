"""Orders in the database."""

import sqlite3

import msgspec

from cloud_bridge.hub import commands
from cloud_bridge.hub.rooms.orders.decide import ANSWERS, STATES, moved_on
from cloud_bridge.hub.rooms.orders.model import OrderView, State
from cloud_bridge.wire.envelope import Event
from cloud_bridge.wire.facts.pickup import CommandUnsupported
from cloud_bridge.wire.streams.orders import PlaceOrder

SHOWN = 100
"""Orders in a list: the newest; older ones are a matter for reports."""


class _Said(msgspec.Struct, frozen=True):
    """The fields of pickup facts that an order keeps."""

    order: str
    reason: str | None = None
    evidence: list[str] | None = None


def next_number(tx: sqlite3.Connection) -> str:
    """A new order number, ``W-1042``."""
    (last,) = tx.execute("UPDATE order_number SET last = last + 1 RETURNING last").fetchone()
    return f"W-{last}"


def exists(tx: sqlite3.Connection, store: str, order: str) -> bool:
    """Whether `store` has been given `order`."""
    found = tx.execute("SELECT 1 FROM orders WHERE store = ? AND order_id = ?", (store, order))
    return found.fetchone() is not None


def add(tx: sqlite3.Connection, store: str, placed: PlaceOrder, now: str) -> None:
    """Keep a placed order."""
    tx.execute(
        "INSERT INTO orders (store, order_id, state, placed, placed_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (store, placed.order, State.PLACED, msgspec.json.encode(placed).decode(), now, now),
    )


def follow(tx: sqlite3.Connection, store: str, event: Event, now: str) -> None:
    """Effect of a pickup fact: answer its command, move its order on.

    An order that this hub never placed (it was restored) stays unknown; the fact itself is kept.
    """
    said = msgspec.json.decode(event.data, type=_Said)
    if kind := ANSWERS.get(event.type):
        commands.answered(tx, store, f"orders/{said.order}", kind, event.id)
    row = tx.execute(
        "SELECT state FROM orders WHERE store = ? AND order_id = ?", (store, said.order)
    ).fetchone()
    if row is None or (state := moved_on(State(row["state"]), event.type)) == row["state"]:
        return
    evidence = msgspec.json.encode(said.evidence).decode() if said.evidence else None
    tx.execute(
        "UPDATE orders SET state = ?, updated_at = ?, reason = ?, evidence = ?"
        " WHERE store = ? AND order_id = ?",
        (state, now, said.reason, evidence, store, said.order),
    )


def unsupported(tx: sqlite3.Connection, store: str, event: Event, now: str) -> None:
    """Effect of `CommandUnsupported`: the command has its answer."""
    data = msgspec.json.decode(event.data, type=CommandUnsupported)
    commands.answered_at(tx, store, data.sequence, event.id)


EFFECTS = {
    **dict.fromkeys(STATES, follow),
    CommandUnsupported.TYPE: unsupported,
}


def newest(tx: sqlite3.Connection, store: str | None = None) -> list[OrderView]:
    """The newest orders, of one store or of all."""
    rows = tx.execute(
        "SELECT * FROM orders WHERE ?1 IS NULL OR store = ?1 ORDER BY placed_at DESC LIMIT ?2",
        (store, SHOWN),
    )
    return [_view(row) for row in rows]


def _view(row: sqlite3.Row) -> OrderView:
    placed = msgspec.json.decode(row["placed"], type=PlaceOrder)
    evidence = row["evidence"]
    return OrderView(
        store=row["store"],
        order=row["order_id"],
        state=row["state"],
        collector=placed.collector,
        lines=placed.lines,
        placed_at=row["placed_at"],
        updated_at=row["updated_at"],
        reason=row["reason"],
        evidence=msgspec.json.decode(evidence, type=list[str]) if evidence else None,
    )
