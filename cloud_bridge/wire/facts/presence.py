"""Who is where, by pseudonym, and how well the store hears."""

from typing import ClassVar

from cloud_bridge.wire.envelope import Lane
from cloud_bridge.wire.facts import Payload


class StoreEntered(Payload, frozen=True, kw_only=True):
    """A consenting shopper was heard in the store for the first time since they last left."""

    TYPE: ClassVar[str] = "store.presence.store_entered.v1"
    LANE: ClassVar[str] = Lane.PRESENCE
    shopper: str


class StoreLeft(Payload, frozen=True, kw_only=True):
    """A shopper was no longer heard although the receivers near them heard others."""

    TYPE: ClassVar[str] = "store.presence.store_left.v1"
    LANE: ClassVar[str] = Lane.PRESENCE
    shopper: str
    stayed_s: float


class ZoneEntered(Payload, frozen=True, kw_only=True):
    """A shopper is in a zone, with the estimator's confidence (0 to 1)."""

    TYPE: ClassVar[str] = "store.presence.zone_entered.v1"
    LANE: ClassVar[str] = Lane.PRESENCE
    shopper: str
    zone: str
    confidence: float


class ZoneDwelled(Payload, frozen=True, kw_only=True):
    """A shopper has stayed in a zone for the zone's dwell time; said once per stay."""

    TYPE: ClassVar[str] = "store.presence.zone_dwelled.v1"
    LANE: ClassVar[str] = Lane.PRESENCE
    shopper: str
    zone: str
    dwelled_s: float
    confidence: float


class ZoneLeft(Payload, frozen=True, kw_only=True):
    """A shopper left a zone after `stayed_s` seconds."""

    TYPE: ClassVar[str] = "store.presence.zone_left.v1"
    LANE: ClassVar[str] = Lane.PRESENCE
    shopper: str
    zone: str
    stayed_s: float


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
