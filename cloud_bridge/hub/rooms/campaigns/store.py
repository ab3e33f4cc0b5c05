"""Campaigns in the database, and in the `coupons` stream of each store."""

import sqlite3
from collections.abc import Sequence

import msgspec

from cloud_bridge.hub import streams
from cloud_bridge.wire.envelope import Event
from cloud_bridge.wire.facts.coupons import Offered, Redeemed
from cloud_bridge.wire.messages import REMOVED, Change
from cloud_bridge.wire.streams.coupons import STREAM, Campaign


class CampaignView(Campaign, frozen=True, kw_only=True):
    """A campaign as the pages show it, with what became of it in all stores."""

    stores: list[str] | None
    offered: int
    redeemed: int


class _Counted(msgspec.Struct, frozen=True):
    campaign: str


def publish(
    tx: sqlite3.Connection,
    campaign: Campaign,
    chosen: Sequence[str] | None,
    served: Sequence[str],
) -> list[str]:
    """Keep `campaign` and hand it to the stores of `served` that are `chosen` (None: to all).

    A store that no longer is loses it. Returns the stores whose stream moved.
    """
    item = msgspec.json.encode(campaign)
    tx.execute(
        "INSERT INTO campaign (campaign, raw, stores) VALUES (?1, ?2, ?3) ON CONFLICT (campaign)"
        " DO UPDATE SET raw = ?2, stores = ?3, ended = 0",
        (campaign.id, item.decode(), _json(chosen)),
    )
    moved = []
    for store in served:
        wanted = msgspec.Raw(item) if chosen is None or store in chosen else REMOVED
        if _set(tx, store, campaign.id, wanted):
            moved.append(store)
    return moved


def end(tx: sqlite3.Connection, campaign: str, served: Sequence[str]) -> list[str] | None:
    """Take `campaign` out of every store; None when there is none to end."""
    ended = tx.execute(
        "UPDATE campaign SET ended = 1 WHERE campaign = ? AND NOT ended", (campaign,)
    )
    if not ended.rowcount:
        return None
    return [store for store in served if _set(tx, store, campaign, REMOVED)]


def _set(tx: sqlite3.Connection, store: str, campaign: str, item: msgspec.Raw) -> bool:
    """Whether the store's stream changed by it."""
    row = tx.execute(
        "SELECT item FROM stream_item WHERE store = ? AND stream = ? AND key = ?",
        (store, STREAM, campaign),
    ).fetchone()
    held = row["item"].encode() if row else bytes(REMOVED)
    if held == bytes(item):
        return False
    streams.change(tx, store, STREAM, [Change(key=campaign, item=item)])
    return True


def _count(column: str, tx: sqlite3.Connection, event: Event) -> None:
    data = msgspec.json.decode(event.data, type=_Counted)
    tx.execute(
        f"UPDATE campaign SET {column} = {column} + 1 WHERE campaign = ?",  # noqa: S608 - our own two names
        (data.campaign,),
    )


def offered(tx: sqlite3.Connection, store: str, event: Event, now: str) -> None:
    """Effect of `Offered`."""
    _count("offered", tx, event)


def redeemed(tx: sqlite3.Connection, store: str, event: Event, now: str) -> None:
    """Effect of `Redeemed`."""
    _count("redeemed", tx, event)


EFFECTS = {Offered.TYPE: offered, Redeemed.TYPE: redeemed}


def running(tx: sqlite3.Connection) -> list[CampaignView]:
    """The campaigns that were not ended, by id."""
    rows = tx.execute("SELECT * FROM campaign WHERE NOT ended ORDER BY campaign")
    return [_view(row) for row in rows]


def version(tx: sqlite3.Connection) -> int:
    """The newest version of the stream in any store: it moves whenever a campaign does."""
    row = tx.execute(
        "SELECT ifnull(max(version), 0) FROM stream_version WHERE stream = ?", (STREAM,)
    )
    return int(row.fetchone()[0])


def _view(row: sqlite3.Row) -> CampaignView:
    campaign = msgspec.json.decode(row["raw"], type=Campaign)
    stores = row["stores"]
    return CampaignView(
        **msgspec.structs.asdict(campaign),
        stores=msgspec.json.decode(stores, type=list[str]) if stores else None,
        offered=row["offered"],
        redeemed=row["redeemed"],
    )


def _json(value: Sequence[str] | None) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
