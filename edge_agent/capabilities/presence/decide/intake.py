"""What is done with sightings that come faster than they can be taken: the newest is kept.

Of each beacon and receiver one sighting waits for the end of the turn; the ones that it replaces
are shed and counted. The table is bounded by those who are located and the receivers; a shed
sighting costs half of one that is taken in (1.6 and 3.5 us, measured on a shared test machine).
"""

from collections.abc import Iterator
from typing import Final

from device_profiles.sighting import Sighting

TAKEN_A_TURN: Final = 1500
"""Sightings taken as they come between two turns of 50 ms: 30,000/s, four times the 8,000/s that a
store with 500 phones and 8 receivers hears in a burst (facts/beacons.md, "How much there is to
hear"). At 3.5 us each they hold the loop for 5 ms of a turn; a gateway four times slower is at
its limit there, and sheds."""


class Intake:
    """The gate before the tracks.

    Attributes:
        shed: sightings that a newer one of the same beacon and receiver has replaced.
    """

    def __init__(self, most: int = TAKEN_A_TURN) -> None:
        self.shed = 0
        self._most = most
        self._taken = 0
        self._waiting: dict[tuple[str, str], Sighting] = {}

    def admit(self, who: str, sighting: Sighting) -> bool:
        """Whether to take it in now; otherwise it waits for the turn's end, or a newer one does."""
        if self._taken < self._most:
            self._taken += 1
            return True
        key = (who, sighting.receiver)
        waits = self._waiting.get(key)
        if waits is None:
            self._waiting[key] = sighting
            return False
        self.shed += 1
        if sighting.at >= waits.at:
            self._waiting[key] = sighting
        return False

    @property
    def is_quiet(self) -> bool:
        """Whether so little came since the last turn that the next may be ten times as long."""
        return self._taken < self._most // 20

    def turn(self) -> Iterator[tuple[str, Sighting]]:
        """End the turn: who and what has waited."""
        waiting, self._waiting, self._taken = self._waiting, {}, 0
        for (who, _), sighting in waiting.items():
            yield who, sighting

    def forget(self, who: str) -> None:
        """Drop what waits of somebody."""
        for key in [key for key in self._waiting if key[0] == who]:
            del self._waiting[key]
