"""Facts into the database: once each, in sequence (contract, "Up: facts, once")."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from cloud_bridge.hub import people
from cloud_bridge.hub.database import Tx
from cloud_bridge.hub.epochs import Position, hold, set_online
from cloud_bridge.wire.batch import MalformedBatch, ReceivedFact
from cloud_bridge.wire.envelope import EMPTY_HASH, UNREADABLE, Event, chain_hash, gateway_source
from cloud_bridge.wire.messages import Ack, LaneAck, PersonKey

Effect = Callable[[Tx, str, Event, str], Awaitable[None]]
"""What a fact changes besides being kept: (transaction, store, event, received at).

The event is open where its person's key is here. An effect decodes what it needs before it changes
anything: where that is still sealed, it is called again when the key comes.
"""

log = structlog.get_logger("hub")


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that keeps the contract: one lane, epoch and source, no hole between its facts."""

    lane: str
    epoch: int
    source: str
    first: int
    facts: Sequence[ReceivedFact]


def check_batch(lane: str, facts: Sequence[ReceivedFact]) -> Batch:
    """`facts` of topic lane `lane` as a `Batch`.

    Raises:
        MalformedBatch: they are none; its text says why.
    """
    if not facts:
        msg = "a batch without facts"
        raise MalformedBatch(msg)
    head = facts[0].event
    for offset, fact in enumerate(facts):
        event = fact.event
        if (event.lane, event.epoch, event.source) != (lane, head.epoch, head.source):
            msg = f"fact {offset} is of another lane, epoch or source than its batch"
            raise MalformedBatch(msg)
        if event.sequence != head.sequence + offset or event.sequence == 0:
            msg = f"fact {offset} has sequence {event.sequence}, {head.sequence + offset} is due"
            raise MalformedBatch(msg)
    return Batch(lane, head.epoch, head.source, head.sequence, facts)


async def ingest(tx: Tx, store: str, batch: Batch, now: str, effects: Mapping[str, Effect]) -> Ack:
    """Take what is new of `batch`, in the caller's transaction, and say how far we have come."""
    known = await hold(tx, store, now)
    leader = gateway_source(store, known.leader or "")
    if batch.epoch != known.epoch or batch.source != leader:
        return Ack(epoch=known.epoch, fenced=True)
    position = known.lanes.get(batch.lane, Position(0, EMPTY_HASH))
    if batch.first > position.sequence + 1:
        expected = position.sequence + 1
        word = LaneAck(cursor=position.sequence, expected=expected)
        return Ack(epoch=known.epoch, session=known.session, lanes={batch.lane: word})
    if await _contradicts(tx, store, batch, position):
        await tx.execute("UPDATE store SET doubted = 1 WHERE store = $1", store)
        return Ack(epoch=known.epoch, hello=True)
    position = await _take(tx, store, batch, position, now=now, effects=effects)
    await set_online(tx, store, online=True, now=now)
    return Ack(
        epoch=known.epoch,
        session=known.session,
        lanes={batch.lane: LaneAck(cursor=position.sequence)},
    )


async def _contradicts(tx: Tx, store: str, batch: Batch, position: Position) -> bool:
    """Whether the store tells another story about sequences that we hold: a restored database."""
    if batch.first > position.sequence:
        return False
    rows = await tx.rows(
        "SELECT sequence, id FROM fact WHERE store = $1 AND epoch = $2 AND lane = $3"
        " AND sequence BETWEEN $4 AND $5",
        store,
        batch.epoch,
        batch.lane,
        batch.first,
        position.sequence,
    )
    held = {row["sequence"]: row["id"] for row in rows}
    return any(
        held.get(fact.event.sequence, fact.event.id) != fact.event.id for fact in batch.facts
    )


async def _take(
    tx: Tx,
    store: str,
    batch: Batch,
    position: Position,
    *,
    now: str,
    effects: Mapping[str, Effect],
) -> Position:
    taken = 0
    for fact in batch.facts[position.sequence + 1 - batch.first :]:
        event = fact.event
        if await _insert(tx, store, fact, now):
            taken += 1
            await _affect(tx, store, event, now, effects)
        chain = chain_hash(position.hash, event.id, bytes(event.data))
        position = Position(event.sequence, chain)
    await tx.execute(
        "INSERT INTO cursor VALUES ($1, $2, $3, $4, $5) ON CONFLICT (store, epoch, lane)"
        " DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash",
        store,
        batch.epoch,
        batch.lane,
        position.sequence,
        position.hash,
    )
    if taken:
        await tx.execute(
            "UPDATE store SET facts = facts + $1, last_fact_at = $2 WHERE store = $3",
            taken,
            now,
            store,
        )
    return position


async def _insert(tx: Tx, store: str, fact: ReceivedFact, now: str) -> bool:
    """Whether the fact is new to this store, under whatever epoch."""
    event = fact.event
    inserted = await tx.execute(
        "INSERT INTO fact VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        " ON CONFLICT (store, id) DO NOTHING",
        store,
        event.epoch,
        event.lane,
        event.sequence,
        event.id,
        event.type,
        event.subject,
        event.time.isoformat(),
        now,
        fact.raw.decode(),
    )
    return inserted == 1


async def take_keys(
    tx: Tx,
    store: str,
    keys: Sequence[PersonKey],
    now: str,
    effects: Mapping[str, Effect],
) -> None:
    """Keep people's keys, in the caller's transaction; facts that waited for them take effect."""
    await hold(tx, store, now)  # or a fact that just came might wait for a key that is here
    await people.keep(tx, store, keys)
    for event in await people.awaited(tx, store, keys):
        await _affect(tx, store, event, now, effects)


async def _affect(
    tx: Tx, store: str, event: Event, now: str, effects: Mapping[str, Effect]
) -> None:
    """Apply the effect of the fact's type; one that cannot be read keeps the fact all the same.

    A sealed fact takes effect at once where its open fields are enough; else when its key comes.
    """
    effect = effects.get(event.type)
    if effect is None:
        return
    opened, seal = await people.look(tx, store, event)
    try:
        await effect(tx, store, opened, now)
    except UNREADABLE as err:
        if seal is people.Seal.CLOSED:
            await people.await_key(tx, store, event)
        else:
            log.warning("hub.effect_unreadable", store=store, fact=event.id, reason=str(err))
