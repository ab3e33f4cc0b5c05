"""The bucket hashes of each store's streams, kept beside the items: a hello costs no scan."""

from collections.abc import Iterable

from cloud_bridge.hub.database import Tx
from cloud_bridge.wire.digests import Buckets, bucket_of, item_hash

AS_OF = -1
"""The bucket whose row holds the version of the stream that the others belong to."""


async def toggle(
    tx: Tx, store: str, stream: str, key: str, *, before: str | None, after: str | None
) -> None:
    """The item of `key` changes; None where there is none. Between `fill` and `mark`."""
    hashed = 0
    for item in (before, after):
        if item is not None:
            hashed ^= item_hash(key, item.encode())
    number = bucket_of(key)
    found = await _row(tx, store, stream, number)
    hashed ^= int(found, 16) if found else 0
    await _keep(tx, store, stream, [(number, f"{hashed:x}")])


async def mark(tx: Tx, store: str, stream: str, version: int) -> None:
    """The rows are those of this version now."""
    await _keep(tx, store, stream, [(AS_OF, str(version))])


async def fill(tx: Tx, store: str, stream: str, version: int) -> None:
    """Make the rows anew if they are not those of the stream at its present `version`."""
    if await _row(tx, store, stream, AS_OF) == str(version):
        return
    await tx.execute("DELETE FROM stream_bucket WHERE store = $1 AND stream = $2", store, stream)
    found = await _scanned(tx, store, stream)
    await _keep(tx, store, stream, [(number, f"{each:x}") for number, each in found.bits.items()])
    await mark(tx, store, stream, version)


async def buckets(tx: Tx, store: str, stream: str, version: int) -> Buckets:
    """Of what the store should hold at the present `version`."""
    if await _row(tx, store, stream, AS_OF) != str(version):
        return await _scanned(tx, store, stream)
    rows = await tx.rows(
        "SELECT bucket, hash FROM stream_bucket WHERE store = $1 AND stream = $2 AND bucket >= 0",
        store,
        stream,
    )
    return Buckets({row["bucket"]: int(row["hash"], 16) for row in rows})


async def _row(tx: Tx, store: str, stream: str, bucket: int) -> str | None:
    row = await tx.row(
        "SELECT hash FROM stream_bucket WHERE store = $1 AND stream = $2 AND bucket = $3",
        store,
        stream,
        bucket,
    )
    return None if row is None else str(row["hash"])


async def _scanned(tx: Tx, store: str, stream: str) -> Buckets:
    rows = await tx.rows(
        "SELECT key, item FROM stream_item WHERE store = $1 AND stream = $2", store, stream
    )
    return Buckets.of((row["key"], row["item"].encode()) for row in rows)


async def _keep(tx: Tx, store: str, stream: str, rows: Iterable[tuple[int, str]]) -> None:
    await tx.many(
        "INSERT INTO stream_bucket VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (store, stream, bucket) DO UPDATE SET hash = excluded.hash",
        [(store, stream, number, text) for number, text in rows],
    )
