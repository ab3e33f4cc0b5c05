"""Recording: the beacon is held still at a spot while everything that is heard of it is kept.

A finished spot is in the journal, on disk, before anybody is told that it is finished.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from device_profiles.sighting import Sighting
from edge_agent.kernel.clock import Clock
from edge_agent.kernel.errors import Refused
from edge_agent.survey.files import Journal
from edge_agent.survey.model import Ground, Recorded, Spot

MOST_VALUES = 20_000
"""Of one receiver at one spot: half an hour at the fastest advertising rate of a beacon, 10 Hz."""

MOST_SPOTS = 2_000
"""A department store of 100 m by 100 m at 2.2 m."""

AROUND_S = 3.0
"""Between spots the page shows what was heard in the last seconds."""


@dataclass(slots=True)
class Running:
    """The spot that is being recorded; `until` on the monotonic clock."""

    at: Spot
    began: float
    until: float
    rssi: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


class Recorder:
    """One survey, of one beacon."""

    def __init__(self, ground: Ground, journal: Journal, clock: Clock) -> None:
        """Goes on with what the journal holds."""
        self._ground = ground
        self._journal = journal
        self._clock = clock
        self._spots = {one.id: one for one in journal.read()}
        self._last_id = max(self._spots, default=0)
        self._running: Running | None = None
        self._heard: dict[str, tuple[float, float]] = {}

    @property
    def spots(self) -> Sequence[Recorded]:
        """What was recorded and not deleted, the oldest first."""
        return list(self._spots.values())

    @property
    def running(self) -> Running | None:
        """The spot that is being recorded; a call after its time has come ends it."""
        self._settle()
        return self._running

    def heard_now(self) -> Mapping[str, float]:
        """The last RSSI by receiver, of the last seconds."""
        since = self._clock.now().monotonic - AROUND_S
        return {receiver: rssi for receiver, (rssi, at) in self._heard.items() if at >= since}

    def hear(self, sighting: Sighting) -> None:
        """Take in a sighting of the beacon, on the event loop.

        The first one after a spot's time keeps the spot: the phone may be asleep in a pocket.
        """
        with suppress(Refused):  # the disk is full: who asks next is told
            self._settle()
        if sighting.receiver not in self._ground.receivers:
            return
        self._heard[sighting.receiver] = (sighting.rssi, sighting.at)
        running = self._running
        if running is None or not running.began <= sighting.at < running.until:
            return
        values = running.rssi[sighting.receiver]
        if len(values) < MOST_VALUES:
            values.append(sighting.rssi)

    def begin(self, at: Spot, seconds: float) -> None:
        """Begin to record a spot.

        Raises:
            Refused: `still_recording`, `off_the_floor`, `survey_full`.
        """
        self._settle()
        if self._running is not None:
            raise Refused("still_recording", "The last spot is still being recorded.")
        inside = 0 <= at.x <= self._ground.width_m and 0 <= at.y <= self._ground.height_m
        if not inside or not math.isfinite(seconds):
            raise Refused("off_the_floor", "That place is not on the floor plan.", status=422)
        if len(self._spots) >= MOST_SPOTS:
            raise Refused("survey_full", f"A survey has at most {MOST_SPOTS} spots.")
        now = self._clock.now().monotonic
        self._running = Running(at, now, now + seconds)

    def cancel(self) -> None:
        """Give up the spot that is being recorded."""
        self._settle()
        self._running = None

    def delete(self, spot: int) -> None:
        """Forget a recorded spot.

        Raises:
            Refused: `spot_unknown`.
        """
        if spot not in self._spots:
            raise Refused("spot_unknown", "There is no such spot.", status=404)
        self._journal.delete(spot)
        del self._spots[spot]

    def _settle(self) -> None:
        """Keep the running spot once its time has come; what cannot be kept stays the running one.

        Raises:
            Refused: `storage_unavailable`.
        """
        running = self._running
        if running is None or self._clock.now().monotonic < running.until:
            return
        rssi = {receiver: tuple(values) for receiver, values in running.rssi.items()}
        seconds = round(running.until - running.began, 1)
        recorded = Recorded(self._last_id + 1, running.at, seconds, rssi)
        try:
            self._journal.add(recorded)
        except OSError as err:
            text = f"The spot cannot be saved ({err.strerror}): make room on the disk."
            raise Refused("storage_unavailable", text, status=503) from err
        self._running = None
        self._last_id = recorded.id
        self._spots[recorded.id] = recorded
