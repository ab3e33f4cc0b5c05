"""The state stream `shoppers`, applied: who joined in the retailer's app, and who left there."""

from collections.abc import Collection

import msgspec
import structlog

from cloud_bridge.wire.streams.shoppers import Shopper as Item
from edge_agent.capabilities.shoppers import store
from edge_agent.capabilities.shoppers.decide import stream
from edge_agent.capabilities.shoppers.service.people import Shoppers
from edge_agent.kernel.clock import Instant
from edge_agent.storage import Tx
from edge_agent.storage.reads import Reads

log = structlog.get_logger("shoppers")

_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError)


class ShopperStream:
    """Each method is part of the unit of work in which the stream moves on."""

    def __init__(self, shoppers: Shoppers) -> None:
        self._shoppers = shoppers

    def put(self, tx: Tx, entry: str, raw: bytes, now: Instant) -> None:
        """Take over an entry; one that cannot be read changes nothing.

        Who left in this store stays gone until the stream has dropped them.
        """
        try:
            item = msgspec.json.decode(raw, type=Item)
        except _UNREADABLE:
            log.warning("shopper.unreadable", entry=entry)
            return
        if item.id != entry or store.has_departed(tx, entry):
            return
        known = store.find(tx, item.shopper)
        if known is not None and known.entry not in (None, entry):
            return
        beacons = tuple(
            beacon
            for beacon in stream.beacons_of(item)
            if self._shoppers.may_have(tx, item.shopper, beacon)
        )
        if known is None:
            key = self._shoppers.mint_key(tx, item.shopper)
            self._shoppers.keep_new(tx, stream.enrol(item, key, beacons, now.wall), now)
        else:
            words = store.last_words(tx, item.shopper)
            decision = stream.follow(known, item, beacons, words, now.wall)
            if decision.shopper != known:
                self._shoppers.keep(tx, decision, now)

    def remove(self, tx: Tx, entry: str, now: Instant) -> None:
        """They left in the app."""
        pseudonym = store.of_entry(tx, entry)
        if pseudonym is not None:
            self._shoppers.part(tx, pseudonym, now)
        store.forget_departed(tx, entry)

    def held(self, reads: Reads) -> list[str]:
        """The entries that stand here, those of who departed included."""
        return store.entries_held(reads)

    def remove_except(self, tx: Tx, entries: Collection[str], now: Instant) -> None:
        """Whoever came by the stream and is not in its snapshot any more has left in the app."""
        kept = frozenset(entries)
        for entry in store.entries_held(tx):
            if entry not in kept:
                self.remove(tx, entry, now)
