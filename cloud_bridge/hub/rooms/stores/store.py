"""Stores and their newest facts, as the pages show them."""

from collections import defaultdict

import msgspec

from cloud_bridge.hub import alarms, people
from cloud_bridge.hub.alarms import Alarm
from cloud_bridge.hub.database import Row, Tx
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
        quarantined: facts that this hub could not take.
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
    quarantined: int
    alarms: list[Alarm]


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


async def add(tx: Tx, store: str) -> None:
    """Serve `store` from now on; one that is served already stays as it is."""
    await tx.execute("INSERT INTO store (store) VALUES ($1) ON CONFLICT DO NOTHING", store)


async def overview(tx: Tx) -> list[StoreView]:
    """Every store, by id; in as many questions for a thousand stores as for one."""
    lanes = defaultdict[str, dict[str, LaneView]](dict)
    for row in await tx.rows(
        "SELECT store, lane, sequence FROM cursor JOIN store USING (store, epoch)"
    ):
        lanes[row["store"]][row["lane"]] = LaneView(row["sequence"])
    alarming = defaultdict[str, list[Alarm]](list)
    for alarm in await alarms.sounding(tx):
        alarming[alarm.store].append(alarm)
    open_orders = await _open_orders(tx)
    unseen = await sight.unseen(tx)
    return [
        StoreView(
            id=row["store"],
            online=bool(row["online"]),
            since=row["since"],
            gateway=row["gateway"],
            agent_version=row["agent_version"],
            epoch=row["epoch"],
            facts=row["facts"],
            lanes=lanes[row["store"]],
            last_fact_at=row["last_fact_at"],
            open_orders=open_orders.get(row["store"], 0),
            blind=unseen[row["store"]].blind,
            unknown=unseen[row["store"]].unknown,
            quarantined=row["quarantined"],
            alarms=alarming[row["store"]],
        )
        for row in await tx.rows("SELECT * FROM store ORDER BY store")
    ]


async def _open_orders(tx: Tx) -> dict[str, int]:
    ended = sorted(ENDED)
    marks = ", ".join(f"${number}" for number in range(1, len(ended) + 1))
    rows = await tx.rows(
        f"SELECT store, count(*) AS n FROM orders WHERE state NOT IN ({marks}) GROUP BY store",  # noqa: S608 - parameters' names
        *ended,
    )
    return {row["store"]: row["n"] for row in rows}


async def newest_facts(
    tx: Tx, *, store: str | None = None, lane: str | None = None, limit: int = 100
) -> list[FactView]:
    """The facts that arrived last, newest first."""
    wanted = {
        name: value for name, value in (("store", store), ("lane", lane)) if value is not None
    }
    terms = [f"{name} = ${number}" for number, name in enumerate(wanted, start=2)]
    rows = await tx.rows(
        f"SELECT * FROM fact WHERE {' AND '.join(terms) or '1 = 1'}"  # noqa: S608 - our own two names
        " ORDER BY received_at DESC, store, lane, epoch DESC, sequence DESC LIMIT $1",
        limit,
        *wanted.values(),
    )
    return [await _fact(tx, row) for row in rows]


async def _fact(tx: Tx, row: Row) -> FactView:
    event = msgspec.json.decode(row["raw"], type=Event)
    event, seal = await people.look(tx, row["store"], event)
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
