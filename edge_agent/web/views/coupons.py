"""Coupons as pages show them."""

from edge_agent.capabilities.coupons.decide import state_at
from edge_agent.capabilities.coupons.model import Coupon
from edge_agent.kernel.clock import Instant
from edge_agent.web.views.shapes import IssuedCouponShape, OfferShape, OwnCouponShape


def own_coupon_shape(coupon: Coupon, now: Instant) -> OwnCouponShape:
    """A coupon, for its shopper."""
    terms = coupon.terms
    return OwnCouponShape(
        code=coupon.code,
        campaign=terms.id,
        title=terms.title,
        text=terms.text,
        discount=terms.discount,
        currency=terms.currency,
        expires=coupon.expires,
        state=state_at(coupon, now).value,
        offered_at=coupon.offered_at,
    )


def nearby_offer_shape(coupon: Coupon) -> OfferShape:
    """A coupon, for the mirror beside its shopper: without the code, which is theirs alone."""
    terms = coupon.terms
    return OfferShape(
        code=None,
        campaign=terms.id,
        title=terms.title,
        text=terms.text,
        discount=terms.discount,
        currency=terms.currency,
        expires=coupon.expires,
    )


def issued_coupon_shape(coupon: Coupon, now: Instant) -> IssuedCouponShape:
    """A coupon, for the console."""
    return IssuedCouponShape(
        code=coupon.code,
        campaign=coupon.terms.id,
        title=coupon.terms.title,
        shopper=coupon.shopper,
        zone=coupon.zone,
        state=state_at(coupon, now).value,
        offered_at=coupon.offered_at,
        expires=coupon.expires,
    )
