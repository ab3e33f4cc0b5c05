"""How much room the store's log has, by the settings."""

from pathlib import Path

from edge_agent.kernel.clock import Clock
from edge_agent.settings import Settings
from edge_agent.storage import Storage
from edge_agent.storage.quota import Quota, limits_of
from edge_agent.storage.relief import Relief
from edge_agent.storage.rollup import drop
from edge_agent.storage.upkeep import Rules, Upkeep
from edge_agent.storage.watermarks import MB


class Room:
    """What keeps the log of one database within its room.

    Attributes:
        quota: bounds the lanes.
        relief: answers a full disk.
    """

    def __init__(self, settings: Settings, database: Path) -> None:
        asked = settings.storage
        limits = limits_of(asked.waiting_mb * MB, asked.shares.by_lane())
        self._rules = Rules(limits, asked.low_free_mb * MB, settings.presence.counts_at_least)
        self.relief = Relief(database)
        self.quota = Quota(limits, self.relief, make_room=drop)

    def upkeep(self, storage: Storage, clock: Clock) -> Upkeep:
        """What rolls up and drops, and watches the disk."""
        return Upkeep(storage, clock, self._rules, self.relief)
