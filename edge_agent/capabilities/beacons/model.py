"""The beacons that the store owns, what they say, and what this room must know of others.

Seconds on the monotonic clock unless said otherwise.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from device_profiles.beacons.sensor import Sensor
from device_profiles.sighting import Sighting


class Role(StrEnum):
    """What a beacon of the store's own is for."""

    STAFF = "staff"
    ASSET = "asset"
    REFERENCE = "reference"
    SENSOR = "sensor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beacon:
    """A `[[beacons]]` table.

    Attributes:
        identity: as its sightings and telemetry carry it.
        key_tag: of its BTHome key, so that another key begins another count; empty without one.
        located: an asset, or a badge whose wearer has agreed.
    """

    id: str
    role: Role
    identity: str
    key_tag: str = ""
    located: bool = False
    low_battery_v: float = 2.4
    low_battery_percent: int = 15


@dataclass(frozen=True, slots=True)
class Reading:
    """What a beacon said; None where it did not."""

    temperature_c: float | None = None
    humidity_percent: float | None = None
    battery_v: float | None = None
    battery_percent: int | None = None


@dataclass(frozen=True, slots=True)
class Gauge:
    """A beacon's readings over time.

    Attributes:
        last: the newest value of each kind.
        told: what was last recorded, at `told_at`; None before the first.
        low: the battery is to be changed, as was recorded.
        tired: readings in a row that say otherwise than `low`.
    """

    last: Reading = field(default_factory=Reading)
    told: Reading | None = None
    told_at: float = 0.0
    low: bool = False
    tired: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """How one receiver hears one reference beacon.

    Attributes:
        since: first heard.
        heard_at: last heard.
        longest_gap: the longest usual silence, seconds; forgotten slowly.
        level: RSSI now, dBm, over minutes.
        usual: RSSI as it was learned, dBm, over days.
        learned_s: for how long it was learned.
        silent_since: last heard before the silence that was recorded; None while there is none.
    """

    since: float
    heard_at: float
    level: float
    usual: float
    longest_gap: float = 0.0
    learned_s: float = 0.0
    silent_since: float | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A fixed beacon.

    Attributes:
        links: by receiver.
        silent_since: as a link's, when no receiver hears it.
        watched_by: how many receivers ought to hear it.
    """

    links: Mapping[str, Link] = field(default_factory=dict)
    silent_since: float | None = None
    watched_by: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing is believed to be, in metres; `zone` None: outside of all."""

    x: float
    y: float
    zone: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Kept:
    """What the database keeps of one beacon."""

    key_tag: str = ""
    sensor: Sensor = field(default_factory=Sensor)
    battery_low: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """One beacon for the page.

    Attributes:
        heard_s: age of the last sign of it.
        gone: a reference that no receiver hears any more.
        links: a reference's, by receiver.
    """

    beacon: Beacon
    heard_s: float | None
    reading: Reading
    battery_low: bool
    place: Place | None
    gone: bool = False
    links: Mapping[str, Link] = field(default_factory=dict)

    @property
    def silent_at(self) -> tuple[str, ...]:
        """The receivers that ought to hear it and do not."""
        return tuple(
            sorted(name for name, link in self.links.items() if link.silent_since is not None)
        )


class Locator(Protocol):
    """Says where things are."""

    def hear(self, thing: str, sighting: Sighting, /) -> None:
        """Take in a sighting of a thing; never waits."""
        ...

    def where(self, things: Iterable[str], now: float, /) -> Mapping[str, Place]:
        """Where these are now; those that are not known are left out."""
        ...
