"""Sightings and telemetry of the store's own beacons in, facts and a view of them out.

`heard` and `told` are called for each packet and never wait: they note what is new, and `tick`
decides and records it.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from cloud_bridge.wire.facts.beacons import AssetMoved
from device_profiles.beacons import BTHome, Frame
from device_profiles.beacons.sensor import Sensor, Verdict, take
from device_profiles.sighting import Sighting
from edge_agent.capabilities.beacons import store
from edge_agent.capabilities.beacons.decide import gauges, references
from edge_agent.capabilities.beacons.model import (
    Beacon,
    Gauge,
    Kept,
    Link,
    Locator,
    Place,
    Reference,
    Role,
    Status,
)
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.kernel.facts import Fact
from edge_agent.storage import Storage, StorageUnavailable, Tx

TICK_S: Final = 1.0
"""Between two looks; half of the time in which the console shows a radio fall silent."""

LOCATED_AT_ONCE: Final = 25
"""Things located between two turns of the event loop: two steps of the estimator, 40 us each."""

KEEP_LEVELS_S: Final = 900.0
"""Between two writings of what references taught; a week's memory loses nothing by an hour."""

SURE: Final = 0.6
"""An asset's zone is said from this confidence on: nobody looks for a trolley at a coin's toss."""


NOWHERE: Final = ""
"""Stands for the zone of an asset of which none was said; no zone has this id."""

WEARER_LEFT_S: Final = 60.0
"""A badge unheard for this long is not shown any more."""

IGNORED: Final = {
    Verdict.REPLAYED: "replayed",
    Verdict.DOWNGRADED: "plain text from an encrypted sensor",
    Verdict.UNREADABLE: "not by the sensor's key",
}
"""What is not believed; a repeat is, and says nothing new."""


class Beacons:
    """The room's service.

    Attributes:
        counted: ``unrecorded`` facts, lost to a full disk.
    """

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        beacons: Iterable[Beacon],
        locator: Locator | None,
        *,
        calibrate: Callable[[str, float], None],
    ) -> None:
        """Nothing was heard yet.

        Args:
            storage: for facts, counters and levels.
            clock: of the agent.
            beacons: the store's own.
            locator: None where no beacon is to be located.
            calibrate: told of each hearing receiver what is to be added to its RSSI, dB; often.
        """
        self.counted: Counter[str] = Counter()
        self._storage = storage
        self._clock = clock
        self._locator = locator
        self._calibrate = calibrate
        self._beacons = {beacon.identity: beacon for beacon in beacons}
        self._references = {
            one.id: Reference() for one in self._beacons.values() if one.role is Role.REFERENCE
        }
        self._levels: dict[tuple[str, str], tuple[float, float]] = {}
        self._gauges: dict[str, Gauge] = {}
        self._sensors: dict[str, Sensor] = {}
        self._heard_at: dict[str, float] = {}
        self._hearing: dict[str, float] = {}
        self._drifted: dict[str, bool] = {}
        self._places: dict[str, Place] = {}
        self._said_zones: dict[str, str | None] = {}
        self._unsaved: set[str] = set()
        self._said: list[Fact] = []
        self._levels_kept_at = clock.now().monotonic

    async def load(self) -> None:
        """Take up where the agent stopped; once, before anything is heard."""
        if not self._beacons:
            return
        known = [beacon.id for beacon in self._beacons.values()]
        await self._storage.run(lambda tx: store.forget_others(tx, known))
        kept = await self._storage.view(store.kept)
        self._levels = await self._storage.view(store.levels)
        for beacon in self._beacons.values():
            was = kept.get(beacon.id, Kept())
            self._gauges[beacon.id] = Gauge(low=was.battery_low)
            if was.key_tag == beacon.key_tag:
                self._sensors[beacon.id] = was.sensor

    def heard(self, sighting: Sighting) -> bool:
        """Take in a sighting; False for one that is not of the store's own beacons."""
        beacon = self._beacons.get(sighting.identity)
        if beacon is None:
            return False
        self._heard_at[beacon.id] = sighting.at
        if beacon.role is Role.REFERENCE:
            self._heard_reference(beacon.id, sighting)
        elif beacon.located and self._locator is not None:
            self._locator.hear(beacon.id, sighting)
        return True

    def told(self, identity: str, frame: Frame, now: Instant) -> str | None:
        """Take in a telemetry frame of one of the store's own beacons.

        Returns why it was not believed, in words to count by; None where it was, or was known.
        """
        beacon = self._beacons.get(identity)
        if beacon is None or (reading := gauges.reading_of(frame)) is None:
            return None
        if isinstance(frame, BTHome):
            verdict = self._judge(beacon, frame, now)
            if verdict is not Verdict.NEWS:
                return IGNORED.get(verdict)
        self._heard_at[beacon.id] = now.monotonic
        gauge, facts = gauges.note(beacon, self._gauges.get(beacon.id, Gauge()), reading)
        self._gauges[beacon.id] = gauge
        if facts:
            self._said.extend(facts)
            self._unsaved.add(beacon.id)
        return None

    def receiver_health(self, receiver: str, *, hearing: bool) -> None:
        """Note whether a receiver hears anything at all."""
        if hearing:
            self._hearing.setdefault(receiver, self._clock.now().monotonic)
        else:
            self._hearing.pop(receiver, None)

    def canary(self, receiver: str) -> tuple[float, float] | None:
        """What a receiver heard of the references near it (`references.canary`)."""
        return references.canary(self._references.values(), receiver)

    def drift_db(self, receiver: str) -> float:
        """How much louder a receiver hears now than it used to, dB; 0 where nobody can tell."""
        return references.drift_db(self._links_of(receiver))

    def statuses(self) -> list[Status]:
        """Every beacon for the page, as of now."""
        now = self._clock.now().monotonic
        return [self._status(beacon, now) for beacon in self._beacons.values()]

    async def run(self) -> None:
        """Look for ever."""
        while self._beacons:
            await self.tick()
            await asyncio.sleep(TICK_S)

    async def tick(self) -> None:
        """Decide what is new and record it; what a full disk does not take is counted."""
        now = self._clock.now()
        facts, self._said = self._said, []
        facts += [*self._look_at_references(now.monotonic), *self._tell_readings(now.monotonic)]
        facts += await self._locate(now.monotonic)
        unsaved, self._unsaved = self._unsaved, set()
        links = self._learned(now.monotonic)
        if not facts and not unsaved and not links:
            return
        kept = {beacon: self._kept(beacon) for beacon in unsaved}
        try:
            await self._storage.run(lambda tx: _record(tx, facts, kept, links, now))
        except StorageUnavailable:
            self.counted["unrecorded"] += len(facts)
            self._unsaved |= unsaved

    def _heard_reference(self, beacon: str, sighting: Sighting) -> None:
        reference = self._references[beacon]
        before = reference.links.get(sighting.receiver)
        silent = reference.silent_since is not None
        link = references.hear(before, sighting.rssi, sighting.at, silent=silent)
        if before is None:
            usual, learned = self._levels.get((beacon, sighting.receiver), (link.usual, 0.0))
            link = replace(link, usual=usual, learned_s=learned)
        links = {**reference.links, sighting.receiver: link}
        self._references[beacon] = replace(reference, links=links)

    def _judge(self, beacon: Beacon, frame: BTHome, now: Instant) -> Verdict:
        before = self._sensors.get(beacon.id, Sensor())
        after, verdict = take(before, frame, now.wall.timestamp())
        self._sensors[beacon.id] = after
        if after.counter != before.counter:
            self._unsaved.add(beacon.id)
        return verdict

    def _look_at_references(self, now: float) -> list[Fact]:
        facts: list[Fact] = []
        for beacon, reference in self._references.items():
            self._references[beacon], said = references.look(beacon, reference, self._hearing, now)
            facts += said
        for receiver in self._hearing if self._references else ():
            drifted, said = references.drift_news(
                receiver, self.drift_db(receiver), was=self._drifted.get(receiver, False)
            )
            self._drifted[receiver] = drifted
            facts += said
            correction = references.correction_db(self._links_of(receiver), drifted=drifted)
            self._calibrate(receiver, correction)
        return facts

    def _links_of(self, receiver: str) -> list[Link]:
        links = (one.links.get(receiver) for one in self._references.values())
        return [link for link in links if link is not None]

    def _tell_readings(self, now: float) -> list[Fact]:
        facts: list[Fact] = []
        for beacon in self._beacons.values():
            gauge = self._gauges.get(beacon.id)
            if gauge is not None:
                self._gauges[beacon.id], said = gauges.tell(beacon, gauge, now)
                facts += said
        return facts

    async def _locate(self, now: float) -> list[Fact]:
        facts: list[Fact] = []
        if self._locator is None:
            return facts
        located = [
            one for one in self._beacons.values() if one.located and one.id in self._heard_at
        ]
        for start in range(0, len(located), LOCATED_AT_ONCE):
            some = located[start : start + LOCATED_AT_ONCE]
            places = self._locator.where([one.id for one in some], now)
            facts += [
                fact for one in some if (fact := self._moved(one, places.get(one.id))) is not None
            ]
            await asyncio.sleep(0)
        return facts

    def _moved(self, beacon: Beacon, place: Place | None) -> Fact | None:
        """Where an asset went; a badge's places are shown, and never recorded."""
        if place is None:
            return None
        self._places[beacon.id] = place
        if beacon.role is not Role.ASSET or place.confidence < SURE:
            return None
        if self._said_zones.get(beacon.id, NOWHERE) == place.zone:
            return None
        self._said_zones[beacon.id] = place.zone
        data = AssetMoved(beacon=beacon.id, zone=place.zone, confidence=round(place.confidence, 2))
        return Fact(f"beacons/{beacon.id}", data)

    def _learned(self, now: float) -> list[tuple[str, str, Link]]:
        if now - self._levels_kept_at < KEEP_LEVELS_S:
            return []
        self._levels_kept_at = now
        return [
            (beacon, receiver, link)
            for beacon, reference in self._references.items()
            for receiver, link in reference.links.items()
        ]

    def _kept(self, beacon_id: str) -> Kept:
        tag = next(one.key_tag for one in self._beacons.values() if one.id == beacon_id)
        gauge = self._gauges.get(beacon_id, Gauge())
        return Kept(tag, self._sensors.get(beacon_id, Sensor()), gauge.low)

    def _status(self, beacon: Beacon, now: float) -> Status:
        heard_at = self._heard_at.get(beacon.id)
        gauge = self._gauges.get(beacon.id, Gauge())
        reference = self._references.get(beacon.id, Reference())
        heard_s = None if heard_at is None else max(0.0, now - heard_at)
        left = beacon.role is Role.STAFF and (heard_s is None or heard_s >= WEARER_LEFT_S)
        return Status(
            beacon,
            heard_s,
            gauge.last,
            gauge.low,
            None if left else self._places.get(beacon.id),
            gone=reference.silent_since is not None,
            links=reference.links,
        )


def _record(
    tx: Tx,
    facts: Iterable[Fact],
    kept: dict[str, Kept],
    links: Iterable[tuple[str, str, Link]],
    now: Instant,
) -> None:
    for fact in facts:
        tx.record(fact, now)
    store.keep(tx, kept)
    store.keep_levels(tx, links)
