"""What becomes of campaigns is counted per store, so that no store waits for another one."""

import asyncio
from typing import Any

import msgspec
import pytest

from cloud_bridge.hub import epochs
from cloud_bridge.hub.affecting import Effect
from cloud_bridge.hub.database import Database, Tx
from cloud_bridge.hub.effects import EFFECTS
from cloud_bridge.hub.ingest import ingest
from cloud_bridge.hub.reading import check_batch
from cloud_bridge.hub.rooms.campaigns import store as campaigns
from cloud_bridge.hub.rooms.stores import store as stores
from cloud_bridge.wire.batch import decode_batch
from cloud_bridge.wire.envelope import Event, Lane
from cloud_bridge.wire.facts.coupons import Offered, Redeemed
from cloud_bridge.wire.messages import Ack
from cloud_bridge.wire.streams.coupons import Campaign
from tests.bridge.test_hub_http import CAMPAIGN
from tests.bridge.test_ingest import NOW, fact, hello

pytestmark = pytest.mark.timeout(60)

STORES = ("store-1", "store-2")


@pytest.fixture
async def hub(database: Database) -> Database:
    """A database with two stores and two campaigns."""

    async def begin(tx: Tx) -> None:
        for store in STORES:
            await stores.add(tx, store)
            await epochs.answer_hello(tx, store, hello(epoch=0), NOW)
        for name in ("autumn", "sale"):
            campaign = msgspec.convert(CAMPAIGN | {"id": name}, Campaign)
            await campaigns.publish(tx, campaign, None, STORES)

    await database.run(begin)
    return database


async def take(hub: Database, store: str, *named: str, offering: Effect) -> Ack:
    """Offer a coupon of each campaign that is named, and redeem the last one."""
    told = [(Offered.TYPE, name) for name in named] + [(Redeemed.TYPE, named[-1])]
    facts = [
        fact(
            number,
            type=kind,
            lane=Lane.COUPON,
            source=f"/stores/{store}/gateways/gw-1",
            data={"campaign": name},
        )
        for number, (kind, name) in enumerate(told, 1)
    ]
    batch = check_batch(Lane.COUPON, decode_batch(msgspec.json.encode(facts)))
    effects = {**EFFECTS, Offered.TYPE: offering}
    return await hub.run(lambda tx: ingest(tx, store, batch, NOW, effects))


async def counted(hub: Database) -> dict[str, tuple[int, int]]:
    """By campaign that runs: offered, redeemed."""
    running = await hub.read(campaigns.running)
    return {each.id: (each.offered, each.redeemed) for each in running}


async def test_stores_whose_coupons_name_campaigns_in_opposite_order_do_not_wait_for_each_other(
    hub: Database,
) -> None:
    both = asyncio.Barrier(len(STORES))

    async def in_step(tx: Tx, store: str, event: Event, now: str) -> None:
        """Go on once the other store has counted as many."""
        await campaigns.offered(tx, store, event, now)
        async with asyncio.timeout(10):
            await both.wait()

    offering = in_step if hub.shared else campaigns.offered  # SQLite has one writer
    async with asyncio.TaskGroup() as tasks:
        for store, named in zip(STORES, (("autumn", "sale"), ("sale", "autumn")), strict=True):
            tasks.create_task(take(hub, store, *named, offering=offering))
    assert await counted(hub) == {"autumn": (2, 1), "sale": (2, 1)}


async def test_what_a_release_without_tallies_counts_is_added_to_them(hub: Database) -> None:
    await take(hub, STORES[0], "autumn", offering=campaigns.offered)
    older = "UPDATE campaign SET offered = offered + 5, redeemed = redeemed + 3"
    await hub.run(lambda tx: tx.execute(older))
    assert await counted(hub) == {"autumn": (6, 4), "sale": (5, 3)}


async def test_a_campaign_that_nobody_published_is_not_counted(hub: Database) -> None:
    await take(hub, STORES[0], "another", offering=campaigns.offered)
    rows: list[Any] = list(await hub.read(lambda tx: tx.rows("SELECT * FROM campaign_tally")))
    assert rows == []
