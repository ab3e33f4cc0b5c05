"""Shoppers in the database, and in the `shoppers` stream of their store."""

import secrets
import sqlite3

import msgspec

from cloud_bridge.hub import streams
from cloud_bridge.wire.envelope import Event
from cloud_bridge.wire.facts.shoppers import Enrolled, Left
from cloud_bridge.wire.messages import REMOVED, Change
from cloud_bridge.wire.sealing import subject_of
from cloud_bridge.wire.streams.shoppers import STREAM, Shopper

_ENTRY_BYTES = 8
"""Random: two entries of a store meet once in ten thousand million stores of 50,000 shoppers."""


class _Named(msgspec.Struct, frozen=True):
    shopper: str


def entry_of(tx: sqlite3.Connection, store: str, shopper: str) -> str | None:
    """The stream's key of a pseudonym."""
    row = tx.execute(
        "SELECT entry FROM shopper WHERE store = ? AND shopper = ?", (store, shopper)
    ).fetchone()
    return None if row is None else str(row["entry"])


def new_entry() -> str:
    """A key for somebody who is new to the stream."""
    return secrets.token_hex(_ENTRY_BYTES)


def publish(tx: sqlite3.Connection, store: str, item: Shopper) -> int:
    """Hand a shopper to their store; the stream's new version."""
    tx.execute(
        "INSERT INTO shopper VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (store, item.shopper, item.id),
    )
    change = Change(key=item.id, item=msgspec.Raw(msgspec.json.encode(item)))
    return streams.change(tx, store, STREAM, [change])


def drop(tx: sqlite3.Connection, store: str, shopper: str) -> int | None:
    """Take a shopper out of the stream, and out of what is kept to repeat it.

    Returns the stream's new version; None for nobody.
    """
    entry = entry_of(tx, store, shopper)
    tx.execute("DELETE FROM shopper_key WHERE store = ? AND shopper = ?", (store, shopper))
    if entry is None:
        return None
    tx.execute("DELETE FROM shopper WHERE store = ? AND entry = ?", (store, entry))
    tx.execute(
        "DELETE FROM stream_delta WHERE store = ? AND stream = ? AND instr(raw, ?)",
        (store, STREAM, entry),
    )
    return streams.change(tx, store, STREAM, [Change(key=entry, item=REMOVED)])


def listed(tx: sqlite3.Connection, store: str) -> list[Shopper]:
    """The store's stream as it stands."""
    rows = tx.execute(
        "SELECT item FROM stream_item WHERE store = ? AND stream = ? ORDER BY key", (store, STREAM)
    )
    return [msgspec.json.decode(row["item"], type=Shopper) for row in rows]


def enrolled(tx: sqlite3.Connection, store: str, event: Event, now: str) -> None:
    """Effect of `Enrolled`: note whose key it is that sealed the fact."""
    named = msgspec.json.decode(event.data, type=_Named)
    key = event.subject.removeprefix(subject_of(""))
    tx.execute(
        "INSERT INTO shopper_key VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (store, key, named.shopper),
    )


def left(tx: sqlite3.Connection, store: str, event: Event, now: str) -> None:
    """Effect of `Left`: who left in the store leaves the stream."""
    key = msgspec.json.decode(event.data, type=Left).key
    row = tx.execute(
        "SELECT shopper FROM shopper_key WHERE store = ? AND key = ?", (store, key)
    ).fetchone()
    if row is not None:
        drop(tx, store, row["shopper"])


EFFECTS = {Enrolled.TYPE: enrolled, Left.TYPE: left}
