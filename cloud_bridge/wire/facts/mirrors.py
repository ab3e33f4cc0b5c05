"""What fitting-room mirrors showed."""

from typing import ClassVar

from cloud_bridge.wire.envelope import Lane
from cloud_bridge.wire.facts import Payload


class SessionStarted(Payload, frozen=True, kw_only=True):
    """Somebody brought goods before the mirror."""

    TYPE: ClassVar[str] = "store.mirror.session_started.v1"
    LANE: ClassVar[str] = Lane.MIRROR
    mirror: str
    session: str


class ItemShown(Payload, frozen=True, kw_only=True):
    """The mirror showed an article and its sizes in stock."""

    TYPE: ClassVar[str] = "store.mirror.item_shown.v1"
    LANE: ClassVar[str] = Lane.MIRROR
    mirror: str
    session: str
    gtin: str


class OfferShown(Payload, frozen=True, kw_only=True):
    """The mirror showed the coupon offered beside it."""

    TYPE: ClassVar[str] = "store.mirror.offer_shown.v1"
    LANE: ClassVar[str] = Lane.MIRROR
    mirror: str
    coupon: str


class SessionEnded(Payload, frozen=True, kw_only=True):
    """The room was left; the mirror wiped what it showed."""

    TYPE: ClassVar[str] = "store.mirror.session_ended.v1"
    LANE: ClassVar[str] = Lane.MIRROR
    mirror: str
    session: str
    items: int
