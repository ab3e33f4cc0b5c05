"""What the two databases say, read after the fact."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from edge_agent.storage.log import STATE, LogState, state_of


@dataclass(frozen=True, slots=True)
class HubFact:
    """A row of the hub's facts."""

    epoch: int
    lane: str
    sequence: int
    id: str
    type: str
    subject: str
    data: Mapping[str, Any]
    covers: int


@dataclass(frozen=True, slots=True)
class HubEvidence:
    """All that the oracle asks of a hub's database about one store.

    Attributes:
        cursors: by (epoch, lane): sequence and chain hash.
        commands: by sequence: the id of the fact that answered it.
        orders: state by order.
        streams: by stream: the version and the items by key.
        counted: by campaign: offered, redeemed.
        facts_counted: the store's own lifetime counter.
    """

    facts: Sequence[HubFact]
    cursors: Mapping[tuple[int, str], tuple[int, str]]
    commands: Mapping[int, str | None]
    orders: Mapping[str, str]
    streams: Mapping[str, tuple[int, Mapping[str, Any]]]
    counted: Mapping[str, tuple[int, int]]
    facts_counted: int
    epoch: int


QUERIES: Mapping[str, str] = {
    "facts": (
        "SELECT epoch, lane, sequence, id, type, subject, raw FROM fact"
        " WHERE store = '{store}' ORDER BY epoch, lane, sequence"
    ),
    "cursors": "SELECT epoch, lane, sequence, hash FROM cursor WHERE store = '{store}'",
    "commands": "SELECT sequence, answered FROM command WHERE store = '{store}'",
    "orders": "SELECT order_id, state FROM orders WHERE store = '{store}'",
    "versions": "SELECT stream, version FROM stream_version WHERE store = '{store}'",
    "items": "SELECT stream, key, item FROM stream_item WHERE store = '{store}'",
    "campaigns": (
        "SELECT campaign, CAST(sum(offered) AS BIGINT) AS offered,"
        " CAST(sum(redeemed) AS BIGINT) AS redeemed"
        " FROM (SELECT campaign, offered, redeemed FROM campaign"
        " UNION ALL SELECT campaign, offered, redeemed FROM campaign_tally) AS counted"
        " GROUP BY campaign"
    ),
    "store": "SELECT facts, epoch FROM store WHERE store = '{store}'",
}
"""The same on SQLite and PostgreSQL; `store` is a name of our own tests."""

Tables = Mapping[str, Sequence[Mapping[str, Any]]]


def hub_evidence(tables: Tables) -> HubEvidence:
    """What the answers to `QUERIES` say."""
    items: dict[str, dict[str, Any]] = {}
    for row in tables["items"]:
        items.setdefault(row["stream"], {})[row["key"]] = json.loads(row["item"])
    (store,) = tables["store"]
    return HubEvidence(
        facts=[_fact(row) for row in tables["facts"]],
        cursors={
            (row["epoch"], row["lane"]): (row["sequence"], row["hash"]) for row in tables["cursors"]
        },
        commands={row["sequence"]: row["answered"] for row in tables["commands"]},
        orders={row["order_id"]: row["state"] for row in tables["orders"]},
        streams={
            row["stream"]: (row["version"], items.get(row["stream"], {}))
            for row in tables["versions"]
        },
        counted={row["campaign"]: (row["offered"], row["redeemed"]) for row in tables["campaigns"]},
        facts_counted=store["facts"],
        epoch=store["epoch"],
    )


def _fact(row: Mapping[str, Any]) -> HubFact:
    event = json.loads(row["raw"])
    return HubFact(
        epoch=row["epoch"],
        lane=row["lane"],
        sequence=row["sequence"],
        id=row["id"],
        type=row["type"],
        subject=row["subject"],
        data=event["data"],
        covers=event.get("covers", row["sequence"]),
    )


def sqlite_hub(database: Path, store: str) -> HubEvidence:
    """The evidence of a hub on SQLite, which may run."""
    with closing(_look(database)) as connection:
        return hub_evidence(
            {
                name: [dict(row) for row in connection.execute(sql.format(store=store))]
                for name, sql in QUERIES.items()
            }
        )


async def postgres_hub(url: str, store: str) -> HubEvidence:
    """The evidence of a hub on PostgreSQL, in one snapshot.

    Raises:
        OSError, asyncpg.PostgresError: the database is not there now.
    """
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return hub_evidence(
                {
                    name: [dict(row) for row in await connection.fetch(sql.format(store=store))]
                    for name, sql in QUERIES.items()
                }
            )
    finally:
        await connection.close()


def facts_counted(database: Path, store: str) -> int:
    """The lifetime counter of a hub on SQLite: cheap, also beside two million facts."""
    with closing(_look(database)) as connection:
        query = "SELECT facts FROM store WHERE store = ?"
        return int(connection.execute(query, (store,)).fetchone()["facts"])


@dataclass(frozen=True, slots=True)
class StoreEvidence:
    """What a store's database says.

    Attributes:
        commands: the sequence of the last command carried out.
        versions: held, by stream.
        campaigns: the discount by campaign that is held.
        parked: facts that a flow refused.
    """

    log: LogState
    commands: int
    versions: Mapping[str, int]
    campaigns: Mapping[str, int]
    parked: int


def store_evidence(database: Path) -> StoreEvidence:
    """The evidence of an agent's database, which may run."""
    with closing(_look(database)) as connection:
        (commands,) = connection.execute("SELECT sequence FROM command_cursor").fetchone()
        (parked,) = connection.execute("SELECT count(*) FROM parked").fetchone()
        versions = dict(connection.execute("SELECT stream, version FROM stream_version").fetchall())
        campaigns = connection.execute("SELECT id, item FROM campaign").fetchall()
        log = state_of(connection.execute(STATE).fetchall())
    return StoreEvidence(
        log=log,
        commands=commands,
        versions=versions,
        campaigns={name: json.loads(raw)["discount"] for name, raw in campaigns},
        parked=parked,
    )


def _look(database: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
    connection.row_factory = sqlite3.Row
    return connection
