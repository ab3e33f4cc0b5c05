"""A recording through the live tracker: what `edge-agent locate` and `edge-agent tune` share.

Time is the recording's own: now is the greatest `t` read so far. A tick is reckoned when a line
shows that its time has come, from the lines read before, so that nothing looks ahead.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import msgspec

from device_profiles.receivers.report import WEAKEST_RSSI
from edge_agent.capabilities.presence.decide.estimator import SurveyPoint
from edge_agent.capabilities.presence.decide.tracker import MOST_TRACKED, Moved, Tracker
from edge_agent.capabilities.presence.model import Floor, Hearing, Point, Policy
from edge_agent.kernel.clock import Instant

LATEST_S: Final = 2.0
"""A line this much older than now still counts; radios report in batches, brokers repeat."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]


class Line(msgspec.Struct, frozen=True):
    """One sighting of a recording; `t` in seconds on any clock, `power` in dBm at 1 m."""

    t: Annotated[float, msgspec.Meta(ge=0, le=1e10)]
    receiver: _Name
    beacon: _Name
    rssi: float
    power: Annotated[float, msgspec.Meta(ge=-127, le=20)] | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a beacon was believed to be from `t` on; all None when it is not there."""

    t: float
    beacon: str
    zone: str | None
    x: float | None
    y: float | None
    confidence: float | None


class BadLine(Exception):
    """A line that cannot be taken in; its text says why."""


class TooLate(BadLine):
    """A line that is older than `LATEST_S`."""


_LINE = msgspec.json.Decoder(Line)


def parse(text: bytes) -> Line:
    """The sighting in a line.

    Raises:
        BadLine: there is none, or its RSSI is none that a radio can have measured.
    """
    try:
        line = _LINE.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as err:
        raise BadLine(str(err)) from err
    if not WEAKEST_RSSI <= line.rssi <= 0:
        msg = f"rssi {line.rssi:g} dBm is none that a radio measures"
        raise BadLine(msg)
    return line


class Replay:
    """One recording."""

    def __init__(
        self,
        floor: Floor,
        policy: Policy,
        survey: Sequence[SurveyPoint] = (),
        *,
        origin: Point = (0.0, 0.0),
    ) -> None:
        """Begin.

        Args:
            floor: what to reckon on; its receivers are taken to hear from the first line on.
            policy: the rules.
            survey: of the floor.
            origin: of the floor in the coordinates of the answers.
        """
        self._tracker = Tracker(floor, policy, survey)
        self._origin = origin
        self._now = -math.inf
        self._reckoned = -math.inf
        self._shown: set[str] = set()
        for receiver in floor.receivers:
            self._tracker.receiver_is(receiver.id, Hearing.HEARING, "", -math.inf)

    def take(self, line: Line) -> list[Decision]:
        """Take in a sighting; what was decided until its time came.

        Raises:
            BadLine: it cannot be taken in, or comes too late; nothing has changed then.
        """
        if line.receiver not in self._tracker.receivers:
            msg = f"receiver {line.receiver!r} is not in the site"
            raise BadLine(msg)
        if line.t < self._now - LATEST_S:
            msg = f"{self._now - line.t:.1f} s late"
            raise TooLate(msg)
        if self._tracker.is_full and self._tracker.visit_of(line.beacon) is None:
            msg = f"more than {MOST_TRACKED} beacons at once"
            raise BadLine(msg)
        self._now = max(self._now, line.t)
        decisions = list(self._reckon())
        self._tracker.hear(line.beacon, line.receiver, line.rssi, line.t, line.power)
        return decisions

    def _reckon(self) -> Iterator[Decision]:
        while (due := self._tracker.next_due()) <= self._now:
            self._reckoned = max(self._reckoned, due)
            at = Instant(_EPOCH + timedelta(seconds=self._reckoned), self._reckoned)
            for moved in self._tracker.advance(self._tracker.due(due, MOST_TRACKED), at):
                decision = self._decision(moved)
                if decision is not None:
                    yield decision

    def _decision(self, moved: Moved) -> Decision | None:
        visit = moved.visit
        if visit is not None:
            self._shown.add(moved.who)
            return Decision(
                round(self._reckoned, 4),
                moved.who,
                visit.zone,
                round(visit.at[0] + self._origin[0], 3),
                round(visit.at[1] + self._origin[1], 3),
                round(visit.confidence, 3),
            )
        if moved.who not in self._shown:
            return None
        self._shown.discard(moved.who)
        return Decision(round(self._reckoned, 4), moved.who, None, None, None, None)
