"""Where stores cannot see: blind receivers and unknown zones, as their facts tell."""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from cloud_bridge.hub.affecting import Effect
from cloud_bridge.hub.database import Tx
from cloud_bridge.wire.envelope import Event
from cloud_bridge.wire.facts.presence import (
    ReceiverBlind,
    ReceiverRecovered,
    ZoneKnown,
    ZoneUnknown,
)


class Unseen(NamedTuple):
    """What a store cannot see at present: ids of receivers and zones."""

    blind: list[str]
    unknown: list[str]


class _Receiver(msgspec.Struct, frozen=True):
    receiver: str


class _Zone(msgspec.Struct, frozen=True):
    zone: str


async def unseen(tx: Tx) -> Mapping[str, Unseen]:
    """By store, what the present start of its agent has said, and not taken back."""
    found = defaultdict[str, Unseen](lambda: Unseen([], []))
    for row in await tx.rows(
        "SELECT store, kind, id FROM unseen JOIN store USING (store, boot) ORDER BY id"
    ):
        which = found[row["store"]]
        (which.blind if row["kind"] == "receiver" else which.unknown).append(row["id"])
    return found


async def _lost(tx: Tx, store: str, event: Event, _now: str) -> None:
    await tx.execute(
        "INSERT INTO unseen VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (store, kind, id) DO UPDATE SET boot = excluded.boot",
        store,
        *_named(event),
        event.boot,
    )


async def _found(tx: Tx, store: str, event: Event, _now: str) -> None:
    await tx.execute(
        "DELETE FROM unseen WHERE store = $1 AND kind = $2 AND id = $3", store, *_named(event)
    )


def _named(event: Event) -> tuple[str, str]:
    if event.type in (ReceiverBlind.TYPE, ReceiverRecovered.TYPE):
        return "receiver", msgspec.json.decode(event.data, type=_Receiver).receiver
    return "zone", msgspec.json.decode(event.data, type=_Zone).zone


EFFECTS: dict[str, Effect] = {
    ReceiverBlind.TYPE: _lost,
    ReceiverRecovered.TYPE: _found,
    ZoneUnknown.TYPE: _lost,
    ZoneKnown.TYPE: _found,
}
