"""Facts that the hub could not take: kept whole, with the reason, until a person sees to them.

The cursor moves past them, so no lane waits for a fact that can never go in; nothing is tried ten
times and thrown away.
"""

import msgspec

from cloud_bridge.hub.database import Row, Tx
from cloud_bridge.hub.errors import HubError, Refused
from cloud_bridge.hub.reading import Arrived, Batch, identity, place

MOST = 10_000
"""Per store, some 4 MB. Past it the lane stands still and the store keeps its facts: whoever made
ten thousand facts that nobody can take is to be looked at first."""

LONGEST_REASON = 500


class QuarantineFull(HubError):
    """No more goes in before somebody has seen to what is there."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A fact in quarantine, for the pages.

    Attributes:
        raw: the fact as it came, as far as it is text.
    """

    store: str
    id: str
    source: str
    epoch: int
    lane: str
    sequence: int
    reason: str
    at: str
    raw: str


async def put(tx: Tx, store: str, fact: Arrived, reason: str, now: str) -> None:
    """Keep one fact; the caller holds the row of `store`. One that lies there already stays.

    Raises:
        QuarantineFull: there is no room for it.
    """
    at = place(fact)
    fresh = await tx.execute(
        "INSERT INTO quarantine VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        " ON CONFLICT (store, id) DO NOTHING",
        store,
        _text(identity(fact)),
        _text(at.source),
        at.epoch,
        at.lane,
        at.sequence,
        _text(reason)[:LONGEST_REASON],
        now,
        fact.raw,
    )
    if fresh and not await _count(tx, store, 1):
        msg = f"{MOST} facts of {store} lie in quarantine; see `cloud-hub quarantine list`"
        raise QuarantineFull(msg)


async def _count(tx: Tx, store: str, change: int) -> bool:
    return bool(
        await tx.execute(
            "UPDATE store SET quarantined = quarantined + $1"
            " WHERE store = $2 AND quarantined + $1 <= $3",
            change,
            store,
            MOST,
        )
    )


def _text(text: str) -> str:
    """Without NUL, which no text of PostgreSQL can hold."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


async def contradicts(tx: Tx, store: str, batch: Batch, last: int) -> bool:
    """Whether `batch` names other facts at sequences up to `last` than those that lie here."""
    rows = await tx.rows(
        "SELECT sequence, id FROM quarantine WHERE store = $1 AND source = $2 AND epoch = $3"
        " AND lane = $4 AND sequence BETWEEN $5 AND $6",
        store,
        _text(batch.source),
        batch.epoch,
        batch.lane,
        batch.first,
        last,
    )
    held = {row["sequence"]: row["id"] for row in rows}
    named = ((place(fact).sequence, _text(identity(fact))) for fact in batch.facts)
    return any(held.get(sequence, fact_id) != fact_id for sequence, fact_id in named)


async def held(tx: Tx, store: str | None = None, limit: int = 100) -> list[Held]:
    """What lies in quarantine, the newest first."""
    rows = await tx.rows(
        "SELECT * FROM quarantine WHERE CAST($1 AS TEXT) IS NULL OR store = $1"
        " ORDER BY at DESC, store, lane, sequence DESC LIMIT $2",
        store,
        limit,
    )
    return [_held(row) for row in rows]


async def find(tx: Tx, store: str, fact_id: str) -> Held:
    """One of them.

    Raises:
        Refused: ``not_in_quarantine``.
    """
    return _held(await _row(tx, store, fact_id))


async def remove(tx: Tx, store: str, fact_id: str) -> None:
    """Let go of one: driven again with success, or dropped for good by a person's word.

    Raises:
        Refused: ``not_in_quarantine``.
    """
    await _count(tx, store, -1)  # holds the store: of two who let go at once the second is refused
    gone = "DELETE FROM quarantine WHERE store = $1 AND id = $2"
    if not await tx.execute(gone, store, fact_id):
        raise _missing(store, fact_id)


async def raw_of(tx: Tx, store: str, fact_id: str) -> bytes:
    """The bytes of one of them, as they came.

    Raises:
        Refused: ``not_in_quarantine``.
    """
    return bytes((await _row(tx, store, fact_id))["raw"])


async def _row(tx: Tx, store: str, fact_id: str) -> Row:
    row = await tx.row("SELECT * FROM quarantine WHERE store = $1 AND id = $2", store, fact_id)
    if row is None:
        raise _missing(store, fact_id)
    return row


def _missing(store: str, fact_id: str) -> Refused:
    code, text = "not_in_quarantine", f"no fact {fact_id} of {store} lies in quarantine"
    return Refused(code, text, status=404)


def _held(row: Row) -> Held:
    fields = {name: row[name] for name in Held.__struct_fields__ if name != "raw"}
    return Held(**fields, raw=bytes(row["raw"]).decode(errors="replace"))
