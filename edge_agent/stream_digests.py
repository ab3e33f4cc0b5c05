"""The hashes of what is held of each state stream, moved in the unit that moves the items."""

from collections.abc import Collection

from cloud_bridge.wire.digests import Buckets, bucket_of, item_hash
from edge_agent.storage import Tx
from edge_agent.storage.reads import Reads


def put(tx: Tx, stream: str, key: str, item: bytes) -> None:
    """`item` is held under `key` from now on, instead of what was."""
    hashed = item_hash(key, item)
    _toggle(tx, stream, key, hashed ^ _held(tx, stream, key))
    tx.execute(
        "INSERT INTO stream_item VALUES (?, ?, ?)"
        " ON CONFLICT (stream, key) DO UPDATE SET hash = excluded.hash",
        (stream, key, f"{hashed:x}"),
    )


def remove(tx: Tx, stream: str, key: str) -> None:
    """Nothing is held under `key` any more."""
    if hashed := _held(tx, stream, key):
        _toggle(tx, stream, key, hashed)
        tx.execute("DELETE FROM stream_item WHERE stream = ? AND key = ?", (stream, key))


def remove_except(tx: Tx, stream: str, kept: Collection[str]) -> None:
    """Nothing is held but under the keys in `kept`, which finds a key quickly."""
    for key in keys(tx, stream):
        if key not in kept:
            remove(tx, stream, key)


def keys(reads: Reads, stream: str) -> list[str]:
    """Under which something is held."""
    rows = reads.execute("SELECT key FROM stream_item WHERE stream = ?", (stream,))
    return [row["key"] for row in rows]


def buckets(reads: Reads, stream: str) -> Buckets:
    """Of all that is held."""
    rows = reads.execute("SELECT bucket, hash FROM stream_bucket WHERE stream = ?", (stream,))
    return Buckets({row["bucket"]: int(row["hash"], 16) for row in rows})


def _held(reads: Reads, stream: str, key: str) -> int:
    row = reads.execute(
        "SELECT hash FROM stream_item WHERE stream = ? AND key = ?", (stream, key)
    ).fetchone()
    return 0 if row is None else int(row["hash"], 16)


def _toggle(tx: Tx, stream: str, key: str, hashed: int) -> None:
    number = bucket_of(key)
    row = tx.execute(
        "SELECT hash FROM stream_bucket WHERE stream = ? AND bucket = ?", (stream, number)
    ).fetchone()
    before = 0 if row is None else int(row["hash"], 16)
    tx.execute(
        "INSERT INTO stream_bucket VALUES (?, ?, ?)"
        " ON CONFLICT (stream, bucket) DO UPDATE SET hash = excluded.hash",
        (stream, number, f"{before ^ hashed:x}"),
    )
