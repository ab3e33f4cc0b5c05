"""Orders in the database."""

import msgspec

from cloud_bridge.hub import commands
from cloud_bridge.hub.database import Row, Tx
from cloud_bridge.hub.rooms.orders.decide import ANSWERS, STATES, moved_on
from cloud_bridge.hub.rooms.orders.model import OrderView, State
from cloud_bridge.wire.envelope import Event
from cloud_bridge.wire.facts.pickup import CommandUnsupported
from cloud_bridge.wire.messages import Ask, Standing, Standings
from cloud_bridge.wire.streams.orders import PlaceOrder

SHOWN = 100
"""Orders in a list: the newest; older ones are a matter for reports."""


class _Said(msgspec.Struct, frozen=True):
    """The fields of pickup facts that an order keeps."""

    order: str
    reason: str | None = None
    evidence: list[str] | None = None


async def next_number(tx: Tx) -> str:
    """A new order number, ``W-1042``."""
    row = await tx.row("UPDATE order_number SET last = last + 1 RETURNING last")
    assert row is not None  # noqa: S101 - the schema made it
    return f"W-{row['last']}"


async def exists(tx: Tx, store: str, order: str) -> bool:
    """Whether `store` has been given `order`."""
    row = await tx.row("SELECT 1 FROM orders WHERE store = $1 AND order_id = $2", store, order)
    return row is not None


async def add(tx: Tx, store: str, placed: PlaceOrder, now: str) -> None:
    """Keep a placed order."""
    await tx.execute(
        "INSERT INTO orders (store, order_id, state, placed, placed_at, updated_at)"
        " VALUES ($1, $2, $3, $4, $5, $5)",
        store,
        placed.order,
        State.PLACED,
        msgspec.json.encode(placed).decode(),
        now,
    )


async def follow(tx: Tx, store: str, event: Event, now: str) -> None:
    """Effect of a pickup fact: answer its command, move its order on.

    An order that this hub never placed (it was restored) stays unknown; the fact itself is kept.
    """
    said = msgspec.json.decode(event.data, type=_Said)
    if kind := ANSWERS.get(event.type):
        await commands.answered(tx, store, f"orders/{said.order}", kind, event.id)
    row = await tx.row(
        "SELECT state FROM orders WHERE store = $1 AND order_id = $2", store, said.order
    )
    if row is None or (state := moved_on(State(row["state"]), event.type)) == row["state"]:
        return
    evidence = msgspec.json.encode(said.evidence).decode() if said.evidence else None
    await tx.execute(
        "UPDATE orders SET state = $1, updated_at = $2, reason = $3, evidence = $4"
        " WHERE store = $5 AND order_id = $6",
        state,
        now,
        said.reason,
        evidence,
        store,
        said.order,
    )


async def unsupported(tx: Tx, store: str, event: Event, now: str) -> None:
    """Effect of `CommandUnsupported`: the command has its answer."""
    data = msgspec.json.decode(event.data, type=CommandUnsupported)
    await commands.answered_at(tx, store, data.sequence, event.id)


EFFECTS = {
    **dict.fromkeys(STATES, follow),
    CommandUnsupported.TYPE: unsupported,
}


async def standings(tx: Tx, store: str, ask: Ask) -> Standings:
    """How the orders of a question stand; of those that were never placed here nothing."""
    marks = ", ".join(f"${number}" for number in range(2, len(ask.orders) + 2))
    rows = await tx.rows(
        f"SELECT order_id, state FROM orders WHERE store = $1 AND order_id IN ({marks or 'NULL'})",  # noqa: S608 - parameters' names
        store,
        *ask.orders,
    )
    return Standings(
        stream=ask.stream,
        answers=ask.id,
        commands=await commands.last(tx, store),
        orders=[Standing(order=row["order_id"], state=row["state"]) for row in rows],
    )


async def newest(tx: Tx, store: str | None = None) -> list[OrderView]:
    """The newest orders, of one store or of all."""
    rows = await tx.rows(
        "SELECT * FROM orders WHERE CAST($1 AS TEXT) IS NULL OR store = $1"
        " ORDER BY placed_at DESC LIMIT $2",
        store,
        SHOWN,
    )
    return [_view(row) for row in rows]


def _view(row: Row) -> OrderView:
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
