"""When a session begins and ends, and how long an offer is shown. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from cloud_bridge.wire.facts.mirrors import ItemShown, OfferShown, SessionEnded, SessionStarted
from edge_agent.capabilities.mirrors.model import Decision, Mirror, Offer
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import Fact, FactData

OFFER_S: Final = 60.0
"""How long an offer stands beside the shelf: long enough to be read by whom it is for and to find
the article, short enough that the next one is not greeted with it."""


def read(mirror: Mirror, gtins: Iterable[str], *, session: str) -> Decision:
    """The reader now sees exactly `gtins`; begins a session, called `session`, or ends one.

    An article is shown once a session, however often it is carried past the reader.
    """
    seen = tuple(dict.fromkeys(gtins))
    if not seen:
        return _end(mirror)
    facts: list[Fact] = []
    if mirror.session is None:
        mirror = replace(mirror, session=session, shown=())
        facts.append(_about(mirror, SessionStarted(mirror=mirror.id, session=session)))
    running = mirror.session or session
    fresh = tuple(gtin for gtin in seen if gtin not in mirror.shown)
    facts += [
        _about(mirror, ItemShown(mirror=mirror.id, session=running, gtin=gtin)) for gtin in fresh
    ]
    kept = tuple(gtin for gtin in mirror.items if gtin in seen)
    items = (*kept, *(gtin for gtin in seen if gtin not in kept))
    return Decision(replace(mirror, items=items, shown=(*mirror.shown, *fresh)), tuple(facts))


def show_offer(mirror: Mirror, coupon: str, *, expires: datetime, now: Instant) -> Decision:
    """Show a coupon that was just offered in the mirror's zone; the newest one has the place."""
    until = min(expires, now.wall + timedelta(seconds=OFFER_S))
    if until <= now.wall:
        return Decision(mirror)
    data = OfferShown(mirror=mirror.id, coupon=coupon)
    return Decision(replace(mirror, offer=Offer(coupon, until)), (_about(mirror, data),))


def offer_at(mirror: Mirror, now: Instant) -> Offer | None:
    """The offer that stands on the mirror at `now`."""
    offer = mirror.offer
    return offer if offer is not None and now.wall < offer.until else None


def _end(mirror: Mirror) -> Decision:
    if mirror.session is None:
        return Decision(mirror)
    data = SessionEnded(mirror=mirror.id, session=mirror.session, items=len(mirror.shown))
    after = replace(mirror, session=None, items=(), shown=())
    return Decision(after, (_about(mirror, data),))


def _about(mirror: Mirror, data: FactData) -> Fact:
    return Fact(f"mirrors/{mirror.id}", data)
