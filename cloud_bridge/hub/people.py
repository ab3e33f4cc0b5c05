"""The keys of the people whom facts are about: taken, used to open, and dropped when they leave.

The database keeps facts as they came. Dropping a key closes every fact about its person at once,
here and in every copy of this database that is made from then on.
"""

from collections.abc import Sequence
from enum import StrEnum

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cloud_bridge.hub.database import Tx
from cloud_bridge.wire.envelope import Event
from cloud_bridge.wire.facts.shoppers import Left
from cloud_bridge.wire.messages import PersonKey
from cloud_bridge.wire.sealing import BrokenSeal, key_of, opened


class Seal(StrEnum):
    """How it stands with what a fact says about a person: nothing sealed, opened, closed."""

    NONE = "none"
    OPENED = "opened"
    CLOSED = "closed"


async def keep(tx: Tx, store: str, keys: Sequence[PersonKey]) -> None:
    """Keep the keys that are new; that of somebody who has left stays dropped."""
    await tx.many(
        "INSERT INTO person_key VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        [(store, each.id, each.key) for each in keys],
    )


async def look(tx: Tx, store: str, event: Event) -> tuple[Event, Seal]:
    """`event`, opened where its key is here, and whether it is."""
    data = bytes(event.data)
    key_id = key_of(data)
    if key_id is None:
        return event, Seal.NONE
    row = await tx.row("SELECT key FROM person_key WHERE store = $1 AND id = $2", store, key_id)
    if row is None or row["key"] is None:
        return event, Seal.CLOSED
    try:
        plain = opened(data, AESGCM(row["key"]), fact_id=event.id)
    except BrokenSeal:
        return event, Seal.CLOSED
    return msgspec.structs.replace(event, data=msgspec.Raw(plain)), Seal.OPENED


async def await_key(tx: Tx, store: str, event: Event) -> None:
    """Keep in mind that the fact's effect needs its key; of somebody who has left nothing."""
    key_id = key_of(bytes(event.data))
    await tx.execute(
        "INSERT INTO awaiting_key SELECT $1, $2, $3 WHERE NOT EXISTS"
        " (SELECT 1 FROM person_key WHERE store = $1 AND id = $2) ON CONFLICT DO NOTHING",
        store,
        key_id,
        event.id,
    )


async def awaited(tx: Tx, store: str, keys: Sequence[PersonKey]) -> list[Event]:
    """The facts that waited for one of `keys`, in the order of their lanes; they wait no more."""
    ids = [each.id for each in keys]
    marks = ", ".join(f"${number}" for number in range(2, len(ids) + 2)) or "NULL"
    rows = await tx.rows(
        f"SELECT raw FROM awaiting_key JOIN fact ON fact.store = awaiting_key.store"  # noqa: S608 - parameters' names
        f" AND fact.id = awaiting_key.fact WHERE awaiting_key.store = $1 AND key IN ({marks})"
        " ORDER BY lane, epoch, sequence",
        store,
        *ids,
    )
    await tx.execute(f"DELETE FROM awaiting_key WHERE store = $1 AND key IN ({marks})", store, *ids)  # noqa: S608 - as above
    return [msgspec.json.decode(row["raw"], type=Event) for row in rows]


async def departed(tx: Tx, store: str, keys: Sequence[PersonKey]) -> list[str]:
    """The ids of those among `keys` whose people have left."""
    marks = ", ".join(f"${number}" for number in range(2, len(keys) + 2))
    rows = await tx.rows(
        f"SELECT id FROM person_key WHERE store = $1 AND key IS NULL AND id IN ({marks or 'NULL'})",  # noqa: S608 - parameters' names
        store,
        *(each.id for each in keys),
    )
    return [row["id"] for row in rows]


async def left(tx: Tx, store: str, event: Event, _now: str) -> None:
    """Effect of `Left`: the key is dropped, and what waited for it waits no more."""
    key_id = msgspec.json.decode(event.data, type=Left).key
    await tx.execute(
        "INSERT INTO person_key VALUES ($1, $2, NULL)"
        " ON CONFLICT (store, id) DO UPDATE SET key = NULL",
        store,
        key_id,
    )
    await tx.execute("DELETE FROM awaiting_key WHERE store = $1 AND key = $2", store, key_id)


EFFECTS = {Left.TYPE: left}
