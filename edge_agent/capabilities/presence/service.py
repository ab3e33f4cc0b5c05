"""Sightings in, positions and facts out.

`heard` is called for each packet, thousands of times a second, and never waits: a packet of a
stranger is counted and forgotten, one of a known shopper is folded into a sum per receiver. So
nothing queues, memory is bounded by shoppers and receivers, and an overload costs freshness only.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from device_profiles.sighting import Sighting
from edge_agent.capabilities.presence import store
from edge_agent.capabilities.presence.decide import receivers, visits
from edge_agent.capabilities.presence.decide.levels import Level
from edge_agent.capabilities.presence.decide.radio_map import USUAL_POWER_DBM, RadioMap
from edge_agent.capabilities.presence.decide.visits import Decision
from edge_agent.capabilities.presence.model import (
    Consents,
    Directory,
    Floor,
    Hearing,
    Policy,
    Position,
    ReceiverState,
    Seen,
    Visit,
)
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.kernel.facts import Fact
from edge_agent.storage import Storage, StorageUnavailable, Tx

TICK_S: Final = 0.5
"""Between two estimates, as in method A; a dwell is said at most this late."""

AT_ONCE: Final = 4
"""Shoppers reckoned between two turns of the event loop. One takes about a millisecond, on a small
gateway five: a hundred of them in a row would hold up doors and pages for half a second."""


@dataclass(slots=True)
class _Track:
    """What is kept of one shopper."""

    levels: dict[str, Level] = field(default_factory=dict)
    power: float = USUAL_POWER_DBM
    heard_at: float = 0.0
    visit: Visit | None = None


class Presence:
    """The room's service.

    Attributes:
        counted: sightings by what became of them: ``known``, ``stranger``, ``elsewhere`` (a
            receiver that is not on the floor); and ``unrecorded`` facts, lost to a full disk.
    """

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        policy: Policy,
        floor: Floor,
        *,
        directory: Directory,
        consents: Consents,
    ) -> None:
        self.counted: Counter[str] = Counter()
        self._storage = storage
        self._clock = clock
        self._policy = policy
        self._zones = {zone.id: zone for zone in floor.zones}
        self._map = RadioMap(floor, policy.path_loss_exponent)
        self._receivers = {receiver.id: ReceiverState() for receiver in floor.receivers}
        self._directory = directory
        self._consents = consents
        self._tracks: dict[str, _Track] = {}
        self._said: list[Fact] = []

    def heard(self, sighting: Sighting) -> None:
        """Take in one sighting; on the event loop, never waits."""
        shopper = self._directory.shopper_of(sighting.identity)
        if shopper is None:
            self.counted["stranger"] += 1
            return
        if sighting.receiver not in self._receivers:
            self.counted["elsewhere"] += 1
            return
        self.counted["known"] += 1
        track = self._tracks.get(shopper)
        if track is None:
            track = self._tracks[shopper] = _Track()
        level = track.levels.get(sighting.receiver)
        if level is None:
            level = track.levels[sighting.receiver] = Level()
        level.hear(sighting.rssi, sighting.at)
        track.heard_at = max(track.heard_at, sighting.at)
        if sighting.power is not None:
            track.power = sighting.power

    def receiver_health(self, receiver: str, hearing: Hearing, reason: str = "") -> None:
        """Note a receiver's hearing at the start and at each change; the next tick records it."""
        before = self._receivers.get(receiver)
        if before is None:
            return
        now = self._clock.now().monotonic
        after, fact = receivers.change(before, receiver, hearing, reason, now=now)
        self._receivers[receiver] = after
        if fact is not None:
            self._said.append(fact)

    def forget(self, shopper: str) -> None:
        """Destroy what is known of where a shopper is, at once and without a fact."""
        self._tracks.pop(shopper, None)

    def positions(self) -> Seen:
        """Who is where, for the floor view."""
        now = self._clock.now()
        known = [track.visit for track in self._tracks.values() if track.visit is not None]
        return Seen(now, tuple(_position(visit, now) for visit in known))

    def zone_of(self, shopper: str) -> str | None:
        """Where a shopper is believed to be now; None also for nobody known.

        Safe from the writer's thread: one look-up, and a visit is never changed in place.
        """
        track = self._tracks.get(shopper)
        visit = track.visit if track is not None else None
        return visit.zone if visit is not None else None

    async def run(self) -> None:
        """Tick for ever."""
        while True:
            await self.tick()
            await asyncio.sleep(TICK_S)

    async def tick(self) -> None:
        """Reckon where everybody is, and record what that means.

        While storage keeps nothing, the facts are lost and counted: where people were is worth
        less than that the store goes on.
        """
        now = self._clock.now()
        facts: list[tuple[str, Fact]] = []
        for turn, (shopper, track) in enumerate(list(self._tracks.items()), 1):
            if turn % AT_ONCE == 0:
                await asyncio.sleep(0)
            if self._tracks.get(shopper) is not track:  # forgotten while others were reckoned
                continue
            decision = self._decide(shopper, track, now.monotonic)
            facts.extend((shopper, fact) for fact in decision.facts)
            track.visit = decision.visit
            if decision.visit is None:
                del self._tracks[shopper]
        said, self._said = self._said, []
        if not facts and not said:
            return
        try:
            await self._storage.run(lambda tx: self._record(tx, facts, said, now))
        except StorageUnavailable:
            self.counted["unrecorded"] += len(facts) + len(said)

    def _decide(self, shopper: str, track: _Track, now: float) -> Decision:
        visit = track.visit
        if visit is not None and track.heard_at <= visit.heard_at:
            return visits.wait(visit, self._receivers, now=now, policy=self._policy)
        levels = {
            receiver: read
            for receiver, level in track.levels.items()
            if (read := level.read(now)) is not None
        }
        estimate = self._map.locate(levels, track.power)
        if estimate is None:
            return Decision(visit)
        return visits.hear(
            visit,
            shopper,
            estimate,
            heard_at=track.heard_at,
            heard_by=max(levels, key=lambda receiver: levels[receiver][0]),
            zones=self._zones,
        )

    def _record(
        self, tx: Tx, facts: list[tuple[str, Fact]], said: list[Fact], now: Instant
    ) -> None:
        for fact in said:
            tx.record(fact, now)
        store.record(tx, facts, self._consents, now)


def _position(visit: Visit, now: Instant) -> Position:
    return Position(
        visit.shopper,
        visit.at[0],
        visit.at[1],
        visit.zone,
        visit.confidence,
        visit.heard_at - visit.since if visit.zone is not None else 0.0,
        now.monotonic - visit.heard_at,
    )
