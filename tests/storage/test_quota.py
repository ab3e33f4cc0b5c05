"""At the byte limit of a lane: refused visibly, or let in to the reserve."""

import asyncio
from functools import partial
from pathlib import Path

import msgspec
import pytest

from cloud_bridge.link.ports import Unusable
from cloud_bridge.wire.envelope import Command, Lane
from cloud_bridge.wire.facts.pickup import Accepted, Collected
from cloud_bridge.wire.facts.shoppers import Paused
from cloud_bridge.wire.streams.orders import PlaceOrder
from edge_agent.capabilities.shoppers.service import ShopperStream
from edge_agent.inbox import StoreInbox
from edge_agent.kernel.facts import Fact
from edge_agent.settings import Storage as Settings
from edge_agent.storage import LaneFull, open_storage, outlast
from edge_agent.storage.quota import RESERVE_PERCENT, Limit, Quota, limits_of
from edge_agent.storage.rollup import drop
from edge_agent.web.words import in_words
from tests.capabilities.pickup_world import Shop as PickupShop
from tests.capabilities.pickup_world import place_order
from tests.capabilities.shopper_world import Company
from tests.capabilities.world import MORNING, StillClock
from tests.storage.limits import KB, Roomy, Shop, shop

LIMIT = 40 * KB
ACCEPTED = Fact("orders/W-1", Accepted(order="W-1"))
COLLECTED = Fact("orders/W-1", Collected(order="W-1", evidence=[], lines={}))
PAUSED = Fact("shoppers", Paused(shopper="p1"))


async def fill(one: Shop, fact: Fact) -> int:
    """Record until it is refused; the bytes that the lane holds then."""
    refused = False
    while not refused:
        try:
            await one.storage.run(lambda tx: tx.record(fact, one.clock.now()))
        except LaneFull:
            refused = True
    return one.storage.log.held(fact.data.LANE)


async def test_what_people_ask_for_is_refused_below_the_reserve_and_nothing_of_it_is_kept(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path / "a.db", {"pickup": LIMIT}) as one:
        held = await fill(one, ACCEPTED)
        assert LIMIT * 0.85 < held <= LIMIT * (100 - RESERVE_PERCENT) / 100
        state = (await one.storage.log.state()).lanes["pickup"]
        assert state.next_sequence - 1 == state.waiting
        assert await fill(one, ACCEPTED) == held


async def test_what_has_happened_is_written_into_the_reserve_and_no_further(tmp_path: Path) -> None:
    async with shop(tmp_path / "a.db", {"pickup": LIMIT}) as one:
        refused_at = await fill(one, ACCEPTED)
        held = await fill(one, COLLECTED)
        assert refused_at < held <= LIMIT


async def test_lane_record_has_the_reserve_to_itself(tmp_path: Path) -> None:
    async with shop(tmp_path / "a.db", {"record": LIMIT}) as one:
        assert LIMIT * 0.97 < await fill(one, PAUSED) <= LIMIT


async def test_a_lane_that_the_hub_has_emptied_takes_facts_again(tmp_path: Path) -> None:
    async with shop(tmp_path / "a.db", {"pickup": LIMIT}) as one:
        await one.storage.log.renumber(1)
        await fill(one, COLLECTED)
        waiting = (await one.storage.log.state()).lanes["pickup"].waiting

        async def happen() -> None:
            """A door has opened: it is written down as soon as it can be."""
            step = partial(one.storage.run, lambda tx: tx.record(COLLECTED, one.clock.now()))
            await outlast(step, retry_s=0.01)

        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            group.create_task(happen())
            await one.storage.log.acknowledge(1, {"pickup": waiting})
        assert (await one.storage.log.state()).lanes["pickup"].waiting == 1


async def test_one_full_lane_is_no_other_lanes_trouble(tmp_path: Path) -> None:
    async with shop(tmp_path / "a.db", {"record": LIMIT}) as one:
        await fill(one, PAUSED)
        await one.record(ACCEPTED)


def test_a_refusal_says_what_is_full_and_what_to_do_in_both_languages() -> None:
    refusal = LaneFull("pickup")
    assert (refusal.status, refusal.code) == (507, "log_full")
    assert "pickup" in str(refusal)
    assert in_words(refusal, "ko") != in_words(refusal, "en")


def test_the_shares_of_the_settings_name_every_lane_and_are_no_more_than_all() -> None:
    settings = Settings()
    limits = limits_of(1000, settings.shares.by_lane())
    assert set(limits) == set(Lane)
    assert sum(limit.whole for limit in limits.values()) <= 1000


async def test_a_command_from_the_cloud_waits_there_while_the_log_is_full(tmp_path: Path) -> None:
    clock = StillClock()
    limits = {lane.value: Limit(10**9) for lane in Lane} | {"pickup": Limit(KB * 3 // 4)}
    quota = Quota(limits, Roomy(tmp_path / "a.db"), make_room=drop)
    async with open_storage(
        tmp_path / "a.db", gateway="gw-1", clock=clock, admission=quota
    ) as storage:
        pickups = (await PickupShop.opened(storage, clock)).pickups
        shoppers = ShopperStream(Company().room(storage, clock))
        inbox = StoreInbox(storage, clock, pickups=pickups, shoppers=shoppers)
        place = Command(
            id="c-1",
            type=PlaceOrder.TYPE,
            subject="orders/W-1",
            time=MORNING.wall,
            sequence=1,
            data=msgspec.Raw(msgspec.json.encode(place_order())),
        )
        await storage.run(lambda tx: tx.record(ACCEPTED, clock.now()))
        with pytest.raises(Unusable, match="command 1"):
            await inbox.command(place)
        assert (await inbox.positions()).commands == 0
        await storage.log.renumber(1)
        await storage.log.acknowledge(1, {"pickup": 1})
        await inbox.command(place)
        assert (await inbox.positions()).commands == 1
