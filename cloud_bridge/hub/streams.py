"""State streams: what each store should hold, as versions, deltas and snapshots in chunks."""

import hashlib
import sqlite3
from collections.abc import Sequence

import msgspec

from cloud_bridge.wire.messages import Change, Chunk, Delta

DELTAS_KEPT = 500
"""Per store and stream: a store that missed more takes the snapshot, which is smaller by then."""

MOST_DELTAS_SENT = 50
"""A store that is further behind gets the snapshot: one answer instead of many messages."""

CHUNK_CHARACTERS = 16 * 1024
"""Of a snapshot's text: at most 64 KiB as UTF-8, and about 20 KiB for Korean and English mixed."""


def change(tx: sqlite3.Connection, store: str, stream: str, changes: Sequence[Change]) -> int:
    """Make `changes` the next version of the store's stream; that version."""
    (version,) = tx.execute(
        "INSERT INTO stream_version VALUES (?, ?, 1)"
        " ON CONFLICT (store, stream) DO UPDATE SET version = version + 1 RETURNING version",
        (store, stream),
    ).fetchone()
    for each in changes:
        _keep(tx, store, stream, each)
    delta = Delta(stream=stream, version=version, changes=list(changes))
    tx.execute(
        "INSERT INTO stream_delta VALUES (?, ?, ?, ?)",
        (store, stream, version, msgspec.json.encode(delta).decode()),
    )
    tx.execute(
        "DELETE FROM stream_delta WHERE store = ? AND stream = ? AND version <= ?",
        (store, stream, version - DELTAS_KEPT),
    )
    return int(version)


def _keep(tx: sqlite3.Connection, store: str, stream: str, each: Change) -> None:
    if each.removes:
        tx.execute(
            "DELETE FROM stream_item WHERE store = ? AND stream = ? AND key = ?",
            (store, stream, each.key),
        )
    else:
        tx.execute(
            "INSERT INTO stream_item VALUES (?, ?, ?, ?)"
            " ON CONFLICT (store, stream, key) DO UPDATE SET item = excluded.item",
            (store, stream, each.key, bytes(each.item).decode()),
        )


def versions(tx: sqlite3.Connection, store: str) -> dict[str, int]:
    """The present version of each stream that this store has."""
    rows = tx.execute("SELECT stream, version FROM stream_version WHERE store = ?", (store,))
    return {row["stream"]: row["version"] for row in rows}


def missing(tx: sqlite3.Connection, store: str, stream: str, held: int) -> list[bytes]:
    """The messages that bring a store from version `held` to the present one, or begin to.

    A store that holds nothing of a stream, or holds what this hub never gave out, gets chunk 0 of
    the snapshot and asks for the rest.
    """
    version = versions(tx, store).get(stream, 0)
    if version in (0, held):
        return []
    if 0 < held < version and version - held <= MOST_DELTAS_SENT:
        rows = tx.execute(
            "SELECT raw FROM stream_delta WHERE store = ? AND stream = ? AND version > ?"
            " ORDER BY version",
            (store, stream, held),
        ).fetchall()
        if len(rows) == version - held:
            return [row["raw"].encode() for row in rows]
    return [chunk(tx, store, stream, version=version, number=0)]


def chunk(tx: sqlite3.Connection, store: str, stream: str, *, version: int, number: int) -> bytes:
    """One chunk of the present snapshot; chunk 0 of it when `version` is no longer the present."""
    present = versions(tx, store).get(stream, 0)
    rows = tx.execute(
        "SELECT item FROM stream_item WHERE store = ? AND stream = ? ORDER BY key", (store, stream)
    )
    text = f"[{','.join(row['item'] for row in rows)}]"
    chunks = -(-len(text) // CHUNK_CHARACTERS)
    if version != present or not 0 <= number < chunks:
        number = 0
    start = number * CHUNK_CHARACTERS
    return msgspec.json.encode(
        Chunk(
            stream=stream,
            version=present,
            chunk=number,
            chunks=chunks,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            text=text[start : start + CHUNK_CHARACTERS],
        )
    )
