"""What looks wrong at a store and waits for a person: raised once per kind, counted after that."""

from typing import Literal

import msgspec

from cloud_bridge.hub.database import Row, Tx

Kind = Literal["cloned_gateway", "second_gateway", "restored_database"]
"""Two machines with one identity; a gateway that sends facts though another one leads; a store that
runs on an old copy of its database, or hands over without the hub's word on it."""


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm, for the pages.

    Attributes:
        times: how often it was seen since; `last` is the newest of them.
    """

    store: str
    kind: str
    detail: str
    since: str
    last: str
    times: int


async def sound(tx: Tx, store: str, kind: Kind, detail: str, now: str) -> None:
    """Raise an alarm, or count it once more."""
    await tx.execute(
        "INSERT INTO alarm VALUES ($1, $2, $3, $4, $4, 1) ON CONFLICT (store, kind)"
        " DO UPDATE SET detail = $3, last = $4, times = alarm.times + 1",
        store,
        kind,
        detail,
        now,
    )


async def clear(tx: Tx, store: str, kind: str) -> bool:
    """Somebody has seen to it; whether there was anything to see to."""
    cleared = "DELETE FROM alarm WHERE store = $1 AND kind = $2"
    return bool(await tx.execute(cleared, store, kind))


async def sounding(tx: Tx, store: str | None = None) -> list[Alarm]:
    """The alarms of one store, or of all, the newest first."""
    rows = await tx.rows(
        "SELECT * FROM alarm WHERE CAST($1 AS TEXT) IS NULL OR store = $1"
        " ORDER BY last DESC, store, kind",
        store,
    )
    return [_alarm(row) for row in rows]


def _alarm(row: Row) -> Alarm:
    return Alarm(**{name: row[name] for name in Alarm.__struct_fields__})
