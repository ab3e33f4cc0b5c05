"""What a fact changes besides being kept."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog

from cloud_bridge.hub import people
from cloud_bridge.hub.database import Tx
from cloud_bridge.wire.batch import ReceivedFact
from cloud_bridge.wire.envelope import UNREADABLE, Event

Effect = Callable[[Tx, str, Event, str], Awaitable[None]]
"""What a fact changes besides being kept: (transaction, store, event, received at).

The event is open where its person's key is here. An effect decodes what it needs before it changes
anything: where that is still sealed, it is called again when the key comes. It may be called again
in a transaction that was rolled back, so it changes nothing but the database.
"""

COLUMNS = (
    "store",
    "epoch",
    "lane",
    "sequence",
    "id",
    "type",
    "subject",
    "time",
    "received_at",
    "raw",
)

log = structlog.get_logger("hub")


async def keep_all(
    tx: Tx, store: str, facts: Sequence[ReceivedFact], now: str, effects: Mapping[str, Effect]
) -> None:
    """Put facts that are all new into the database, in one go, and apply their effects in order.

    Raises:
        Taken: one of them was here already, under whatever epoch; nothing is known of the others.
    """
    await tx.insert("fact", COLUMNS, [_row(store, fact, now) for fact in facts])
    for fact in facts:
        await affect(tx, store, fact.event, now, effects)


async def keep_one(
    tx: Tx, store: str, fact: ReceivedFact, now: str, effects: Mapping[str, Effect]
) -> bool:
    """Put one fact into the database with its effect; False when it is here already."""
    marks = ", ".join(f"${number}" for number in range(1, len(COLUMNS) + 1))
    new = await tx.execute(
        f"INSERT INTO fact ({', '.join(COLUMNS)}) VALUES ({marks})"  # noqa: S608 - our own names
        " ON CONFLICT (store, id) DO NOTHING",
        *_row(store, fact, now),
    )
    if new:
        await affect(tx, store, fact.event, now, effects)
    return bool(new)


def _row(store: str, fact: ReceivedFact, now: str) -> tuple[object, ...]:
    event = fact.event
    return (
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


async def affect(tx: Tx, store: str, event: Event, now: str, effects: Mapping[str, Effect]) -> None:
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
