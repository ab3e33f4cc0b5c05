"""The one table of what a fact in one room calls in another, and how old it may be to matter.

A flow runs in the dispatcher's unit of work: its effect and the dispatcher's cursor move in one
transaction, so that each fact has its effect once, through any crash. What a shopper's moment
calls for is stale within seconds; what moves a ledger matters however late.
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from cloud_bridge.wire.facts import Payload
from cloud_bridge.wire.facts.coupons import Offered
from cloud_bridge.wire.facts.pickup import Accepted, Cancelled, Collected, Ready
from cloud_bridge.wire.facts.presence import StoreEntered, ZoneDwelled, ZoneEntered
from cloud_bridge.wire.facts.upkeep import OrderSettled
from edge_agent.capabilities.coupons.service import Coupons
from edge_agent.capabilities.mirrors.service import Mirrors
from edge_agent.capabilities.pickup import store as orders
from edge_agent.capabilities.pickup.service import Pickups
from edge_agent.capabilities.stock.service import Stock
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import RecordedFact
from edge_agent.storage import Tx
from edge_agent.storage.dispatcher import Flow

F = TypeVar("F", bound=Payload)

AT_THE_SHELF_S: Final = 30.0
"""A stay ends within half a minute; an offer for a shelf that was left is an annoyance."""

AT_THE_PICKUP_S: Final = 300.0
"""Somebody who came to collect waits some minutes; after that staff have seen them, or they left,
and an arrival would send a clerk to an empty counter."""

BESIDE_THE_MIRROR_S: Final = 20.0
"""An offer is shown for a minute; one that comes later than a third of that has lost its reader."""

ALWAYS: Final = math.inf
"""The ledger is wrong until it is booked, and right however late it was."""


@dataclass(frozen=True, slots=True)
class _Effects:
    """What the rooms do for each other; each effect is one row's."""

    coupons: Coupons
    mirrors: Mirrors
    pickups: Pickups
    stock: Stock
    pickup_zones: Collection[str]
    zone_of: Callable[[str], str | None]
    locatable: Callable[[Tx, str], bool]
    advertising: Callable[[Tx, str, Instant], bool]
    count_entry: Callable[[Tx, str, str, datetime], None]

    def count_visit(self, tx: Tx, fact: StoreEntered, now: Instant) -> None:
        if self.locatable(tx, fact.shopper):
            self.count_entry(tx, fact.shopper, "", fact.at or now.wall)

    def count_zone(self, tx: Tx, fact: ZoneEntered, now: Instant) -> None:
        if self.locatable(tx, fact.shopper):
            self.count_entry(tx, fact.shopper, fact.zone, fact.at or now.wall)

    def offer(self, tx: Tx, fact: ZoneDwelled, now: Instant) -> None:
        if self.locatable(tx, fact.shopper):
            self.coupons.consider(tx, fact.shopper, fact.zone, now)

    def arrive(self, tx: Tx, fact: ZoneEntered, now: Instant) -> None:
        if fact.zone in self.pickup_zones and self.locatable(tx, fact.shopper):
            self.pickups.arrived(tx, fact.shopper, now)

    def find_waiting(self, tx: Tx, fact: Ready, now: Instant) -> None:
        order = orders.find(tx, fact.order)
        shopper = order.shopper if order is not None else None
        if shopper is None or self.zone_of(shopper) not in self.pickup_zones:
            return
        if self.locatable(tx, shopper):
            self.pickups.arrived(tx, shopper, now)

    def show(self, tx: Tx, fact: Offered, now: Instant) -> None:
        if self.locatable(tx, fact.shopper) and self.advertising(tx, fact.shopper, now):
            self.mirrors.show_offer(tx, fact.coupon, zone=fact.zone, expires=fact.expires, now=now)

    def reserve(self, tx: Tx, fact: Accepted, now: Instant) -> None:
        order = orders.find(tx, fact.order)
        if order is not None:
            self.stock.reserve(tx, fact.order, order.units(), now)

    def release(self, tx: Tx, fact: Cancelled, now: Instant) -> None:
        self.stock.release(tx, fact.order, now)

    def collect(self, tx: Tx, fact: Collected, now: Instant) -> None:
        self.stock.collect(tx, fact.order, now)

    def settle(self, tx: Tx, fact: OrderSettled, now: Instant) -> None:
        if fact.state == "collected":
            self.stock.collect(tx, fact.order, now)
        else:
            self.stock.release(tx, fact.order, now)


def flows(
    *,
    coupons: Coupons,
    mirrors: Mirrors,
    pickups: Pickups,
    stock: Stock,
    pickup_zones: Collection[str],
    zone_of: Callable[[str], str | None],
    locatable: Callable[[Tx, str], bool],
    advertising: Callable[[Tx, str, Instant], bool],
    count_entry: Callable[[Tx, str, str, datetime], None],
) -> Sequence[Flow]:
    """The table.

    `pickup_zones` are the ids of the zones in which being is arriving. `zone_of` gives the zone in
    which a shopper is now; it is called on the writer's thread. `locatable` says whether a shopper
    agrees to being located, `advertising` whether to offers at this hour; they are asked in the
    transaction, as a fact can be older than the withdrawal. `count_entry` counts that a shopper
    entered a zone (empty: the store), for the record that they may ask for.
    """
    do = _Effects(
        coupons,
        mirrors,
        pickups,
        stock,
        pickup_zones,
        zone_of,
        locatable,
        advertising,
        count_entry,
    )
    return (
        _flow("count a visit for its person", StoreEntered, ALWAYS, do.count_visit),
        _flow("count a zone for its person", ZoneEntered, ALWAYS, do.count_zone),
        _flow("offer a coupon", ZoneDwelled, AT_THE_SHELF_S, do.offer),
        _flow("notice an arrival", ZoneEntered, AT_THE_PICKUP_S, do.arrive),
        _flow("find who waits already", Ready, AT_THE_PICKUP_S, do.find_waiting),
        _flow("show the offer on mirrors", Offered, BESIDE_THE_MIRROR_S, do.show),
        _flow("reserve for an order", Accepted, ALWAYS, do.reserve),
        _flow("release a cancelled order", Cancelled, ALWAYS, do.release),
        _flow("book out a collected order", Collected, ALWAYS, do.collect),
        _flow("settle what a restored order held", OrderSettled, ALWAYS, do.settle),
    )


def _flow(
    name: str, kind: type[F], max_age_s: float, effect: Callable[[Tx, F, Instant], None]
) -> Flow:
    decoder = msgspec.json.Decoder(kind)

    def run(tx: Tx, fact: RecordedFact, now: Instant) -> None:
        effect(tx, decoder.decode(fact.data), now)

    return Flow(name, kind.TYPE, max_age_s, run)
