"""The four pages of the agent: which values each of them gets."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from typing_extensions import override

from cloud_bridge.link import LinkState
from edge_agent.capabilities.beacons.model import Status
from edge_agent.capabilities.coupons import store as coupons
from edge_agent.capabilities.pickup import store as pickup
from edge_agent.capabilities.pickup.model import Compartment, Order
from edge_agent.capabilities.presence.model import Seen
from edge_agent.capabilities.shoppers import store as shoppers
from edge_agent.capabilities.shoppers.model import PURPOSES
from edge_agent.capabilities.stock import store as stock
from edge_agent.devices.registry import Device
from edge_agent.kernel.clock import Clock
from edge_agent.kernel.facts import ClockQuality, RecordedFact
from edge_agent.settings import Article
from edge_agent.storage.log import STATE, TAIL, LogState, state_of, tail_params
from edge_agent.storage.reads import Reads
from edge_agent.storage.restored import restored_reason
from edge_agent.storage.rows import fact_from_row
from edge_agent.storage.watermarks import MB, Disk
from edge_agent.web.views.beacons import beacon_shape
from edge_agent.web.views.coupons import issued_coupon_shape, own_coupon_shape
from edge_agent.web.views.floor import floor_content, zone_content
from edge_agent.web.views.mirrors import mirror_content, mirror_states
from edge_agent.web.views.orders import order_shape, own_order_shape
from edge_agent.web.views.refresh import Page
from edge_agent.web.views.shapes import (
    BankShape,
    CompartmentShape,
    DiskShape,
    FactShape,
    GatewayShape,
    HandoverShape,
    LaneShape,
    LinkShape,
    StockShape,
)

MOST_ROWS = 50
"""Of each list: two screens of a tablet. What is older is looked up, not watched."""


@dataclass(frozen=True)
class Sources:
    """Where pages get what is not in the database.

    Attributes:
        store: the floor plan, as the console gets it once.
        catalogue: by GTIN.
        currency: of the catalogue.
        mirrors: all of the store, by id.
        radio: the console's `radio` value, but for what was shed.
        shed: sightings that gave way to newer ones of the same beacon and receiver.
        beacons: the store's own.
        disk: how much room the store's computer has.
        quality: how far its wall clock is to be trusted.
        certificate_until: when its certificate ends; None where none was provisioned.
        opened: a fact as it was before it was sealed, while its person's key lives.
        open_mirrors: those whose page is open.
    """

    clock: Clock
    store: Mapping[str, object]
    catalogue: Mapping[str, Article]
    currency: str
    mirrors: Sequence[str]
    link: Callable[[], LinkState]
    disk: Callable[[], Disk]
    quality: Callable[[], ClockQuality]
    certificate_until: Callable[[], datetime | None]
    positions: Callable[[], Seen]
    radio: Callable[[], Mapping[str, object]]
    shed: Callable[[], int]
    beacons: Callable[[], Sequence[Status]]
    devices: Callable[[], Sequence[Device]]
    pass_of: Callable[[Order], str | None]
    open_mirrors: Callable[[], Collection[str]]
    opened: Callable[[Reads, RecordedFact], RecordedFact]


class _WithLink(Page):
    """What every page shows: how the cloud is reached."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._waiting = 0

    @override
    def momentary(self, subject: str) -> Mapping[str, object]:
        return {"link": self._link()}

    def _log(self, reads: Reads) -> LogState:
        state = state_of(reads.execute(STATE).fetchall())
        self._waiting = sum(lane.waiting for lane in state.lanes.values())
        return state

    def _disk(self) -> DiskShape:
        disk = self._sources.disk()
        scarce = disk.state != "ok"
        return DiskShape(state=disk.state, free_mb=disk.free // MB if scarce else None)

    def _link(self) -> LinkShape:
        link = self._sources.link()
        return LinkShape(
            cloud="online" if link.online else "offline",
            since=link.since,
            waiting=self._waiting,
            last_error=link.last_error,
            fenced=link.fenced,
        )


class ConsolePage(_WithLink):
    """Everything, for who runs the store's computer."""

    @override
    def momentary(self, subject: str) -> Mapping[str, object]:
        return {
            "store": self._sources.store,
            "link": self._link(),
            "disk": self._disk(),
            "floor": floor_content(self._sources.positions()),
            "radio": {**self._sources.radio(), "shed": self._sources.shed()},
            "beacons": {"beacons": [beacon_shape(one) for one in self._sources.beacons()]},
        }

    @override
    def stored(self, reads: Reads, subject: str) -> Mapping[str, object]:
        sources = self._sources
        now = sources.clock.now()
        log = self._log(reads)
        issued = coupons.newest(reads, MOST_ROWS)
        return {
            "lanes": _lanes(reads, log),
            "gateway": self._gateway(),
            "handover": HandoverShape(held=restored_reason(reads)),
            "facts": {"facts": _facts(reads, log, sources.opened)},
            "orders": {"orders": _orders(reads, sources)},
            "lockers": {"banks": _banks(reads, sources.devices())},
            "mirrors": {
                "mirrors": mirror_states(reads, sources.mirrors, sources.open_mirrors(), now)
            },
            "coupons": {"coupons": [issued_coupon_shape(one, now) for one in issued]},
        }

    def _gateway(self) -> GatewayShape:
        """With what is stored, off the loop: the certificate is read from its file."""
        link = self._sources.link()
        return GatewayShape(
            outages=link.outages,
            quarantined=link.quarantined,
            clock=self._sources.quality(),
            certificate_until=self._sources.certificate_until(),
        )


class StaffPage(_WithLink):
    """Orders, lockers and stock, for the clerk's tablet; where the store is blind, and why."""

    @override
    def momentary(self, subject: str) -> Mapping[str, object]:
        sources = self._sources
        tired = [one.beacon.id for one in sources.beacons() if one.battery_low]
        return {
            "link": self._link(),
            "disk": self._disk(),
            "store": {name: sources.store[name] for name in ("id", "name", "zones")},
            "zones": {"zones": zone_content(sources.positions())},
            "batteries": {"low": tired},
        }

    @override
    def stored(self, reads: Reads, subject: str) -> Mapping[str, object]:
        self._log(reads)
        return {
            "handover": HandoverShape(held=restored_reason(reads)),
            "orders": {"orders": _orders(reads, self._sources)},
            "lockers": {"banks": _banks(reads, self._sources.devices())},
            "stock": {"stock": _stock(reads, self._sources.catalogue)},
        }


class ShopperPage(_WithLink):
    """A shopper's own coupons, orders and consents; the subject is the pseudonym."""

    @override
    def momentary(self, subject: str) -> Mapping[str, object]:
        store = self._sources.store
        return {
            "link": self._link(),
            "store": {name: store[name] for name in ("id", "name", "zones")},
        }

    @override
    def stored(self, reads: Reads, subject: str) -> Mapping[str, object]:
        self._log(reads)
        now, sources = self._sources.clock.now(), self._sources
        one = shoppers.find(reads, subject)
        own = coupons.of_shopper(reads, subject, MOST_ROWS)
        placed = pickup.of_shopper(reads, subject, MOST_ROWS)
        me = one and {
            "shopper": one.id,
            "language": one.language,
            "paused": one.paused,
            "consents": {purpose: purpose in one.consents for purpose in PURPOSES},
            "lapsed": shoppers.lapsed(reads, subject),
            "given_at": {purpose: given.given_at for purpose, given in one.consents.items()},
            "until": {purpose: given.until for purpose, given in one.consents.items()},
        }
        return {
            "me": me,
            "coupons": {"coupons": [own_coupon_shape(coupon, now) for coupon in own]},
            "orders": {
                "orders": [
                    own_order_shape(order, sources.catalogue, sources.pass_of) for order in placed
                ]
            },
        }


class MirrorPage(_WithLink):
    """What a mirror shows; the subject is its id."""

    @override
    def momentary(self, subject: str) -> Mapping[str, object]:
        store = self._sources.store
        return {"store": {"id": store["id"], "name": store["name"]}, "link": self._link()}

    @override
    def stored(self, reads: Reads, subject: str) -> Mapping[str, object]:
        self._log(reads)
        sources = self._sources
        content = mirror_content(
            reads, subject, sources.catalogue, sources.currency, sources.clock.now()
        )
        return {"mirror": content}


def pages(sources: Sources) -> Mapping[str, Page]:
    """The pages, by the name under which they are watched."""
    return {
        "console": ConsolePage(sources),
        "staff": StaffPage(sources),
        "shopper": ShopperPage(sources),
        "mirror": MirrorPage(sources),
    }


def _lanes(reads: Reads, log: LogState) -> Mapping[str, object]:
    (parked,) = reads.execute("SELECT count(*) FROM parked").fetchone()
    lanes = [
        LaneShape(
            lane=name,
            waiting=lane.waiting,
            oldest=lane.oldest,
            sequence=lane.next_sequence - 1,
            cursor=lane.cursor,
            recorded=lane.recorded,
            acknowledged=lane.acknowledged,
            rolled_up=lane.rolled_up,
            dropped=lane.dropped,
        )
        for name, lane in log.lanes.items()
    ]
    return {"lanes": lanes, "epoch": log.epoch, "parked": parked}


def _facts(
    reads: Reads, log: LogState, opened: Callable[[Reads, RecordedFact], RecordedFact]
) -> list[FactShape]:
    rows = reads.execute(TAIL, tail_params(limit=MOST_ROWS)).fetchall()
    return [
        FactShape.of(
            opened(reads, fact),
            acknowledged=_is_acknowledged(fact.epoch, fact.lane, fact.sequence, log),
        )
        for fact in map(fact_from_row, rows)
    ]


def _is_acknowledged(epoch: int, lane: str, sequence: int, log: LogState) -> bool:
    """Facts of an earlier epoch that are not numbered anew were acknowledged under it."""
    return 0 < epoch < log.epoch or (epoch == log.epoch and sequence <= log.lanes[lane].cursor)


def _orders(reads: Reads, sources: Sources) -> list[object]:
    return [order_shape(one, sources.catalogue) for one in pickup.newest(reads, MOST_ROWS)]


def _banks(reads: Reads, devices: Sequence[Device]) -> list[BankShape]:
    held, closed = pickup.held(reads), pickup.out_of_service(reads)
    return [
        BankShape(
            id=device.name,
            device="present" if device.present else "silent",
            compartments=[
                CompartmentShape(
                    n=number,
                    door=one.door.value,
                    occupied=one.occupied,
                    order=held.get(Compartment(device.name, number)),
                    out_of_service=Compartment(device.name, number) in closed,
                )
                for number, one in device.compartments.items()
            ],
        )
        for device in devices
        if device.kind == "locker"
    ]


def _stock(reads: Reads, catalogue: Mapping[str, Article]) -> list[StockShape]:
    return [
        StockShape(
            gtin=entry.gtin,
            name=dict(article.name) if (article := catalogue.get(entry.gtin)) else {},
            size=article.size if article else "",
            on_hand=entry.on_hand,
            reserved=entry.reserved,
            available=entry.available,
        )
        for entry in stock.entries(reads)
    ]
