"""Which fact changes what besides being kept: the rooms' tables, joined."""

import sqlite3
from collections.abc import Mapping

from cloud_bridge.hub import people
from cloud_bridge.hub.ingest import Effect
from cloud_bridge.hub.rooms.campaigns import store as campaigns
from cloud_bridge.hub.rooms.orders import store as orders
from cloud_bridge.hub.rooms.shoppers import store as shoppers
from cloud_bridge.hub.rooms.stores import sight
from cloud_bridge.wire.envelope import Event


def joined(*tables: Mapping[str, Effect]) -> dict[str, Effect]:
    """All effects; a type of several tables has those of each, in this order."""
    effects: dict[str, Effect] = {}
    for table in tables:
        for kind, effect in table.items():
            effects[kind] = _both(effects[kind], effect) if kind in effects else effect
    return effects


def _both(first: Effect, second: Effect) -> Effect:
    def effect(tx: sqlite3.Connection, store: str, event: Event, now: str) -> None:
        first(tx, store, event, now)
        second(tx, store, event, now)

    return effect


EFFECTS = joined(orders.EFFECTS, campaigns.EFFECTS, people.EFFECTS, shoppers.EFFECTS, sight.EFFECTS)
