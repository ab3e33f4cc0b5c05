"""At the byte limit of a lane: refused visibly, or let in to the reserve."""

import asyncio
from functools import partial
from pathlib import Path

from cloud_bridge.wire.envelope import Lane
from cloud_bridge.wire.facts.pickup import Accepted, Collected
from cloud_bridge.wire.facts.shoppers import Paused
from edge_agent.kernel.facts import Fact
from edge_agent.settings import Storage as Settings
from edge_agent.storage import LaneFull, outlast
from edge_agent.storage.quota import RESERVE_PERCENT, limits_of
from edge_agent.web.words import in_words
from tests.storage.limits import KB, Shop, shop

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
