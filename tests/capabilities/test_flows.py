"""The rooms together, over one database and the real dispatcher."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from cloud_bridge.wire.facts import Payload
from cloud_bridge.wire.facts.presence import StoreEntered, ZoneDwelled, ZoneEntered
from edge_agent.capabilities.coupons import store as campaigns
from edge_agent.capabilities.coupons.service import Coupons
from edge_agent.capabilities.mirrors import store as mirror_store
from edge_agent.capabilities.mirrors.model import Place
from edge_agent.capabilities.mirrors.service import Mirrors
from edge_agent.capabilities.pickup.model import AtDoor, State
from edge_agent.capabilities.stock import store as ledger
from edge_agent.capabilities.stock.model import Entry
from edge_agent.capabilities.stock.service import Stock
from edge_agent.flows import AT_THE_SHELF_S, flows
from edge_agent.kernel.facts import Fact
from edge_agent.storage import Storage, Tx
from edge_agent.storage.dispatcher import Dispatcher
from edge_agent.storage.reads import Reads
from tests.capabilities.pickup_world import SHOE, Shop, place_order
from tests.capabilities.test_coupons import People, campaign
from tests.capabilities.world import StillClock, facts, names
from tests.sealing.people import sealing_store


class Ledger:
    """Stock as `app` hands it to coupons."""

    def available(self, reads: Reads, gtin: str) -> int:
        return ledger.entry(reads, gtin).available


class House:
    """All rooms of the story."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.storage = shop.storage
        self.clock = shop.clock
        self.zones: dict[str, str] = {}
        self.withdrawn: set[str] = set()
        self.entered: list[tuple[str, str]] = []
        self.stock = Stock(shop.storage, shop.clock)
        self.people = People()
        self.coupons = Coupons(shop.storage, shop.clock, consents=self.people, shelf=Ledger())
        self.mirrors = Mirrors(shop.storage, shop.clock, [Place("shoes-mirror", "shoes")])
        table = flows(
            coupons=self.coupons,
            mirrors=self.mirrors,
            pickups=shop.pickups,
            stock=self.stock,
            pickup_zones={"pickup"},
            zone_of=self.zones.get,
            locatable=lambda _, shopper: shopper not in self.withdrawn,
            advertising=self.people.advertising,
            count_entry=self.count_entry,
        )
        self.dispatcher = Dispatcher(shop.storage, table, shop.clock)

    def count_entry(self, _tx: Tx, shopper: str, zone: str, _at: datetime) -> None:
        self.entered.append((shopper, zone))

    async def record(self, data: Payload) -> None:
        now = self.clock.now()
        await self.storage.run(lambda tx: tx.record(Fact("shoppers/anna", data), now))

    async def settle(self) -> None:
        """Dispatch until no fact has caused another."""
        while (state := await self.storage.log.state()).dispatched < state.position:
            await self.dispatcher.step()

    async def entry(self) -> Entry:
        return await self.storage.view(lambda reads: ledger.entry(reads, SHOE))


@pytest.fixture
async def storage(tmp_path: Path, clock: StillClock) -> AsyncIterator[Storage]:
    """Sealed, as the agent's is; Anna has joined."""
    async with sealing_store(tmp_path / "store.db", "anna", clock=clock) as (opened, _):
        yield opened


DWELLED = ZoneDwelled(shopper="anna", zone="shoes", dwelled_s=5.0, confidence=0.9)


@pytest.fixture
async def house(storage: Storage, clock: StillClock) -> House:
    house = House(await Shop.opened(storage, clock))
    await house.stock.count({SHOE: 3})
    running = campaign()
    await storage.run(
        lambda tx: campaigns.put_campaign(tx, running.id, msgspec.json.encode(running))
    )
    return house


async def test_a_stay_at_the_shelf_becomes_a_coupon_and_stands_on_the_mirror_beside(
    house: House,
) -> None:
    await house.record(DWELLED)
    await house.settle()
    ((_, offered),) = await facts(house.storage, "store.coupon.offered")
    mirror = await house.storage.view(lambda reads: mirror_store.find(reads, "shoes-mirror"))
    assert mirror.offer is not None
    assert mirror.offer.coupon == offered["coupon"]


async def test_a_stay_that_is_long_over_brings_no_coupon(house: House, clock: StillClock) -> None:
    await house.record(DWELLED)
    clock.advance(AT_THE_SHELF_S + 1)
    await house.settle()
    assert await names(house.storage, "store.coupon") == []


async def test_what_orders_hold_is_not_offered(house: House) -> None:
    await house.shop.place(place_order(quantity=3))
    await house.settle()
    await house.record(DWELLED)
    await house.settle()
    assert await names(house.storage, "store.coupon") == []


async def test_being_at_the_pickup_point_is_arriving_and_elsewhere_is_not(house: House) -> None:
    await house.shop.ready_in_locker()
    await house.record(ZoneEntered(shopper="anna", zone="shoes", confidence=0.9))
    await house.settle()
    assert (await house.shop.order()).state is State.READY
    await house.record(ZoneEntered(shopper="anna", zone="pickup", confidence=0.9))
    await house.settle()
    assert (await house.shop.order()).state is State.ARRIVED


@pytest.mark.parametrize(
    ("zone", "state"), [("pickup", State.ARRIVED), ("shoes", State.READY), (None, State.READY)]
)
async def test_who_waits_at_the_pickup_point_has_arrived_once_the_order_is_ready(
    house: House, zone: str | None, state: State
) -> None:
    if zone is not None:
        house.zones["anna"] = zone
    await house.shop.ready_in_locker()
    await house.settle()
    assert (await house.shop.order()).state is state


async def test_after_a_withdrawal_nothing_follows_from_where_somebody_was(house: House) -> None:
    house.zones["anna"] = "pickup"
    house.withdrawn.add("anna")
    await house.shop.ready_in_locker()
    await house.record(DWELLED)
    await house.record(ZoneEntered(shopper="anna", zone="pickup", confidence=0.9))
    await house.settle()
    assert (await house.shop.order()).state is State.READY
    assert await names(house.storage, "store.coupon") == []


@pytest.mark.parametrize("purpose", ["location", "advertising"])
async def test_an_offer_that_waits_is_not_shown_on_a_mirror_after_a_withdrawal(
    house: House, purpose: str
) -> None:
    await house.record(DWELLED)
    await house.dispatcher.step()
    assert await names(house.storage, "store.coupon") == ["coupon.offered"]
    (house.withdrawn if purpose == "location" else house.people.unwilling).add("anna")
    await house.settle()
    mirror = await house.storage.view(lambda reads: mirror_store.find(reads, "shoes-mirror"))
    assert mirror.offer is None


async def test_an_order_holds_stock_until_its_goods_were_seen_to_leave(house: House) -> None:
    number = await house.shop.ready_in_locker()
    await house.settle()
    assert await house.entry() == Entry(SHOE, 3, 1)
    where = await house.shop.pickups.scan(await house.shop.pass_of(), at="A")
    assert isinstance(where, AtDoor)
    await house.settle()
    assert await house.entry() == Entry(SHOE, 3, 1)
    await house.shop.bank.take_out(number)
    await house.shop.bank.close(number)
    await house.settle()
    assert await house.entry() == Entry(SHOE, 2, 0)


async def test_a_cancelled_order_gives_its_stock_back_once(house: House) -> None:
    await house.shop.place()
    await house.settle()
    for _ in range(2):
        await house.shop.cancel()
        await house.settle()
    assert await house.entry() == Entry(SHOE, 3, 0)


async def test_nothing_of_the_story_is_parked(house: House) -> None:
    await house.record(DWELLED)
    await house.shop.ready_in_locker()
    await house.settle()
    rows = await house.storage.read("SELECT * FROM parked")
    assert rows == []


async def test_entries_are_counted_for_the_person_while_they_agree(house: House) -> None:
    await house.record(StoreEntered(shopper="anna"))
    await house.record(ZoneEntered(shopper="anna", zone="shoes", confidence=0.9))
    await house.settle()
    house.withdrawn.add("anna")
    await house.record(ZoneEntered(shopper="anna", zone="denim", confidence=0.9))
    await house.settle()
    assert house.entered == [("anna", ""), ("anna", "shoes")]
