"""Where stores cannot see: blind receivers and unknown zones, as their facts tell."""

import sqlite3
from typing import NamedTuple

import msgspec

from cloud_bridge.hub.ingest import Effect
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


def unseen(tx: sqlite3.Connection, store: str) -> Unseen:
    """What the present start of the store's agent has said, and not taken back."""
    rows = tx.execute(
        "SELECT kind, id FROM unseen JOIN store USING (store, boot) WHERE store = ? ORDER BY id",
        (store,),
    ).fetchall()
    blind = [row["id"] for row in rows if row["kind"] == "receiver"]
    return Unseen(blind, [row["id"] for row in rows if row["kind"] == "zone"])


def _lost(tx: sqlite3.Connection, store: str, event: Event, _now: str) -> None:
    tx.execute(
        "INSERT INTO unseen VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET boot = excluded.boot",
        (store, *_named(event), event.boot),
    )


def _found(tx: sqlite3.Connection, store: str, event: Event, _now: str) -> None:
    tx.execute(
        "DELETE FROM unseen WHERE store = ? AND kind = ? AND id = ?", (store, *_named(event))
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
