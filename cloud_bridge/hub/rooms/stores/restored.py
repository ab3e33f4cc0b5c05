"""Stores that run on a restored database, by their own facts: somebody at the hub should know."""

import msgspec

from cloud_bridge.hub import alarms
from cloud_bridge.hub.database import Tx
from cloud_bridge.wire.envelope import Event
from cloud_bridge.wire.facts.upkeep import DatabaseRestored, HandoverResumed


async def restored(tx: Tx, store: str, event: Event, now: str) -> None:
    """Effect of `DatabaseRestored`. What the hub itself has found out (``granted``) it knows."""
    reason = msgspec.json.decode(event.data, type=DatabaseRestored).reason
    if reason != "granted":
        await alarms.sound(tx, store, "restored_database", reason, now)


async def resumed(tx: Tx, store: str, event: Event, now: str) -> None:
    """Effect of `HandoverResumed`: that a technician went without the hub's word is told."""
    fact = msgspec.json.decode(event.data, type=HandoverResumed)
    if fact.by == "technician":
        detail = f"handed over by {fact.name}: {fact.reason}"
        await alarms.sound(tx, store, "restored_database", detail, now)


EFFECTS = {DatabaseRestored.TYPE: restored, HandoverResumed.TYPE: resumed}
