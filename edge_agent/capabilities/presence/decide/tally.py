"""What an hour comes to, by zone and by cell, for at least k people; of whom, nobody can say."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final

from edge_agent.capabilities.presence.decide.counts import HourOfZones, mark
from edge_agent.capabilities.presence.decide.heat import Heat
from edge_agent.capabilities.presence.model import Floor, Policy, Visit
from edge_agent.kernel.facts import Fact

HOUR: Final = timedelta(hours=1)


class Tally:
    """Counts and heat of the present hour, and the heat of a day.

    Attributes:
        heat: the map.
    """

    def __init__(self, floor: Floor, policy: Policy, *, now: datetime, salt: bytes) -> None:
        at_least = policy.counts_at_least
        self.heat = Heat(floor.width_m, floor.height_m, at_least=at_least, since=now)
        self._zones = [zone.id for zone in floor.zones]
        self._at_least = at_least
        self._timezone = policy.timezone
        self._begin(now, salt)

    def _begin(self, now: datetime, salt: bytes) -> None:
        local = now.astimezone(self._timezone)
        self._hour = local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
        self._counts = HourOfZones(self._zones, now)
        self._salt = salt
        self._unknown_s: dict[str, float] = {}

    def over(self, now: datetime) -> bool:
        """Whether the hour has passed, or the wall clock was set to another."""
        return not self._hour <= now < self._hour + HOUR

    def add(self, visit: Visit, seconds: float) -> None:
        """Somebody was where `visit` has them for so long."""
        who = mark(visit.who, self._salt)
        self.heat.add(visit.at, seconds, who)
        if visit.zone is not None:
            self._counts.add(visit.zone, who)

    def untold(self, zones: Collection[str | None], seconds: float) -> None:
        """These zones could not be told for so long."""
        for zone in zones:
            if zone is not None:
                self._unknown_s[zone] = self._unknown_s.get(zone, 0.0) + seconds

    def forget(self, who: str) -> None:
        """Take back what was counted of somebody and could still point at them."""
        gone = mark(who, self._salt)
        self._counts.forget(gone)
        self.heat.forget(gone)

    def turn(self, now: datetime, salt: bytes) -> tuple[Fact, ...]:
        """Close the hour and begin another under a new salt; what the old one comes to."""
        facts = self._counts.close(now, self._unknown_s, at_least=self._at_least)
        self.heat.turn(now)
        self._begin(now, salt)
        return facts
