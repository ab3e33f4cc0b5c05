"""Sightings in, positions and facts out.

`heard` is called for each packet, thousands of times a second, and never waits: a packet of a
stranger is counted and forgotten, one of a known shopper is folded into their track, and what
comes faster than it can be taken is shed by rule (`decide.intake`). Tracks are reckoned twice a
second, each at a phase of its own and right after a sighting, in batches that do not hold the event
loop, and what it means is recorded at once. So from the advert that decides to its fact it takes a
batch and a commit, however many are in the store.
"""

import asyncio
import math
import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from typing import Final

from device_profiles.sighting import Sighting
from edge_agent.capabilities.presence import store
from edge_agent.capabilities.presence.decide.estimator import SurveyPoint
from edge_agent.capabilities.presence.decide.heat import Heat
from edge_agent.capabilities.presence.decide.intake import Intake
from edge_agent.capabilities.presence.decide.tally import Tally
from edge_agent.capabilities.presence.decide.tracker import Moved, Tracker
from edge_agent.capabilities.presence.model import (
    Consents,
    Directory,
    Floor,
    Hearing,
    Policy,
    Position,
    Seen,
    Visit,
)
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.kernel.facts import Fact
from edge_agent.storage import Storage, StorageUnavailable, Tx

TURN_S: Final = 0.05
"""The longest time between two looks at who is due, and what an overload is measured over."""

REST_S: Final = 0.5
"""The same in a store where little is heard: a gateway at rest sleeps."""

BEAT_S: Final = 0.005
"""The shortest: a track by itself costs five times what it does among ten (272 and 50 us), and
with 700 people one is due each 0.7 ms. Half of the 10 ms that an advert may take to its fact."""

AT_ONCE: Final = 32
"""Tracks reckoned between two turns of the event loop: 50 us each here, 200 us on a gateway four
times slower, where 32 of them hold up doors and pages for 6 ms."""

IN_FLIGHT: Final = 16
"""Batches whose facts are being committed: nobody's next tick waits for the disk, and the storage
commits them as one group. A disk that is slower than that slows the ticks down."""

SALT_BYTES: Final = 16


class Presence:
    """The room's service.

    Attributes:
        counted: sightings by what became of them: ``known``, ``stranger``, ``elsewhere`` (a
            receiver that is not on the floor), ``shed``, ``crowded`` (more people than are
            tracked); and ``unrecorded`` facts, lost to a full disk.
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
        survey: Sequence[SurveyPoint] = (),
    ) -> None:
        now = clock.now()
        self.counted: Counter[str] = Counter()
        self._storage = storage
        self._clock = clock
        self._directory = directory
        self._consents = consents
        self._intake = Intake()
        self._tracker = Tracker(floor, policy, survey)
        self._tally = Tally(floor, policy, now=now.wall, salt=_salt())
        self._turned_at = now.monotonic
        self._wakes_at = math.inf
        self._rests_until = -math.inf
        self._wake = asyncio.Event()
        self._room = asyncio.Semaphore(IN_FLIGHT)
        self._said: list[Fact] = []

    def heard(self, sighting: Sighting) -> None:
        """Take in one sighting; on the event loop, never waits."""
        shopper = self._directory.shopper_of(sighting.identity)
        if shopper is None:
            self.counted["stranger"] += 1
        elif sighting.receiver not in self._tracker.receivers:
            self.counted["elsewhere"] += 1
        else:
            self.counted["known"] += 1
            if self._intake.admit(shopper, sighting):
                self._take(shopper, sighting)
            elif self._wakes_at > self._turned_at + TURN_S:
                self._wake.set()

    def receiver_health(self, receiver: str, hearing: Hearing, reason: str = "") -> None:
        """Note a receiver's hearing at the start and at each change; the next turn records it."""
        now = self._clock.now().monotonic
        self._said.extend(self._tracker.receiver_is(receiver, hearing, reason, now))
        self._wake.set()

    def calibrate(self, receiver: str, correction_db: float) -> None:
        """Add so much to what a receiver reports from now on: it has drifted."""
        self._tracker.calibrate(receiver, correction_db)

    def forget(self, shopper: str) -> None:
        """Destroy what is known of where a shopper is, at once and without a fact."""
        self._tracker.forget(shopper)
        self._intake.forget(shopper)
        self._tally.forget(shopper)

    def positions(self) -> Seen:
        """Who is where and which zones can be told, for the floor view."""
        now = self._clock.now()
        shoppers = tuple(_position(visit, now) for visit in self._tracker.visits())
        return Seen(now, shoppers, self._tracker.zones())

    @property
    def heat(self) -> Heat:
        """Where time was spent in the last day."""
        return self._tally.heat

    def zone_of(self, shopper: str) -> str | None:
        """Where a shopper is believed to be now; None also for nobody known.

        Safe from the writer's thread: one look-up, and a visit is never changed in place.
        """
        visit = self._tracker.visit_of(shopper)
        return visit.zone if visit is not None else None

    async def run(self) -> None:
        """Reckon for ever."""
        async with asyncio.TaskGroup() as recording:
            while True:
                self._rests_until = self._clock.now().monotonic + BEAT_S
                await self._reckon(recording)
                now = self._clock.now().monotonic
                rest_s = REST_S if self._intake.is_quiet else TURN_S
                due = min(self._tracker.next_due(), now + rest_s)
                self._wakes_at = max(due, self._rests_until)
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._wakes_at - now):
                        await self._wake.wait()
                self._wake.clear()

    async def tick(self) -> None:
        """Reckon those who are due, and record what that means."""
        async with asyncio.TaskGroup() as recording:
            await self._reckon(recording)

    async def _reckon(self, recording: asyncio.TaskGroup) -> None:
        """Reckon those who are due; what it means is recorded meanwhile, in this order."""
        begun = self._clock.now()
        if begun.monotonic - self._turned_at >= TURN_S:
            self._turn(begun)
        await self._hand_over(recording, (), begun)
        while batch := self._tracker.due(begun.monotonic, AT_ONCE):
            now = self._clock.now()
            moved = self._tracker.advance(batch, now)
            self._count_people(moved)
            await self._hand_over(recording, moved, now)
            await asyncio.sleep(0)

    def _take(self, shopper: str, sighting: Sighting) -> None:
        taken = self._tracker.hear(
            shopper, sighting.receiver, sighting.rssi, sighting.at, sighting.power
        )
        if not taken:
            self.counted["crowded"] += 1
        if max(self._tracker.earliest, self._rests_until) < self._wakes_at:
            self._wake.set()

    def _turn(self, now: Instant) -> None:
        """Take in what has waited; count the time, and the hour when it is over."""
        for shopper, sighting in self._intake.turn():
            self._take(shopper, sighting)
        if self._intake.shed:
            self.counted["shed"] = self._intake.shed
        self._tally.untold(self._tracker.untold, now.monotonic - self._turned_at)
        self._turned_at = now.monotonic
        if self._tally.over(now.wall):
            self._said.extend(self._tally.turn(now.wall, _salt()))

    def _count_people(self, moved: Iterable[Moved]) -> None:
        for one in moved:
            if one.visit is not None and one.heard_s > 0:
                self._tally.add(one.visit, one.heard_s)

    async def _hand_over(
        self, recording: asyncio.TaskGroup, moved: Collection[Moved], now: Instant
    ) -> None:
        facts = [(one.who, fact) for one in moved for fact in one.facts]
        said, self._said = self._said, []
        if facts or said:
            await self._room.acquire()
            recording.create_task(self._record(said, facts, now))

    async def _record(
        self, said: Collection[Fact], facts: Collection[tuple[str, Fact]], now: Instant
    ) -> None:
        """While storage keeps nothing, the facts are lost and counted.

        Where people were is worth less than that the store goes on.
        """

        def work(tx: Tx) -> None:
            for fact in said:
                tx.record(fact, now)
            store.record(tx, facts, self._consents, now)

        try:
            await self._storage.run(work)
        except StorageUnavailable:
            self.counted["unrecorded"] += len(facts) + len(said)
        finally:
            self._room.release()


def _position(visit: Visit, now: Instant) -> Position:
    return Position(
        visit.who,
        visit.at[0],
        visit.at[1],
        visit.spread_m,
        visit.zone,
        visit.confidence,
        visit.heard_at - visit.since if visit.zone is not None else 0.0,
        now.monotonic - visit.heard_at,
    )


def _salt() -> bytes:
    return secrets.token_bytes(SALT_BYTES)
