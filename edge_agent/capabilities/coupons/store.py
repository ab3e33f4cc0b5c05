"""Campaigns and coupons in SQL."""

import sqlite3
from collections.abc import Iterable

import msgspec

from cloud_bridge.wire.streams.coupons import Campaign
from edge_agent.capabilities.coupons.model import Coupon, CouponState
from edge_agent.kernel.clock import Instant
from edge_agent.storage.reads import Reads
from edge_agent.storage.rows import microseconds, moment_of

_campaign = msgspec.json.Decoder(Campaign)


def put_campaign(tx: Reads, key: str, item: bytes) -> None:
    """Keep a campaign as it came; one that this version cannot read is kept with its problem."""
    try:
        problem = None if _campaign.decode(item).id == key else "its id is not its key"
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as err:
        problem = str(err)
    tx.execute(
        "INSERT INTO campaign VALUES (?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET item = excluded.item, problem = excluded.problem",
        (key, item, problem),
    )


def remove_campaign(tx: Reads, key: str) -> None:
    """Forget a campaign; coupons that were offered under it stay good."""
    tx.execute("DELETE FROM campaign WHERE id = ?", (key,))


def remove_campaigns_except(tx: Reads, keys: Iterable[str]) -> None:
    """Forget every campaign that is not among `keys`."""
    held = {row["id"] for row in tx.execute("SELECT id FROM campaign")}
    for key in held.difference(keys):
        remove_campaign(tx, key)


def campaigns(reads: Reads) -> tuple[Campaign, ...]:
    """Every campaign that this version can offer, by id."""
    rows = reads.execute("SELECT item FROM campaign WHERE problem IS NULL ORDER BY id")
    return tuple(_campaign.decode(row["item"]) for row in rows)


def insert(tx: Reads, coupon: Coupon) -> None:
    """Keep a coupon that was just offered."""
    tx.execute(
        "INSERT INTO coupon (code, campaign, shopper, zone, terms, state, offered_at, expires)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            coupon.code,
            coupon.terms.id,
            coupon.shopper,
            coupon.zone,
            msgspec.json.encode(coupon.terms),
            coupon.state.value,
            microseconds(coupon.offered_at),
            microseconds(coupon.expires),
        ),
    )


def save_redeemed(tx: Reads, coupon: Coupon, *, till: str, receipt: str, now: Instant) -> None:
    """Note where and when the coupon was taken."""
    tx.execute(
        "UPDATE coupon SET state = ?, redeemed_at = ?, till = ?, receipt = ? WHERE code = ?",
        (coupon.state.value, microseconds(now.wall), till, receipt, coupon.code),
    )


def expire(tx: Reads, shopper: str, now: Instant) -> None:
    """End the shopper's coupons whose time is over, so that they are open no more."""
    tx.execute(
        "UPDATE coupon SET state = 'expired'"
        " WHERE shopper = ? AND state = 'offered' AND expires <= ?",
        (shopper, microseconds(now.wall)),
    )


def issued(reads: Reads, shopper: str) -> dict[str, int]:
    """How many coupons the shopper has had of each campaign, whatever became of them."""
    rows = reads.execute(
        "SELECT campaign, COUNT(*) AS issued FROM coupon WHERE shopper = ? GROUP BY campaign",
        (shopper,),
    )
    return {row["campaign"]: row["issued"] for row in rows}


def holding(reads: Reads, shopper: str) -> frozenset[str]:
    """The campaigns of which the shopper has an open coupon."""
    rows = reads.execute(
        "SELECT campaign FROM coupon WHERE shopper = ? AND state = 'offered'", (shopper,)
    )
    return frozenset(row["campaign"] for row in rows)


def find(reads: Reads, code: str) -> Coupon | None:
    """The coupon of that code."""
    row = reads.execute("SELECT * FROM coupon WHERE code = ?", (code,)).fetchone()
    return None if row is None else _coupon(row)


def of_shopper(reads: Reads, shopper: str, limit: int) -> list[Coupon]:
    """A shopper's coupons, newest first; `decide.state_at` tells which are past their time."""
    rows = reads.execute(
        "SELECT * FROM coupon WHERE shopper = ? ORDER BY offered_at DESC LIMIT ?", (shopper, limit)
    )
    return [_coupon(row) for row in rows]


def newest(reads: Reads, limit: int) -> list[Coupon]:
    """The store's coupons, newest first."""
    rows = reads.execute("SELECT * FROM coupon ORDER BY offered_at DESC LIMIT ?", (limit,))
    return [_coupon(row) for row in rows]


def forget_shopper(tx: Reads, shopper: str) -> None:
    """Forget whose coupons were whose: what was redeemed stays as the till's record, unnamed."""
    tx.execute("DELETE FROM coupon WHERE shopper = ? AND state <> 'redeemed'", (shopper,))
    tx.execute("UPDATE coupon SET shopper = '' WHERE shopper = ?", (shopper,))


def _coupon(row: sqlite3.Row) -> Coupon:
    return Coupon(
        row["code"],
        row["shopper"],
        row["zone"],
        _campaign.decode(row["terms"]),
        CouponState(row["state"]),
        moment_of(row["offered_at"]),
        moment_of(row["expires"]),
    )
