"""What a store that ran short of room made of its facts, and how its disk and database are.

A fact of type ``….rolled_up.v1`` or ``….dropped.v1`` stands for all facts of its lane from the
envelope's `covers` to its `sequence`; `since` and `until` are the times of the first and the last.
"""

from datetime import datetime
from typing import ClassVar, Literal

import msgspec

from cloud_bridge.wire.envelope import Lane
from cloud_bridge.wire.facts import Payload

MOST_SERIES = 100
"""In one roll-up: with four measured fields each (a climate sensor) 24 KiB, below what a fact may
have; more sensors make further roll-ups of the same time."""

DiskState = Literal["ok", "low", "full"]


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """What a measured field was: `number` of values, the least, the most, their sum."""

    number: int
    least: float
    most: float
    total: float


class Series(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The facts of one type about one thing.

    Attributes:
        of: zone, mirror or beacon; empty for types that have none.
        facts: how many; of what is about people, at least so many.
    """

    type: str
    facts: int
    of: str = ""
    values: dict[str, Spread] = {}


class RolledUp(Payload, frozen=True, kw_only=True):
    """Base: the sums of `facts` facts.

    Attributes:
        window_s: 10, 60 or 3600: the time that was summed up at once.
        at_least: a series about people is given only where so many different ones were in it; what
            was fewer is in `facts` alone, with neither type nor zone.
    """

    window_s: int
    since: datetime
    until: datetime
    facts: int
    at_least: int
    series: list[Series]


class Dropped(Payload, frozen=True, kw_only=True):
    """Base: of `facts` facts only their number is left."""

    since: datetime
    until: datetime
    facts: int


class MirrorRolledUp(RolledUp, frozen=True, kw_only=True):
    """What mirrors showed, in sums."""

    TYPE: ClassVar[str] = "store.mirror.rolled_up.v1"
    LANE: ClassVar[str] = Lane.MIRROR


class MirrorDropped(Dropped, frozen=True, kw_only=True):
    """What mirrors showed, lost."""

    TYPE: ClassVar[str] = "store.mirror.dropped.v1"
    LANE: ClassVar[str] = Lane.MIRROR


class PresenceRolledUp(RolledUp, frozen=True, kw_only=True):
    """How people moved, in sums that point at nobody."""

    TYPE: ClassVar[str] = "store.presence.rolled_up.v1"
    LANE: ClassVar[str] = Lane.PRESENCE


class PresenceDropped(Dropped, frozen=True, kw_only=True):
    """How people moved, lost."""

    TYPE: ClassVar[str] = "store.presence.dropped.v1"
    LANE: ClassVar[str] = Lane.PRESENCE


class TelemetryRolledUp(RolledUp, frozen=True, kw_only=True):
    """What beacons and sensors said, in sums."""

    TYPE: ClassVar[str] = "store.telemetry.rolled_up.v1"
    LANE: ClassVar[str] = Lane.TELEMETRY


class TelemetryDropped(Dropped, frozen=True, kw_only=True):
    """What beacons and sensors said, lost."""

    TYPE: ClassVar[str] = "store.telemetry.dropped.v1"
    LANE: ClassVar[str] = Lane.TELEMETRY


class DiskChanged(Payload, frozen=True, kw_only=True):
    """The disk of the store's computer ran low or full, or has room again.

    Attributes:
        free_mb: free space when that was seen.
    """

    TYPE: ClassVar[str] = "store.storage.disk_changed.v1"
    LANE: ClassVar[str] = Lane.RECORD
    state: DiskState
    free_mb: int


class DatabaseRecovered(Payload, frozen=True, kw_only=True):
    """The store's database was damaged; this one was made of what could be read of it.

    Attributes:
        found: what was wrong.
        set_aside: name of the damaged file, which is kept; empty where there was nothing to set
            aside (the newest commits are gone with a lost write-ahead log, the rest is whole).
        rows: by table, what was carried over.
        lost: by table, what is known to be missing; -1 where nobody can say how much.
        facts_lost: by lane, facts that waited for the cloud and are gone, as far as known.
    """

    TYPE: ClassVar[str] = "store.storage.recovered.v1"
    LANE: ClassVar[str] = Lane.RECORD
    found: str
    set_aside: str
    rows: dict[str, int]
    lost: dict[str, int]
    facts_lost: dict[str, int]


ROLL_UPS: dict[str, type[RolledUp]] = {
    kind.LANE: kind for kind in (MirrorRolledUp, PresenceRolledUp, TelemetryRolledUp)
}
"""By lane."""

GAPS: dict[str, type[Dropped]] = {
    kind.LANE: kind for kind in (MirrorDropped, PresenceDropped, TelemetryDropped)
}
"""By lane."""
