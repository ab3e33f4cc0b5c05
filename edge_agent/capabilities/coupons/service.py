"""Offering when somebody stays, redeeming at the till, following the stream of campaigns."""

import secrets
from dataclasses import dataclass

from edge_agent.capabilities.coupons import decide, store
from edge_agent.capabilities.coupons.model import Consents, Known, Shelf, Stay
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.storage import Storage, Tx
from edge_agent.storage.reads import Run

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 10
"""50 random bits: somebody who tries a thousand codes a second at a till meets one of a million
good ones after a fortnight; a person can still read ten characters aloud."""


@dataclass(frozen=True, slots=True)
class Reduction:
    """What a till takes off the bill; `discount` in the minor unit of `currency`."""

    campaign: str
    discount: int
    currency: str


class Coupons:
    """The room's service."""

    def __init__(self, storage: Storage, clock: Clock, *, consents: Consents, shelf: Shelf) -> None:
        self._storage = storage
        self._clock = clock
        self._consents = consents
        self._shelf = shelf

    def consider(self, tx: Tx, shopper: str, zone: str, now: Instant) -> None:
        """Offer the shopper who stays in `zone` what fits, if anything; part of a unit of work."""
        store.expire(tx, shopper, now)
        stay = Stay(shopper, zone)
        campaign = decide.choose(stay, self._known(tx, stay, now), now=now)
        if campaign is None:
            return
        code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
        decision = decide.offer(stay, campaign, code, now=now)
        store.insert(tx, decision.coupon)
        for fact in decision.facts:
            tx.record(fact, now)

    async def redeem(
        self, code: str, *, till: str, receipt: str, run: Run | None = None
    ) -> Reduction:
        """Take a coupon, once.

        Raises:
            Refused: `coupon_unknown`, `coupon_redeemed`, `coupon_expired`.
        """
        now = self._clock.now()

        def work(tx: Tx) -> Reduction:
            coupon = store.find(tx, decide.read_code(code))
            decision = decide.redeem(coupon, till=till, receipt=receipt, now=now)
            store.save_redeemed(tx, decision.coupon, till=till, receipt=receipt, now=now)
            for fact in decision.facts:
                tx.record(fact, now)
            terms = decision.coupon.terms
            return Reduction(terms.id, terms.discount, terms.currency)

        return await (run or self._storage.run)(work)

    def _known(self, tx: Tx, stay: Stay, now: Instant) -> Known:
        campaigns = tuple(one for one in store.campaigns(tx) if one.zone == stay.zone)
        gtins = {gtin for one in campaigns for gtin in one.gtins}
        return Known(
            campaigns,
            store.issued(tx, stay.shopper),
            store.holding(tx, stay.shopper),
            {gtin: self._shelf.available(tx, gtin) for gtin in gtins},
            self._consents.advertising(tx, stay.shopper, now),
        )
