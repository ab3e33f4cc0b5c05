"""State streams: what each store should hold, as versions, deltas and snapshots in chunks."""

from collections.abc import Sequence

import msgspec

from cloud_bridge.hub import digests
from cloud_bridge.hub.database import Tx
from cloud_bridge.hub.snapshots import Snapshot, Snapshots
from cloud_bridge.wire.digests import LARGE, Buckets, bucket_of, digest
from cloud_bridge.wire.messages import Change, Delta, Differs

DELTAS_KEPT = 500
"""Per store and stream: a store that missed more takes the snapshot, which is smaller by then."""

UNLIKE = -1
"""As the version that a store holds: whatever its number, its items are not those of ours."""

MOST_BUCKETS = 32
"""A store with more differing buckets gets the whole snapshot, which is made once and kept."""

MOST_DELTAS_SENT = 50
"""A store that is further behind gets the snapshot: one answer instead of many messages."""


async def change(tx: Tx, store: str, stream: str, changes: Sequence[Change]) -> int:
    """Make `changes` the next version of the store's stream; that version."""
    counted = await tx.row(
        "INSERT INTO stream_version VALUES ($1, $2, 1) ON CONFLICT (store, stream)"
        " DO UPDATE SET version = stream_version.version + 1 RETURNING version",
        store,
        stream,
    )
    assert counted is not None  # noqa: S101 - an upsert returns its row
    version = int(counted["version"])
    await digests.fill(tx, store, stream, version - 1)
    for each in changes:
        await _keep(tx, store, stream, each)
    await digests.mark(tx, store, stream, version)
    delta = Delta(stream=stream, version=version, changes=list(changes))
    await tx.execute(
        "INSERT INTO stream_delta VALUES ($1, $2, $3, $4)",
        store,
        stream,
        version,
        msgspec.json.encode(delta).decode(),
    )
    await tx.execute(
        "DELETE FROM stream_delta WHERE store = $1 AND stream = $2 AND version <= $3",
        store,
        stream,
        version - DELTAS_KEPT,
    )
    return version


async def _keep(tx: Tx, store: str, stream: str, each: Change) -> None:
    row = await tx.row(
        "SELECT item FROM stream_item WHERE store = $1 AND stream = $2 AND key = $3",
        store,
        stream,
        each.key,
    )
    before = None if row is None else str(row["item"])
    after = None if each.removes else bytes(each.item).decode()
    await digests.toggle(tx, store, stream, each.key, before=before, after=after)
    if each.removes:
        await tx.execute(
            "DELETE FROM stream_item WHERE store = $1 AND stream = $2 AND key = $3",
            store,
            stream,
            each.key,
        )
    else:
        await tx.execute(
            "INSERT INTO stream_item VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (store, stream, key) DO UPDATE SET item = excluded.item",
            store,
            stream,
            each.key,
            bytes(each.item).decode(),
        )


async def versions(tx: Tx, store: str) -> dict[str, int]:
    """The present version of each stream that this store has."""
    rows = await tx.rows("SELECT stream, version FROM stream_version WHERE store = $1", store)
    return {row["stream"]: row["version"] for row in rows}


async def missing(
    tx: Tx, store: str, stream: str, held: int, kept: Snapshots | None = None
) -> list[bytes]:
    """The messages that bring a store from version `held` to the present one, or begin to.

    A store that holds nothing of a stream, or holds what this hub never gave out, gets chunk 0 of
    the snapshot and asks for the rest; of a large one that is `UNLIKE`, the word to ask by buckets.
    """
    version = (await versions(tx, store)).get(stream, 0)
    if version in (0, held):
        return []
    if 0 < held < version and version - held <= MOST_DELTAS_SENT:
        rows = await tx.rows(
            "SELECT raw FROM stream_delta WHERE store = $1 AND stream = $2 AND version > $3"
            " ORDER BY version",
            store,
            stream,
            held,
        )
        if len(rows) == version - held:
            return [row["raw"].encode() for row in rows]
    if held == UNLIKE and stream in LARGE:
        word = digest(await digests.buckets(tx, store, stream, version))
        return [msgspec.json.encode(Differs(stream=stream, version=version, digest=word))]
    return [await chunk(tx, store, stream, version=version, number=0, kept=kept)]


async def is_unlike(tx: Tx, store: str, stream: str, held: int, said: str) -> bool:
    """Whether a store at version `held` with digest `said` needs more than the next deltas."""
    version = (await versions(tx, store)).get(stream, 0)
    await digests.fill(tx, store, stream, version)
    if said == digest(await digests.buckets(tx, store, stream, version)):
        return False
    return not 0 < version - held <= MOST_DELTAS_SENT


async def chunk(
    tx: Tx,
    store: str,
    stream: str,
    *,
    version: int,
    number: int,
    kept: Snapshots | None = None,
) -> bytes:
    """One chunk of the present snapshot; chunk 0 of it when `version` is no longer the present."""
    present = (await versions(tx, store)).get(stream, 0)
    snapshot = kept.find(store, stream, present) if kept else None
    if snapshot is None:
        snapshot = await _snapshot(tx, store, stream, present)
        if kept:
            kept.keep(store, snapshot)
    return snapshot.chunk(number if version == present else 0)


async def differing(
    tx: Tx,
    store: str,
    stream: str,
    theirs: Buckets,
    *,
    version: int | None,
    number: int,
    kept: Snapshots | None = None,
) -> bytes:
    """As `chunk`, of those buckets alone that are not `theirs`."""
    present = (await versions(tx, store)).get(stream, 0)
    ours = await digests.buckets(tx, store, stream, present)
    numbers = ours.differing(theirs)
    if len(numbers) > MOST_BUCKETS:
        return await chunk(tx, store, stream, version=version or 0, number=number, kept=kept)
    rows = await tx.rows(
        "SELECT key, item FROM stream_item WHERE store = $1 AND stream = $2 ORDER BY key",
        store,
        stream,
    )
    items = ",".join(row["item"] for row in rows if bucket_of(row["key"]) in numbers)
    snapshot = Snapshot(stream, present, f"[{items}]", digest(ours), tuple(numbers))
    return snapshot.chunk(number if version == present else 0)


async def _snapshot(tx: Tx, store: str, stream: str, version: int) -> Snapshot:
    rows = await tx.rows(
        "SELECT item FROM stream_item WHERE store = $1 AND stream = $2 ORDER BY key", store, stream
    )
    word = digest(await digests.buckets(tx, store, stream, version))
    return Snapshot(stream, version, f"[{','.join(row['item'] for row in rows)}]", word)
