"""Which offer fits, and whether a till may take a coupon. Pure."""

from dataclasses import replace
from datetime import UTC, timedelta

from cloud_bridge.wire.facts.coupons import Offered, Redeemed
from cloud_bridge.wire.streams.coupons import Campaign
from edge_agent.capabilities.coupons.model import Coupon, CouponState, Decision, Known, Stay
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.errors import Refused
from edge_agent.kernel.facts import Fact

_LOOKALIKES = str.maketrans("OIL", "011", "- ")
"""Crockford's base 32 reads what people mistake for digits as digits and skips hyphens."""


def choose(stay: Stay, known: Known, *, now: Instant) -> Campaign | None:
    """The campaign to offer for `stay`; None when none fits.

    The highest priority wins; of equals the one that ends first, then the lower id, so that the
    choice never depends on the order in which campaigns came down.
    """
    if not known.agreed:
        return None
    fitting = [one for one in known.campaigns if _fits(one, stay, known, now)]
    return min(fitting, key=lambda one: (-one.priority, one.ends, one.id), default=None)


def offer(stay: Stay, campaign: Campaign, code: str, *, now: Instant) -> Decision:
    """Issue `code`; it is good for the campaign's validity, and never past its end."""
    expires = min(now.wall + timedelta(seconds=campaign.valid_s), campaign.ends.astimezone(UTC))
    coupon = Coupon(code, stay.shopper, stay.zone, campaign, CouponState.OFFERED, now.wall, expires)
    data = Offered(
        coupon=code,
        campaign=campaign.id,
        shopper=stay.shopper,
        zone=stay.zone,
        expires=expires,
    )
    return Decision(coupon, (Fact(f"coupons/{code}", data),))


def redeem(coupon: Coupon | None, *, till: str, receipt: str, now: Instant) -> Decision:
    """Let `till` take the coupon off the bill `receipt`.

    Raises:
        Refused: `coupon_unknown`, `coupon_redeemed`, `coupon_expired`.
    """
    if coupon is None:
        raise Refused("coupon_unknown", "There is no such coupon.", status=404)
    if coupon.state is CouponState.REDEEMED:
        raise Refused("coupon_redeemed", "This coupon was used before.")
    if state_at(coupon, now) is CouponState.EXPIRED:
        raise Refused("coupon_expired", "This coupon is past its time.", status=410)
    data = Redeemed(
        coupon=coupon.code,
        campaign=coupon.terms.id,
        shopper=coupon.shopper,
        till=till,
        receipt=receipt,
        discount=coupon.terms.discount,
        currency=coupon.terms.currency,
    )
    after = replace(coupon, state=CouponState.REDEEMED)
    return Decision(after, (Fact(f"coupons/{coupon.code}", data),))


def state_at(coupon: Coupon, now: Instant) -> CouponState:
    """What the coupon is at `now`: one that was offered expires by itself."""
    if coupon.state is CouponState.OFFERED and coupon.expires <= now.wall:
        return CouponState.EXPIRED
    return coupon.state


def read_code(typed: str) -> str:
    """The code that a person meant who typed or spoke `typed`."""
    return typed.upper().translate(_LOOKALIKES)


def _fits(campaign: Campaign, stay: Stay, known: Known, now: Instant) -> bool:
    return (
        campaign.zone == stay.zone
        and campaign.starts <= now.wall < campaign.ends
        and campaign.id not in known.holding
        and known.issued.get(campaign.id, 0) < campaign.per_shopper
        and any(known.in_stock.get(gtin, 0) > 0 for gtin in campaign.gtins)
    )
