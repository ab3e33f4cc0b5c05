"""Which fact changes what besides being kept: the rooms' tables, joined."""

from cloud_bridge.hub.ingest import Effect
from cloud_bridge.hub.rooms.campaigns import store as campaigns
from cloud_bridge.hub.rooms.orders import store as orders

EFFECTS: dict[str, Effect] = {**orders.EFFECTS, **campaigns.EFFECTS}
