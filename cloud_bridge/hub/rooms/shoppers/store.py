"""Shoppers in the database, and in the `shoppers` stream of their store."""

import secrets

import msgspec

from cloud_bridge.hub import streams
from cloud_bridge.hub.database import Tx
from cloud_bridge.wire.envelope import Event
from cloud_bridge.wire.facts.shoppers import Enrolled, Left
from cloud_bridge.wire.messages import REMOVED, Change
from cloud_bridge.wire.sealing import subject_of
from cloud_bridge.wire.streams.shoppers import STREAM, Shopper

_ENTRY_BYTES = 8
"""Random: two entries of a store meet once in ten thousand million stores of 50,000 shoppers."""


class _Named(msgspec.Struct, frozen=True):
    shopper: str


async def take_entry(tx: Tx, store: str, shopper: str) -> str:
    """The stream's key of a pseudonym; a new one for somebody who is new to the stream.

    Their row is held: whoever drops them meanwhile does so after what is published here.
    """
    row = await tx.row(
        "INSERT INTO shopper VALUES ($1, $2, $3) ON CONFLICT (store, shopper)"
        " DO UPDATE SET entry = shopper.entry RETURNING entry",
        store,
        shopper,
        secrets.token_hex(_ENTRY_BYTES),
    )
    assert row is not None  # noqa: S101 - an upsert returns its row
    return str(row["entry"])


async def publish(tx: Tx, store: str, item: Shopper) -> int:
    """Hand a shopper, whose entry is taken, to their store; the stream's new version."""
    change = Change(key=item.id, item=msgspec.Raw(msgspec.json.encode(item)))
    return await streams.change(tx, store, STREAM, [change])


async def drop(tx: Tx, store: str, shopper: str) -> int | None:
    """Take a shopper out of the stream, and out of what is kept to repeat it.

    Returns the stream's new version; None for nobody.
    """
    await tx.execute("DELETE FROM shopper_key WHERE store = $1 AND shopper = $2", store, shopper)
    row = await tx.row(
        "DELETE FROM shopper WHERE store = $1 AND shopper = $2 RETURNING entry", store, shopper
    )
    if row is None:
        return None
    entry = row["entry"]
    await tx.execute(
        "DELETE FROM stream_delta WHERE store = $1 AND stream = $2 AND raw LIKE $3",
        store,
        STREAM,
        f"%{entry}%",
    )
    return await streams.change(tx, store, STREAM, [Change(key=entry, item=REMOVED)])


async def listed(tx: Tx, store: str) -> list[Shopper]:
    """The store's stream as it stands."""
    rows = await tx.rows(
        "SELECT item FROM stream_item WHERE store = $1 AND stream = $2 ORDER BY key", store, STREAM
    )
    return [msgspec.json.decode(row["item"], type=Shopper) for row in rows]


async def enrolled(tx: Tx, store: str, event: Event, now: str) -> None:
    """Effect of `Enrolled`: note whose key it is that sealed the fact."""
    named = msgspec.json.decode(event.data, type=_Named)
    key = event.subject.removeprefix(subject_of(""))
    await tx.execute(
        "INSERT INTO shopper_key VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        store,
        key,
        named.shopper,
    )


async def left(tx: Tx, store: str, event: Event, now: str) -> None:
    """Effect of `Left`: who left in the store leaves the stream."""
    key = msgspec.json.decode(event.data, type=Left).key
    row = await tx.row("SELECT shopper FROM shopper_key WHERE store = $1 AND key = $2", store, key)
    if row is not None:
        await drop(tx, store, row["shopper"])


EFFECTS = {Enrolled.TYPE: enrolled, Left.TYPE: left}
