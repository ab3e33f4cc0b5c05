"""Stores and their newest facts, as the pages show them."""

import sqlite3

import msgspec

from cloud_bridge.hub import people
from cloud_bridge.hub.rooms.orders.model import ENDED
from cloud_bridge.hub.rooms.stores import sight
from cloud_bridge.wire.envelope import Event


class LaneView(msgspec.Struct, frozen=True):
    """How far the hub has come with a lane of the present epoch."""

    cursor: int


class StoreView(msgspec.Struct, frozen=True, kw_only=True):
    """A store, for the pages.

    Attributes:
        blind: receivers that hear nothing.
        unknown: zones of which nobody can tell who is in them.
    """

    id: str
    online: bool
    since: str | None
    gateway: str | None
    agent_version: str | None
    epoch: int
    facts: int
    lanes: dict[str, LaneView]
    last_fact_at: str | None
    open_orders: int
    blind: list[str]
    unknown: list[str]


class FactView(msgspec.Struct, frozen=True, kw_only=True):
    """A fact, for the pages.

    Attributes:
        data: with what it says about a person, while the person's key is here.
        seal: ``none``, ``opened`` or ``closed``: whether there is something sealed in it.
    """

    store: str
    lane: str
    epoch: int
    sequence: int
    type: str
    subject: str
    time: str
    received_at: str
    data: msgspec.Raw
    seal: str


def add(tx: sqlite3.Connection, store: str) -> None:
    """Serve `store` from now on; one that is served already stays as it is."""
    tx.execute("INSERT INTO store (store) VALUES (?) ON CONFLICT DO NOTHING", (store,))


def overview(tx: sqlite3.Connection) -> list[StoreView]:
    """Every store, by id."""
    return [_view(tx, row) for row in tx.execute("SELECT * FROM store ORDER BY store").fetchall()]


def _view(tx: sqlite3.Connection, row: sqlite3.Row) -> StoreView:
    lanes = tx.execute(
        "SELECT lane, sequence FROM cursor WHERE store = ? AND epoch = ?",
        (row["store"], row["epoch"]),
    )
    ended = sorted(ENDED)
    marks = ", ".join("?" * len(ended))
    (open_orders,) = tx.execute(
        f"SELECT count(*) FROM orders WHERE store = ? AND state NOT IN ({marks})",  # noqa: S608 - question marks
        (row["store"], *ended),
    ).fetchone()
    unseen = sight.unseen(tx, row["store"])
    return StoreView(
        id=row["store"],
        online=bool(row["online"]),
        since=row["since"],
        gateway=row["gateway"],
        agent_version=row["agent_version"],
        epoch=row["epoch"],
        facts=row["facts"],
        lanes={lane: LaneView(sequence) for lane, sequence in lanes},
        last_fact_at=row["last_fact_at"],
        open_orders=open_orders,
        blind=unseen.blind,
        unknown=unseen.unknown,
    )


def newest_facts(
    tx: sqlite3.Connection, *, store: str | None = None, lane: str | None = None, limit: int = 100
) -> list[FactView]:
    """The facts that arrived last, newest first."""
    wanted = {"store": store, "lane": lane}
    where = " AND ".join(f"{name} = :{name}" for name, value in wanted.items() if value is not None)
    rows = tx.execute(
        f"SELECT * FROM fact WHERE {where or 1} ORDER BY received_at DESC, rowid DESC LIMIT :limit",  # noqa: S608 - our own two names
        wanted | {"limit": limit},
    )
    return [_fact(tx, row) for row in rows.fetchall()]


def _fact(tx: sqlite3.Connection, row: sqlite3.Row) -> FactView:
    event = msgspec.json.decode(row["raw"], type=Event)
    event, seal = people.look(tx, row["store"], event)
    return FactView(
        store=row["store"],
        lane=row["lane"],
        epoch=row["epoch"],
        sequence=row["sequence"],
        type=row["type"],
        subject=row["subject"],
        time=row["time"],
        received_at=row["received_at"],
        data=event.data,
        seal=seal,
    )
