"""Who is where, by pseudonym, and how well the store hears.

`at` is when it happened, UTC; the envelope's time is when it was recorded. `confidence` is a
probability, 0 to 1; both are absent from facts of agents that did not say them yet.
"""

from datetime import datetime
from typing import ClassVar

from cloud_bridge.wire.envelope import Lane
from cloud_bridge.wire.facts import Payload


class StoreEntered(Payload, frozen=True, kw_only=True):
    """A consenting shopper was heard in the store for the first time since they last left.

    `zone` is where they were first believed to be, None outside all zones; `confidence` is how
    sure that place is.
    """

    TYPE: ClassVar[str] = "store.presence.store_entered.v1"
    LANE: ClassVar[str] = Lane.PRESENCE
    PERSON: ClassVar[str] = "shopper"
    PERSONAL: ClassVar[tuple[str, ...]] = ("zone",)
    shopper: str
    zone: str | None = None
    confidence: float | None = None
    at: datetime | None = None


class StoreLeft(Payload, frozen=True, kw_only=True):
    """A shopper was no longer heard although the receivers near them heard others.

    `at` is when they were heard last; `confidence` is how surely so many receivers would have
    heard somebody who had stayed.
    """

    TYPE: ClassVar[str] = "store.presence.store_left.v1"
    LANE: ClassVar[str] = Lane.PRESENCE
    PERSON: ClassVar[str] = "shopper"
    shopper: str
    stayed_s: float
    confidence: float | None = None
    at: datetime | None = None


class ZoneEntered(Payload, frozen=True, kw_only=True):
    """A shopper is in a zone, with the estimator's confidence."""

    TYPE: ClassVar[str] = "store.presence.zone_entered.v1"
    LANE: ClassVar[str] = Lane.PRESENCE
    PERSON: ClassVar[str] = "shopper"
    PERSONAL: ClassVar[tuple[str, ...]] = ("zone",)
    shopper: str
    zone: str
    confidence: float
    at: datetime | None = None


class ZoneDwelled(Payload, frozen=True, kw_only=True):
    """A shopper has stayed in a zone for the zone's dwell time; said once per stay."""

    TYPE: ClassVar[str] = "store.presence.zone_dwelled.v1"
    LANE: ClassVar[str] = Lane.PRESENCE
    PERSON: ClassVar[str] = "shopper"
    PERSONAL: ClassVar[tuple[str, ...]] = ("zone",)
    shopper: str
    zone: str
    dwelled_s: float
    confidence: float
    at: datetime | None = None


class ZoneLeft(Payload, frozen=True, kw_only=True):
    """A shopper left a zone after `stayed_s` seconds; `confidence` that they are not in it."""

    TYPE: ClassVar[str] = "store.presence.zone_left.v1"
    LANE: ClassVar[str] = Lane.PRESENCE
    PERSON: ClassVar[str] = "shopper"
    PERSONAL: ClassVar[tuple[str, ...]] = ("zone",)
    shopper: str
    zone: str
    stayed_s: float
    confidence: float | None = None
    at: datetime | None = None


class ZoneCounted(Payload, frozen=True, kw_only=True):
    """How many shoppers were in a zone between `since` and `until`, an hour or what was left of it.

    `shoppers` is None when there were fewer than `at_least`, nobody included: a small number would
    point at persons. `unknown_s` is how long of it the receivers could not tell the zone from its
    neighbours: a low count then proves nothing.
    """

    TYPE: ClassVar[str] = "store.presence.zone_counted.v1"
    LANE: ClassVar[str] = Lane.PRESENCE
    zone: str
    since: datetime
    until: datetime
    shoppers: int | None
    at_least: int
    unknown_s: float


class ZoneUnknown(Payload, frozen=True, kw_only=True):
    """The receivers that are left cannot tell this zone from its neighbours.

    Who is in it has neither moved nor left. `blind` are the receivers that hear nothing.
    """

    TYPE: ClassVar[str] = "store.presence.zone_unknown.v1"
    LANE: ClassVar[str] = Lane.RECORD
    zone: str
    blind: list[str]


class ZoneKnown(Payload, frozen=True, kw_only=True):
    """An unknown zone can be told from its neighbours again, after `unknown_s` seconds."""

    TYPE: ClassVar[str] = "store.presence.zone_known.v1"
    LANE: ClassVar[str] = Lane.RECORD
    zone: str
    unknown_s: float


class ReceiverBlind(Payload, frozen=True, kw_only=True):
    """A receiver hears nothing at all: its beacons have not left."""

    TYPE: ClassVar[str] = "store.presence.receiver_blind.v1"
    LANE: ClassVar[str] = Lane.RECORD
    receiver: str
    reason: str


class ReceiverRecovered(Payload, frozen=True, kw_only=True):
    """A blind receiver hears again."""

    TYPE: ClassVar[str] = "store.presence.receiver_recovered.v1"
    LANE: ClassVar[str] = Lane.RECORD
    receiver: str
    blind_s: float
