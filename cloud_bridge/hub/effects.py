"""Which fact changes what besides being kept: the rooms' tables, joined."""

from collections.abc import Mapping

from cloud_bridge.hub import people
from cloud_bridge.hub.affecting import Effect
from cloud_bridge.hub.database import Tx
from cloud_bridge.hub.rooms.campaigns import store as campaigns
from cloud_bridge.hub.rooms.configuration import store as configuration
from cloud_bridge.hub.rooms.orders import store as orders
from cloud_bridge.hub.rooms.shoppers import store as shoppers
from cloud_bridge.hub.rooms.stores import restored, sight
from cloud_bridge.wire.envelope import Event


def joined(*tables: Mapping[str, Effect]) -> dict[str, Effect]:
    """All effects; a type of several tables has those of each, in this order."""
    kinds = {kind for table in tables for kind in table}
    return {kind: _all([table[kind] for table in tables if kind in table]) for kind in kinds}


def _all(effects: list[Effect]) -> Effect:
    async def effect(tx: Tx, store: str, event: Event, now: str) -> None:
        for each in effects:
            await each(tx, store, event, now)

    return effects[0] if len(effects) == 1 else effect


EFFECTS = joined(
    orders.EFFECTS,
    campaigns.EFFECTS,
    people.EFFECTS,
    shoppers.EFFECTS,
    sight.EFFECTS,
    configuration.EFFECTS,
    restored.EFFECTS,
)
