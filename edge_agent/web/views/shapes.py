"""The JSON that pages see (`docs/reference/http.md`, "Live views")."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Self

import msgspec

from cloud_bridge.wire.facts.storage import DiskState
from edge_agent.kernel.facts import ClockQuality, RecordedFact

Text = dict[str, str]
"""By language code, ``ko`` and ``en``."""


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every shape."""


class LinkShape(Shape, frozen=True, kw_only=True):
    """How the cloud is reached, on every page."""

    cloud: Literal["online", "offline", "connecting"]
    since: datetime
    waiting: int
    last_error: str | None
    fenced: bool


class DiskShape(Shape, frozen=True, kw_only=True):
    """How much room the store's computer has; ``full``: what people ask for may be refused.

    `free_mb` while it is scarce.
    """

    state: DiskState
    free_mb: int | None


class GatewayShape(Shape, frozen=True, kw_only=True):
    """The store's computer as the cloud knows it; counts since the agent's start.

    `quarantined`: facts that the hub took and keeps apart; `certificate_until` is None where none
    was provisioned.
    """

    outages: int
    quarantined: int
    clock: ClockQuality
    certificate_until: datetime | None


class HandoverShape(Shape, frozen=True, kw_only=True):
    """Why nothing is handed over since the database was restored; None when all is well."""

    held: str | None


class ArticleShape(Shape, frozen=True, kw_only=True):
    """An article of the catalogue."""

    gtin: str
    name: Text
    style: str
    size: str
    colour: Text
    price: int
    currency: str
    zone: str


class LineShape(Shape, frozen=True, kw_only=True):
    """One line of an order; `zone` where the article lies."""

    gtin: str
    quantity: int
    name: Text
    size: str
    zone: str | None


class LockerSlot(Shape, frozen=True, kw_only=True):
    """The bag lies in a compartment."""

    bank: str
    compartment: int


class DeskSlot(Shape, frozen=True, kw_only=True):
    """The bag lies behind the desk."""

    desk: Literal[True] = True


class OrderShape(Shape, frozen=True, kw_only=True):
    """An order, for staff; `by_hand`: a clerk gives it over, not a door."""

    order: str
    state: str
    collector: str
    phone_last4: str
    lines: list[LineShape]
    slot: LockerSlot | DeskSlot | None
    placed_at: datetime
    collect_by: datetime
    arrived_at: datetime | None
    arrived_by: str | None
    collected_at: datetime | None
    evidence: list[str]
    by_hand: bool
    problem: Text | None


class OwnOrderShape(OrderShape, frozen=True, kw_only=True):
    """An order, for its customer: with the pass, while there is something to show it for."""

    pickup_pass: str | None = msgspec.field(name="pass")


class OfferShape(Shape, frozen=True, kw_only=True):
    """A coupon to look at; the mirror gets it without its code."""

    code: str | None
    campaign: str
    title: Text
    text: Text
    discount: int
    currency: str
    expires: datetime


class OwnCouponShape(OfferShape, frozen=True, kw_only=True):
    """A coupon, for its shopper."""

    state: str
    offered_at: datetime


class IssuedCouponShape(Shape, frozen=True, kw_only=True):
    """A coupon, for the console."""

    code: str
    campaign: str
    title: Text
    shopper: str
    zone: str
    state: str
    offered_at: datetime
    expires: datetime


class StockShape(Shape, frozen=True, kw_only=True):
    """An article's line in the ledger, for staff."""

    gtin: str
    name: Text
    size: str
    on_hand: int
    reserved: int
    available: int


class SizeShape(Shape, frozen=True, kw_only=True):
    """A size of a style, and how many the store can sell."""

    gtin: str
    size: str
    available: int


class MirrorItemShape(Shape, frozen=True, kw_only=True):
    """An article before a mirror, with its sizes."""

    gtin: str
    name: Text
    colour: Text
    price: int
    currency: str
    size: str
    sizes: list[SizeShape]


class MirrorShape(Shape, frozen=True, kw_only=True):
    """A mirror's own page."""

    id: str
    session: str | None
    items: list[MirrorItemShape]
    offer: OfferShape | None


class MirrorStateShape(Shape, frozen=True, kw_only=True):
    """A mirror, for the console; `items` are GTINs, `present` whether its page is open."""

    id: str
    present: bool
    session: str | None
    items: list[str]
    offer: OfferShape | None


class FactShape(Shape, frozen=True, kw_only=True):
    """A recent fact, for the console; `seal` is ``none``, ``opened`` or ``closed``."""

    position: int
    lane: str
    sequence: int
    type: str
    subject: str
    time: datetime
    data: msgspec.Raw
    seal: str
    acknowledged: bool

    @classmethod
    def of(cls, fact: RecordedFact, *, acknowledged: bool) -> Self:
        """A fact of the log."""
        return cls(
            position=fact.position,
            lane=fact.lane,
            sequence=fact.sequence,
            type=fact.type,
            subject=fact.subject,
            time=fact.time,
            data=msgspec.Raw(fact.data),
            seal=fact.seal.value,
            acknowledged=acknowledged,
        )


class LaneShape(Shape, frozen=True, kw_only=True):
    """One lane of the fact log (`storage.log.LaneState`)."""

    lane: str
    waiting: int
    oldest: datetime | None
    sequence: int
    cursor: int
    recorded: int
    acknowledged: int
    rolled_up: int
    dropped: int


class CompartmentShape(Shape, frozen=True, kw_only=True):
    """One door of a bank."""

    n: int
    door: str
    occupied: bool | None
    order: str | None
    out_of_service: bool


class BankShape(Shape, frozen=True, kw_only=True):
    """A bank of compartments."""

    id: str
    device: Literal["present", "silent"]
    compartments: list[CompartmentShape]


class BelievedShopper(Shape, frozen=True, kw_only=True):
    """Where the store believes a shopper is; metres, seconds.

    `spread_m`: two thirds of the probability lie within; `confidence`: that `zone` is right.
    """

    shopper: str
    x: float
    y: float
    spread_m: float
    zone: str | None
    confidence: float
    dwelled_s: float
    heard_s: float


class ZoneSightShape(Shape, frozen=True, kw_only=True):
    """Whether a zone can be told from its neighbours; `blind`: receivers that would hear it."""

    id: str
    state: Literal["known", "unknown"]
    blind: list[str]


class ReceiverShape(Shape, frozen=True, kw_only=True):
    """A receiver's health.

    `rate` in sightings a second, `heard_age_s` since its last packet, `troubles` counted since the
    start; `step` and `attempt` say what is tried while it is blind, `concern` what is wrong with
    one that hears, `detail` what to do about it.
    """

    id: str
    state: str
    reason: str | None
    since: datetime
    rate: float
    heard_age_s: float | None = None
    detail: str = ""
    concern: str | None = None
    step: str | None = None
    attempt: int = 0
    troubles: Mapping[str, int] = {}


class HeardShape(Shape, frozen=True, kw_only=True):
    """How a receiver hears a reference beacon, dBm.

    `usual` is what was learned over days, None before the first hour; `silent`: it ought to be
    heard and is not.
    """

    receiver: str
    level: int
    usual: int | None
    silent: bool


class PlaceShape(Shape, frozen=True, kw_only=True):
    """Where a trolley or a consenting wearer is believed to be, in metres."""

    x: float
    y: float
    zone: str | None
    confidence: float


class BeaconShape(Shape, frozen=True, kw_only=True):
    """A beacon of the store's own; None where it does not say, or was never heard.

    `heard_s` is the age of its last sign; `gone`: a reference that no receiver hears any more.
    """

    id: str
    role: str
    heard_s: int | None
    gone: bool
    heard: list[HeardShape]
    battery_low: bool
    battery_v: float | None
    battery_percent: int | None
    temperature_c: float | None
    humidity_percent: float | None
    place: PlaceShape | None


class IgnoredShape(Shape, frozen=True, kw_only=True):
    """How much was heard and passed over, by reason and format; never an address."""

    reason: str
    format: str | None
    count: int
