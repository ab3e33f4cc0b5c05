"""Facts into the database: once each, in sequence (contract, "Up: facts, once")."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from msgspec import UNSET

from cloud_bridge.hub import alarms, people, quarantine
from cloud_bridge.hub.affecting import Effect, affect, keep_all, keep_one
from cloud_bridge.hub.database import Tx, Unfinished, savepoint
from cloud_bridge.hub.epochs import Known, Position, hold, set_online
from cloud_bridge.hub.errors import Refused
from cloud_bridge.hub.quarantine import QuarantineFull
from cloud_bridge.hub.reading import Arrived, Batch, Poison, identity, place, read_batch
from cloud_bridge.wire.batch import MalformedBatch, ReceivedFact
from cloud_bridge.wire.envelope import EMPTY_HASH, chain_hash, gateway_source
from cloud_bridge.wire.messages import Ack, LaneAck, PersonKey

log = structlog.get_logger("hub")


async def ingest(tx: Tx, store: str, batch: Batch, now: str, effects: Mapping[str, Effect]) -> Ack:
    """Take what is new of `batch`, in the caller's transaction, and say how far we have come.

    Raises:
        QuarantineFull: there are facts in it that we cannot take, and no room to keep them.
    """
    known = await hold(tx, store, now)
    leader = gateway_source(store, known.leader or "")
    if batch.epoch != known.epoch or batch.source != leader:
        await _set_aside(tx, store, batch, known, now)
        return Ack(epoch=known.epoch, fenced=True)
    position = known.lanes.get(batch.lane, Position(0, EMPTY_HASH))
    if batch.first > position.sequence + 1:
        word = LaneAck(cursor=position.sequence, expected=position.sequence + 1)
        return Ack(epoch=known.epoch, session=known.session, lanes={batch.lane: word})
    if await _contradicts(tx, store, batch, position):
        await tx.execute("UPDATE store SET doubted = 1 WHERE store = $1", store)
        return Ack(epoch=known.epoch, hello=True)
    facts = [fact for fact in batch.facts if place(fact).sequence > position.sequence]
    taking = _Taking(tx=tx, store=store, now=now, effects=effects)
    await taking.take(facts)
    for fact in facts:
        position = _after(position, fact)
    await _move(tx, store, batch, position)
    await _count(tx, store, taking.number, now)
    await set_online(tx, store, online=True, now=now)
    word = LaneAck(cursor=position.sequence, quarantined=taking.quarantined)
    return Ack(epoch=known.epoch, session=known.session, lanes={batch.lane: word})


async def _set_aside(tx: Tx, store: str, batch: Batch, known: Known, now: str) -> None:
    """Facts of a gateway that does not lead: its own log keeps them too, so no room is no harm.

    Of the leader's own older epochs nothing is kept: it numbers them anew and hands them over.
    """
    if known.leader is None or batch.source == gateway_source(store, known.leader):
        return
    detail = f"{batch.source} sends facts of epoch {batch.epoch}; {known.leader} leads"
    await alarms.sound(tx, store, "second_gateway", detail, now)
    try:
        async with savepoint(tx):
            for fact in batch.facts:
                await quarantine.put(tx, store, fact, f"fenced: {known.leader} leads", now)
    except QuarantineFull as err:
        log.warning("hub.quarantine_full", store=store, reason=str(err))


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
    named = ((place(fact).sequence, identity(fact)) for fact in batch.facts)
    if any(held.get(sequence, fact_id) != fact_id for sequence, fact_id in named):
        return True
    return await quarantine.contradicts(tx, store, batch, position.sequence)


@dataclass(slots=True, kw_only=True)
class _Taking:
    """New facts on their way in.

    Attributes:
        number: how many went in.
        quarantined: ids of those that did not.
    """

    tx: Tx
    store: str
    now: str
    effects: Mapping[str, Effect]
    number: int = 0
    quarantined: list[str] = field(default_factory=list)

    async def take(self, facts: Sequence[Arrived]) -> None:
        """All at once; where that does not go, one by one, so that each fails for itself."""
        readable = [fact for fact in facts if isinstance(fact, ReceivedFact)]
        if len(readable) == len(facts) and await self._all(readable):
            return
        for fact in facts:
            if reason := await self.refusal(fact):
                await quarantine.put(self.tx, self.store, fact, reason, self.now)
                self.quarantined.append(identity(fact))
                log.warning("hub.quarantined", store=self.store, fact=identity(fact), reason=reason)

    async def _all(self, facts: Sequence[ReceivedFact]) -> bool:
        try:
            async with savepoint(self.tx):
                await keep_all(self.tx, self.store, facts, self.now, self.effects)
        except Unfinished:
            raise
        except Exception as err:  # noqa: BLE001 - one by one, each has its own reason
            log.info("hub.one_by_one", store=self.store, facts=len(facts), reason=str(err)[:200])
            return False
        self.number += len(facts)
        return True

    async def refusal(self, fact: Arrived) -> str:
        """Take one; why it cannot go in, empty when it has."""
        if isinstance(fact, Poison):
            return fact.reason
        try:
            async with savepoint(self.tx):
                new = await keep_one(self.tx, self.store, fact, self.now, self.effects)
        except Unfinished:
            raise
        except Exception as err:  # noqa: BLE001 - a mistake in one effect must not stop a lane
            return f"{type(err).__name__}: {err}"
        self.number += new
        return ""


def _after(position: Position, fact: Arrived) -> Position:
    """The position behind `fact`; its hash is empty from where nobody can say it."""
    at = place(fact)
    data = bytes(fact.event.data) if isinstance(fact, ReceivedFact) else fact.data
    before = EMPTY_HASH if at.covers is not UNSET else position.hash
    unknown = position.sequence > 0 and not position.hash and at.covers is UNSET
    if data is None or unknown:
        return Position(at.sequence, EMPTY_HASH)
    return Position(at.sequence, chain_hash(before, identity(fact), data))


async def _move(tx: Tx, store: str, batch: Batch, position: Position) -> None:
    await tx.execute(
        "INSERT INTO cursor VALUES ($1, $2, $3, $4, $5) ON CONFLICT (store, epoch, lane)"
        " DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash",
        store,
        batch.epoch,
        batch.lane,
        position.sequence,
        position.hash,
    )


async def _count(tx: Tx, store: str, number: int, now: str) -> None:
    if number:
        await tx.execute(
            "UPDATE store SET facts = facts + $1, last_fact_at = $2 WHERE store = $3",
            number,
            now,
            store,
        )


async def take_keys(
    tx: Tx, store: str, keys: Sequence[PersonKey], now: str, effects: Mapping[str, Effect]
) -> None:
    """Keep people's keys, in the caller's transaction; facts that waited for them take effect."""
    await hold(tx, store, now)  # or a fact that just came might wait for a key that is here
    await people.keep(tx, store, keys)
    for event in await people.awaited(tx, store, keys):
        await affect(tx, store, event, now, effects)


async def drive_again(
    tx: Tx, store: str, fact_id: str, now: str, effects: Mapping[str, Effect]
) -> None:
    """Take a fact out of quarantine into the database, with its effect: once, like any other.

    Raises:
        Refused: ``not_in_quarantine``; ``still_unacceptable``, and it stays there.
    """
    known = await hold(tx, store, now)
    raw = await quarantine.raw_of(tx, store, fact_id)
    try:
        [fact] = read_batch(b"[" + raw + b"]")
    except MalformedBatch as err:
        code, text = "still_unacceptable", f"the fact has no place in any lane: {err}"
        raise Refused(code, text) from err
    if _lies_ahead(fact, known):
        code, text = "still_unacceptable", "the store's own fact is still to come to this place"
        raise Refused(code, text)
    taking = _Taking(tx=tx, store=store, now=now, effects=effects)
    if reason := await taking.refusal(fact):
        code, text = "still_unacceptable", f"the fact still cannot be taken: {reason}"
        raise Refused(code, text)
    await quarantine.remove(tx, store, fact_id)
    await _count(tx, store, taking.number, now)


def _lies_ahead(fact: Arrived, known: Known) -> bool:
    """Whether a gateway that does not lead has numbered `fact` where the leader will yet write."""
    at = place(fact)
    cursor = known.lanes.get(at.lane, Position(0, EMPTY_HASH)).sequence
    return at.epoch > known.epoch or (at.epoch == known.epoch and at.sequence > cursor)
