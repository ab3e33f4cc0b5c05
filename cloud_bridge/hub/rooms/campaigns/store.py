"""Campaigns in the database, and in the `coupons` stream of each store."""

from collections.abc import Sequence

import msgspec

from cloud_bridge.hub import streams
from cloud_bridge.hub.database import Row, Tx
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


async def publish(
    tx: Tx,
    campaign: Campaign,
    chosen: Sequence[str] | None,
    served: Sequence[str],
) -> list[str]:
    """Keep `campaign` and hand it to the stores of `served` that are `chosen` (None: to all).

    A store that no longer is loses it. Returns the stores whose stream moved.
    """
    item = msgspec.json.encode(campaign)
    await tx.execute(
        "INSERT INTO campaign (campaign, raw, stores) VALUES ($1, $2, $3) ON CONFLICT (campaign)"
        " DO UPDATE SET raw = $2, stores = $3, ended = 0",
        campaign.id,
        item.decode(),
        _json(chosen),
    )
    moved = []
    for store in served:
        wanted = msgspec.Raw(item) if chosen is None or store in chosen else REMOVED
        if await _set(tx, store, campaign.id, wanted):
            moved.append(store)
    return moved


async def end(tx: Tx, campaign: str, served: Sequence[str]) -> list[str] | None:
    """Take `campaign` out of every store; None when there is none to end."""
    ended = await tx.execute(
        "UPDATE campaign SET ended = 1 WHERE campaign = $1 AND ended = 0", campaign
    )
    if not ended:
        return None
    return [store for store in served if await _set(tx, store, campaign, REMOVED)]


async def _set(tx: Tx, store: str, campaign: str, item: msgspec.Raw) -> bool:
    """Whether the store's stream changed by it."""
    row = await tx.row(
        "SELECT item FROM stream_item WHERE store = $1 AND stream = $2 AND key = $3",
        store,
        STREAM,
        campaign,
    )
    held = row["item"].encode() if row else bytes(REMOVED)
    if held == bytes(item):
        return False
    await streams.change(tx, store, STREAM, [Change(key=campaign, item=item)])
    return True


async def _count(column: str, tx: Tx, store: str, event: Event) -> None:
    """One more in the tally of the store, which the caller holds; unknown campaigns have none."""
    data = msgspec.json.decode(event.data, type=_Counted)
    await tx.execute(
        f"INSERT INTO campaign_tally (campaign, store, {column})"  # noqa: S608 - our own two names
        " SELECT campaign, $1, 1 FROM campaign WHERE campaign = $2"
        f" ON CONFLICT (campaign, store) DO UPDATE SET {column} = campaign_tally.{column} + 1",
        store,
        data.campaign,
    )


async def offered(tx: Tx, store: str, event: Event, now: str) -> None:
    """Effect of `Offered`."""
    await _count("offered", tx, store, event)


async def redeemed(tx: Tx, store: str, event: Event, now: str) -> None:
    """Effect of `Redeemed`."""
    await _count("redeemed", tx, store, event)


EFFECTS = {Offered.TYPE: offered, Redeemed.TYPE: redeemed}


async def running(tx: Tx) -> list[CampaignView]:
    """The campaigns that were not ended, by id, with the tallies of all stores."""
    rows = await tx.rows(
        "SELECT raw, stores,"
        " campaign.offered + CAST(coalesce(sum(tally.offered), 0) AS BIGINT) AS offered,"
        " campaign.redeemed + CAST(coalesce(sum(tally.redeemed), 0) AS BIGINT) AS redeemed"
        " FROM campaign LEFT JOIN campaign_tally AS tally USING (campaign)"
        " WHERE ended = 0 GROUP BY campaign.campaign ORDER BY campaign.campaign"
    )
    return [_view(row) for row in rows]


async def version(tx: Tx) -> int:
    """The newest version of the stream in any store: it moves whenever a campaign does."""
    row = await tx.row(
        "SELECT max(version) AS newest FROM stream_version WHERE stream = $1", STREAM
    )
    return int(row["newest"] or 0) if row else 0


def _view(row: Row) -> CampaignView:
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
