"""Campaigns, coupons, and what this room must know of others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from cloud_bridge.wire.streams.coupons import Campaign
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import Fact
from edge_agent.storage import Tx
from edge_agent.storage.reads import Reads


class CouponState(StrEnum):
    """What became of a coupon."""

    OFFERED = "offered"
    REDEEMED = "redeemed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Coupon:
    """A promise to one shopper, taken once.

    Attributes:
        code: ten characters of Crockford's base 32.
        zone: where the shopper stood.
        terms: the campaign as it was when offered; later changes do not touch the promise.
    """

    code: str
    shopper: str
    zone: str
    terms: Campaign
    state: CouponState
    offered_at: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class Stay:
    """A shopper has stayed in a zone for its dwell time."""

    shopper: str
    zone: str


@dataclass(frozen=True, slots=True)
class Known:
    """All that an offer is decided on.

    Attributes:
        campaigns: those of the stay's zone.
        issued: coupons that the shopper has had, by campaign, whatever became of them.
        holding: campaigns of which the shopper has a coupon that is good now.
        in_stock: units that can be sold, by GTIN.
        agreed: whether the shopper has agreed to advertising at this hour.
    """

    campaigns: tuple[Campaign, ...]
    issued: Mapping[str, int]
    holding: frozenset[str]
    in_stock: Mapping[str, int]
    agreed: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """The coupon afterwards, and what is to be recorded."""

    coupon: Coupon
    facts: tuple[Fact, ...]


class Consents(Protocol):
    """What shoppers have agreed to."""

    def advertising(self, tx: Tx, shopper: str, now: Instant, /) -> bool:
        """Whether the shopper's consents allow advertising at `now`: nights have their own."""
        ...


class Shelf(Protocol):
    """What there is to sell."""

    def available(self, reads: Reads, gtin: str, /) -> int:
        """Units on hand that nobody has reserved."""
        ...
