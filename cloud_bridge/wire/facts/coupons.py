"""What became of coupons."""

from datetime import datetime
from typing import ClassVar

from cloud_bridge.wire.envelope import Lane
from cloud_bridge.wire.facts import Payload


class Offered(Payload, frozen=True, kw_only=True):
    """A coupon was issued to a shopper because of where they stand."""

    TYPE: ClassVar[str] = "store.coupon.offered.v1"
    LANE: ClassVar[str] = Lane.COUPON
    PERSON: ClassVar[str] = "shopper"
    PERSONAL: ClassVar[tuple[str, ...]] = ("zone",)
    coupon: str
    campaign: str
    shopper: str
    zone: str
    expires: datetime


class Redeemed(Payload, frozen=True, kw_only=True):
    """A till took a coupon; `discount` is in the minor unit of `currency`."""

    TYPE: ClassVar[str] = "store.coupon.redeemed.v1"
    LANE: ClassVar[str] = Lane.COUPON
    PERSON: ClassVar[str] = "shopper"
    coupon: str
    campaign: str
    shopper: str
    till: str
    receipt: str
    discount: int
    currency: str
