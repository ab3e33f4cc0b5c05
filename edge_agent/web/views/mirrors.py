"""What mirrors show: articles with their sizes in stock, and the coupon offered beside them."""

from collections.abc import Collection, Mapping

from edge_agent.capabilities.coupons import store as coupons
from edge_agent.capabilities.mirrors import decide, store
from edge_agent.capabilities.mirrors.model import Mirror
from edge_agent.capabilities.stock import store as stock
from edge_agent.kernel.clock import Instant
from edge_agent.settings import Article
from edge_agent.storage.reads import Reads
from edge_agent.web.views.coupons import nearby_offer_shape
from edge_agent.web.views.shapes import (
    MirrorItemShape,
    MirrorShape,
    MirrorStateShape,
    OfferShape,
    SizeShape,
)


def mirror_content(
    reads: Reads, mirror: str, catalogue: Mapping[str, Article], currency: str, now: Instant
) -> MirrorShape:
    """A mirror's own page. An article that the catalogue does not know is not shown."""
    state = store.find(reads, mirror)
    items = [
        _item(reads, catalogue[gtin], catalogue, currency)
        for gtin in state.items
        if gtin in catalogue
    ]
    return MirrorShape(
        id=mirror, session=state.session, items=items, offer=_offer(reads, state, now)
    )


def mirror_states(
    reads: Reads, mirrors: Collection[str], watched: Collection[str], now: Instant
) -> list[MirrorStateShape]:
    """All mirrors, for the console; `watched` are those whose page is open."""
    states = [store.find(reads, mirror) for mirror in mirrors]
    return [
        MirrorStateShape(
            id=state.id,
            present=state.id in watched,
            session=state.session,
            items=list(state.items),
            offer=_offer(reads, state, now),
        )
        for state in states
    ]


def _item(
    reads: Reads, article: Article, catalogue: Mapping[str, Article], currency: str
) -> MirrorItemShape:
    style = [one for one in catalogue.values() if one.style == article.style]
    return MirrorItemShape(
        gtin=article.gtin,
        name=dict(article.name),
        colour=dict(article.colour),
        price=article.price,
        currency=currency,
        size=article.size,
        sizes=[
            SizeShape(
                gtin=one.gtin, size=one.size, available=stock.entry(reads, one.gtin).available
            )
            for one in style
        ],
    )


def _offer(reads: Reads, mirror: Mirror, now: Instant) -> OfferShape | None:
    offer = decide.offer_at(mirror, now)
    coupon = coupons.find(reads, offer.coupon) if offer else None
    return nearby_offer_shape(coupon) if coupon else None
