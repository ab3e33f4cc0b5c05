"""The floor, what is believed of a shopper on it, and what this room must know of others.

Metres from the floor's top left corner; seconds on the monotonic clock unless said otherwise.
What is made anew at each tick of each shopper is a struct: a frozen dataclass costs ten times that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from enum import StrEnum
from typing import Protocol

import msgspec

from edge_agent.kernel.clock import Instant
from edge_agent.storage.reads import Reads

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Zone:
    """A named polygon; a stay of `dwell_s` in it is said once."""

    id: str
    polygon: tuple[Point, ...]
    dwell_s: float


@dataclass(frozen=True, slots=True)
class Receiver:
    """A radio that hears beacons, and where it hangs.

    Attributes:
        height_m: above the floor that people stand on.
        offset_db: added to every RSSI that it reports.
        filtered: its RSSI is a mean of some 15 s, reported every 5 s (ESPresense).
        by_phone: a fixed beacon that shoppers' phones report hearing. Its silence says nothing.
    """

    id: str
    position: Point
    height_m: float = 2.5
    offset_db: float = 0.0
    filtered: bool = False
    by_phone: bool = False


@dataclass(frozen=True, slots=True)
class Floor:
    """What positions are reckoned on. Where zones overlap, the first one has the place."""

    width_m: float
    height_m: float
    zones: tuple[Zone, ...]
    receivers: tuple[Receiver, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of presence.

    Attributes:
        gone_after_s: silent this long, while the receiver that heard them best hears others: left.
            Android's regions use 10 to 30 s; shorter makes a body in the way a departure.
        path_loss_exponent: RSSI falls by ten times this per decade of distance.
        lost_after_s: silent this long while nobody can say whether they left: forgotten, and no
            departure is claimed. An hour is longer than a visit that a dead radio cut short.
        counts_at_least: fewer people than this are not counted aloud, neither in a zone's hour nor
            in a cell of the heat map.
        timezone: the store's; its hours are counted, which in some places begin at half past UTC's.
    """

    gone_after_s: float = 30.0
    path_loss_exponent: float = 2.4
    lost_after_s: float = 3600.0
    counts_at_least: int = 5
    timezone: tzinfo = UTC


class Hearing(StrEnum):
    """Whether a receiver's silence means anything."""

    STARTING = "starting"
    HEARING = "hearing"
    BLIND = "blind"


@dataclass(frozen=True, slots=True)
class ReceiverState:
    """A receiver's hearing.

    Attributes:
        since: when `hearing` became what it is.
        blind_since: when it fell blind, until it hears again; None while it is not.
    """

    hearing: Hearing = Hearing.STARTING
    since: float = 0.0
    blind_since: float | None = None


class Estimate(msgspec.Struct, frozen=True, gc=False):
    """Where the radio says that somebody is.

    Attributes:
        masses: probability by zone; None stands for the floor outside all zones.
        zone: the zone decided on; it changes only when the evidence outweighs what a false switch
            costs.
        confidence: calibrated probability that `zone` is right.
        spread_m: radius around `at` within which two thirds of the probability lie.
    """

    at: Point
    masses: Mapping[str | None, float]
    zone: str | None = None
    confidence: float = 0.0
    spread_m: float = 0.0


class Audible(msgspec.Struct, frozen=True, gc=False):
    """By whom somebody was heard.

    Attributes:
        at: last, by any receiver.
        best: the receiver that heard them best of late.
        by: when each receiver heard them last.
    """

    at: float
    best: str
    by: Mapping[str, float]


class Visit(msgspec.Struct, frozen=True, gc=False):
    """What is believed of one shopper, from the first sighting to the departure.

    Attributes:
        who: the shopper's pseudonym; in a recording, the beacon.
        heard_at: last, by any receiver.
        zone: None on the floor outside all zones, and in a zone that cannot be told.
        believed: the estimator's own zone, which differs from `zone` while one cannot be told.
        since: when `zone` was entered.
        dwelled: whether this stay was said to have lasted the zone's dwell time.
        confidence: calibrated probability of `zone`.
    """

    who: str
    entered: float
    heard_at: float
    at: Point
    spread_m: float
    zone: str | None
    believed: str | None
    since: float
    confidence: float
    dwelled: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """A shopper for the floor view; `heard_s` is the age of the last sighting."""

    shopper: str
    x: float
    y: float
    spread_m: float
    zone: str | None
    confidence: float
    dwelled_s: float
    heard_s: float


@dataclass(frozen=True, slots=True)
class ZoneSight:
    """Whether a zone can be told from its neighbours; `blind` are receivers that matter to it."""

    zone: str
    known: bool
    blind: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """The positions and the zones at one moment."""

    at: Instant
    shoppers: tuple[Position, ...]
    zones: tuple[ZoneSight, ...] = ()


class Directory(Protocol):
    """Whose beacon is whose, of those only who have agreed to be located."""

    def shopper_of(self, beacon: str, /) -> str | None:
        """The pseudonym; None for a stranger."""
        ...


class Consents(Protocol):
    """What shoppers have agreed to."""

    def location(self, reads: Reads, shopper: str, /) -> bool:
        """Whether the shopper's consent to being located is in force."""
        ...
