"""Everybody who is heard: sightings in, visits and facts out.

The one path from a sighting to a zone. The live service feeds it from the radio, `edge-agent
locate` from a recording; time is an argument, so that both get the same decisions.

Each track has ticks of its own, `TICK_S` apart from its first sighting on. A tick is reckoned right
after the first sighting of its last moments (`EARLY_S`), which is the one that decides, and at its
time when nothing comes.
"""

import itertools
import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Final

import msgspec

from cloud_bridge.wire.facts.presence import ZoneKnown, ZoneUnknown
from edge_agent.capabilities.presence.decide import receivers, visits
from edge_agent.capabilities.presence.decide.coverage import Coverage
from edge_agent.capabilities.presence.decide.estimator import (
    TICK_S,
    Estimator,
    SurveyPoint,
    Track,
)
from edge_agent.capabilities.presence.decide.expectations import USUAL_POWER_DBM
from edge_agent.capabilities.presence.decide.visits import Decision, Floorplan
from edge_agent.capabilities.presence.decide.zones import zone_at
from edge_agent.capabilities.presence.model import (
    Audible,
    Estimate,
    Floor,
    Hearing,
    Policy,
    ReceiverState,
    Visit,
    ZoneSight,
)
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import Fact

FRESH_S: Final = 2.0
"""Somebody silent for longer stays where they were: the estimator forgets a packet within 1.4 s,
and its belief then spreads; nobody may be moved by silence."""

GATHER_S: Final = 0.004
"""After the first sighting for a tick: one advert reaches several receivers within 2 ms
(facts/beacons.md), and those who are due together are reckoned together."""

PHASE_S: Final = TICK_S / 4
"""Ticks are due at whole multiples of this: a track by itself costs five times what it does among
ten, and of twenty people who stand about four or five are then reckoned together."""

EARLY_S: Final = 0.05
"""How long before a tick a sighting may call for it: a beacon that several receivers hear brings
one within that. Waiting for one after the tick instead cost 0.08 m and two points of the walks
in data/ble_tetam: whoever walks is told late enough."""

LEAK_DB_S: Final = 1.0
"""What the best receiver's claim loses per second: after a walk of 20 s another one has it, and
one that died keeps it for as long as a visit's end takes to be told (`gone_after_s`)."""

MOST_TRACKED: Final = 2000
"""At once; 15 kB each. More people than a department store holds: beyond it something floods."""


@dataclass(slots=True)
class Tracked:
    """What is kept of one who is heard.

    Attributes:
        due: of the next tick.
        called_for: the tick that a sighting has come for.
    """

    who: str
    track: Track
    due: float
    reckoned_at: float
    called_for: float = -math.inf
    heard_at: float = -math.inf
    best: str = ""
    peak: float = -math.inf
    peak_at: float = 0.0
    by: dict[str, float] = field(default_factory=dict)
    visit: Visit | None = None


class Moved(msgspec.Struct, frozen=True, gc=False):
    """What a tick made of one.

    Attributes:
        visit: None when it is over or has not begun.
        heard_s: for how much of the time since the tick before they were heard.
    """

    who: str
    visit: Visit | None
    facts: tuple[Fact, ...]
    heard_s: float


class Tracker:
    """The located of one floor; bounded by `MOST_TRACKED`.

    Attributes:
        earliest: when the agenda wants somebody reckoned next, or already out of date and before.
    """

    def __init__(self, floor: Floor, policy: Policy, survey: Sequence[SurveyPoint] = ()) -> None:
        self._policy = policy
        self._estimator = Estimator(floor, survey, path_loss_exponent=policy.path_loss_exponent)
        self._zones = {zone.id: zone for zone in floor.zones}
        hearing = [row for row, one in enumerate(floor.receivers) if not one.by_phone]
        expected = self._estimator.expected + (0.0 if self._estimator.surveyed else USUAL_POWER_DBM)
        self._coverage = Coverage(
            [zone_at(floor.zones, (float(x), float(y))) for x, y in self._estimator.cells],
            [floor.receivers[row].id for row in hearing],
            expected[hearing],
            self._estimator.variance[hearing],
        )
        self._receivers = {receiver.id: ReceiverState() for receiver in floor.receivers}
        self._phones_hear = {receiver.id for receiver in floor.receivers if receiver.by_phone}
        self._unknown_since: dict[str | None, float] = {}
        self._told_since: dict[str | None, float] = {}
        self._tracked: dict[str, Tracked] = {}
        self._agenda: list[tuple[float, int, float, Tracked]] = []
        self._places = itertools.count()
        self.earliest = math.inf
        self._latest = -math.inf

    @property
    def receivers(self) -> Collection[str]:
        """The ids of the receivers on the floor."""
        return self._receivers.keys()

    def calibrate(self, receiver: str, correction_db: float) -> None:
        """Add so much to what a receiver reports from now on."""
        self._estimator.calibrate(receiver, correction_db)

    @property
    def untold(self) -> Collection[str | None]:
        """The zones that the receivers left cannot tell."""
        return self._unknown_since.keys()

    @property
    def is_full(self) -> bool:
        """Whether nobody new is taken up."""
        return len(self._tracked) >= MOST_TRACKED

    def hear(
        self, who: str, receiver: str, rssi: float, at: float, power: float | None = None
    ) -> bool:
        """Take in one sighting of a receiver on the floor; False when too many are tracked."""
        tracked = self._tracked.get(who)
        if tracked is None:
            tracked = self._take_up(who, at)
            if tracked is None:
                return False
        tracked.track.hear(receiver, rssi, at, power)
        tracked.by[receiver] = at
        tracked.heard_at = max(tracked.heard_at, at)
        claim = tracked.peak - (at - tracked.peak_at) * LEAK_DB_S
        if rssi >= claim and receiver not in self._phones_hear:
            tracked.best, tracked.peak, tracked.peak_at = receiver, rssi, at
        if tracked.called_for < tracked.due <= at + EARLY_S:
            tracked.called_for = tracked.due
            self._schedule(tracked, at + GATHER_S)
        return True

    def receiver_is(
        self, receiver: str, hearing: Hearing, reason: str, now: float
    ) -> tuple[Fact, ...]:
        """Note a receiver's hearing; what it means for itself and for the zones."""
        before = self._receivers.get(receiver)
        if before is None:
            return ()
        after, fact = receivers.change(before, receiver, hearing, reason, now=now)
        self._receivers[receiver] = after
        if fact is None:
            return ()
        return (fact, *self._look_at_zones(now))

    def forget(self, who: str) -> None:
        """Destroy what is known of somebody."""
        tracked = self._tracked.pop(who, None)
        if tracked is not None:
            self._estimator.release(tracked.track)

    def visit_of(self, who: str) -> Visit | None:
        """The visit of somebody, if they are here."""
        tracked = self._tracked.get(who)
        return tracked.visit if tracked is not None else None

    def visits(self) -> list[Visit]:
        """The visits that go on."""
        return [one.visit for one in self._tracked.values() if one.visit is not None]

    def zones(self) -> tuple[ZoneSight, ...]:
        """Which zones can be told, and which blind receivers would hear them."""
        blind = self._blind()
        return tuple(
            ZoneSight(zone, zone not in self._unknown_since, self._coverage.needed(zone, blind))
            for zone in self._zones
        )

    def next_due(self) -> float:
        """When somebody is to be reckoned next; infinity while nobody is."""
        while self._agenda:
            when, _, tick, one = self._agenda[0]
            if tick == one.due and self._tracked.get(one.who) is one:
                self.earliest = when
                return when
            heappop(self._agenda)
        self.earliest = math.inf
        return math.inf

    def due(self, now: float, most: int) -> list[Tracked]:
        """Up to `most` who are to be reckoned by `now`, those who wait longest first."""
        batch: list[Tracked] = []
        while len(batch) < most and self.next_due() <= now:
            one = heappop(self._agenda)[-1]
            one.due += TICK_S
            batch.append(one)
        return batch

    def advance(self, batch: Iterable[Tracked], now: Instant) -> list[Moved]:
        """Reckon those of `batch` (of `due`, all still tracked) as of `now`."""
        everybody = list(batch)
        self._latest = max(self._latest, now.monotonic)
        estimates = self._estimator.step([one.track for one in everybody], now.monotonic + EARLY_S)
        plan = Floorplan(self._zones, self.untold, self._told_since, self._receivers)
        return [
            self._settle(one, estimate if _is_fresh(one, now) else None, plan, now)
            for one, estimate in zip(everybody, estimates, strict=True)
        ]

    def _take_up(self, who: str, at: float) -> Tracked | None:
        if self.is_full:
            return None
        begun = max(at, self._latest)
        tracked = Tracked(who, self._estimator.track(), _in_phase(begun + TICK_S), begun)
        self._tracked[who] = tracked
        self._schedule(tracked, tracked.due)
        return tracked

    def _schedule(self, one: Tracked, when: float) -> None:
        heappush(self._agenda, (when, next(self._places), one.due, one))
        self.earliest = min(self.earliest, when)

    def _settle(
        self, one: Tracked, estimate: Estimate | None, plan: Floorplan, now: Instant
    ) -> Moved:
        decision = self._decide(one, estimate, plan, now)
        heard_s = min(now.monotonic - one.reckoned_at, FRESH_S) if estimate is not None else 0.0
        one.visit, one.reckoned_at = decision.visit, now.monotonic
        if one.visit is None and not _is_fresh(one, now):
            self.forget(one.who)
        else:
            if one.due < now.monotonic:
                one.due = _in_phase(now.monotonic)
            self._schedule(one, one.due)
        return Moved(one.who, one.visit, decision.facts, heard_s)

    def _decide(
        self, one: Tracked, estimate: Estimate | None, plan: Floorplan, now: Instant
    ) -> Decision:
        if estimate is None:
            if one.visit is None:
                return Decision(None)
            heard = Audible(one.heard_at, one.best, one.by)
            return visits.wait(one.visit, heard, plan, self._policy, now)
        if one.visit is None:
            return visits.begin(one.who, estimate, one.heard_at, plan, now)
        return visits.hear(one.visit, estimate, one.heard_at, plan, now)

    def _look_at_zones(self, now: float) -> Iterable[Fact]:
        blind = self._blind()
        untold = self._coverage.untold(self._receivers.keys() - blind)
        for zone in sorted(untold - self._unknown_since.keys(), key=str):
            self._unknown_since[zone] = now
            if zone is not None:
                needed = list(self._coverage.needed(zone, blind))
                yield Fact(f"zones/{zone}", ZoneUnknown(zone=zone, blind=needed))
        for zone in sorted(self._unknown_since.keys() - untold, key=str):
            unknown_s = round(now - self._unknown_since.pop(zone), 1)
            self._told_since[zone] = now
            if zone is not None:
                yield Fact(f"zones/{zone}", ZoneKnown(zone=zone, unknown_s=unknown_s))

    def _blind(self) -> Collection[str]:
        return {
            receiver for receiver, state in self._receivers.items() if state.blind_since is not None
        }


def _in_phase(when: float) -> float:
    """The first moment from `when` on at which ticks are due."""
    return math.ceil(when / PHASE_S) * PHASE_S


def _is_fresh(one: Tracked, now: Instant) -> bool:
    return now.monotonic - one.heard_at <= FRESH_S
