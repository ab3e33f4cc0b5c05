"""The state stream `coupons`: the campaigns that a store may offer."""

import msgspec

from cloud_bridge.wire.streams import Moment

STREAM = "coupons"


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign, keyed by `id`.

    Attributes:
        title: by language code (``ko``, ``en``).
        text: by language code; advertising text as the law of the store's country asks.
        zone: the zone of `store.toml` in which it is offered.
        gtins: the articles that it reduces; it is offered only while one of them is in stock.
        discount: in the minor unit of `currency`.
        starts, ends: UTC; outside them it is not offered.
        valid_s: how long an offered coupon can be redeemed, in seconds.
        per_shopper: how many coupons one shopper may get.
        priority: the highest wins where several fit.
    """

    id: str
    title: dict[str, str]
    text: dict[str, str]
    zone: str
    gtins: list[str]
    discount: int
    currency: str
    starts: Moment
    ends: Moment
    valid_s: int = 3600
    per_shopper: int = 1
    priority: int = 0
