from pathlib import Path

import pytest

from edge_agent.kernel.facts import Fact, RecordedFact
from edge_agent.storage import Storage
from edge_agent.storage.cursors import RECENT
from edge_agent.storage.dispatcher import Dispatcher
from edge_agent.storage.errors import EpochFenced
from tests.storage.support import (
    CALLED,
    SOLD,
    START,
    HandClock,
    Sold,
    chain_over,
    opened,
    record,
    recorded,
)


async def sell(storage: Storage, count: int) -> list[RecordedFact]:
    return await storage.run(lambda tx: [recorded(tx) for _ in range(count)])


async def rows(storage: Storage) -> int:
    (row,) = await storage.read("SELECT count(*) FROM fact")
    return int(row[0])


async def test_position_grows_over_all_lanes_and_sequence_is_contiguous_in_each(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path / "a.db") as storage:
        facts = [await record(storage, fact) for fact in (SOLD, CALLED, SOLD, CALLED, SOLD)]
        assert [fact.position for fact in facts] == [1, 2, 3, 4, 5]
        assert [(f.lane, f.sequence) for f in facts] == [
            ("stock", 1),
            ("pickup", 1),
            ("stock", 2),
            ("pickup", 2),
            ("stock", 3),
        ]


async def test_counters_outlive_the_process_and_the_facts(tmp_path: Path) -> None:
    clock = HandClock()
    async with opened(tmp_path / "a.db") as storage:
        await storage.log.renumber(1)
        await sell(storage, RECENT + 50)
        await _dispatch(storage, clock)
        await storage.log.acknowledge(1, {"stock": RECENT + 50})
        assert await rows(storage) == RECENT
    async with opened(tmp_path / "a.db") as storage:
        fact = await record(storage)
        assert (fact.sequence, fact.position) == (RECENT + 51, RECENT + 51)
        lane = (await storage.log.state()).lanes["stock"]
        assert (lane.recorded, lane.acknowledged, lane.waiting) == (RECENT + 51, RECENT + 50, 1)


async def test_a_fact_stays_until_the_hub_has_it_and_the_store_has_dispatched_it(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path / "a.db") as storage:
        await storage.log.renumber(1)
        await sell(storage, RECENT + 10)
        await storage.log.acknowledge(1, {"stock": 5})
        assert await rows(storage) == RECENT + 10
        await _dispatch(storage, HandClock())
        assert await rows(storage) == RECENT + 5
        await storage.log.acknowledge(1, {"stock": RECENT})
        assert await rows(storage) == RECENT


@pytest.mark.parametrize(("epoch", "cursor"), [(0, 3), (1, 3), (3, 3), (2, 1), (2, 0)])
async def test_another_epochs_word_and_a_smaller_cursor_change_nothing(
    tmp_path: Path, epoch: int, cursor: int
) -> None:
    async with opened(tmp_path / "a.db") as storage:
        await storage.log.renumber(2)
        await sell(storage, 5)
        await storage.log.acknowledge(2, {"stock": 2})
        before = await storage.log.state()
        await storage.log.acknowledge(epoch, {"stock": cursor, "gossip": 9})
        assert await storage.log.state() == before


async def test_a_cursor_beyond_the_last_fact_stops_at_the_last_fact(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as storage:
        await storage.log.renumber(1)
        await sell(storage, 3)
        await storage.log.acknowledge(1, {"stock": 99})
        assert (await storage.log.state()).lanes["stock"].cursor == 3
        assert (await record(storage)).sequence == 4
        assert len(await storage.log.waiting("stock", 3, 10, 10_000)) == 1


async def test_facts_wait_under_epoch_0_until_the_hub_grants_one(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as storage:
        facts = await sell(storage, 3)
        await storage.log.acknowledge(0, {"stock": 3})
        assert (await storage.log.state()).lanes["stock"].waiting == 3
        await storage.log.renumber(1)
        renumbered = await storage.log.waiting("stock", 0, 10, 10_000)
        assert [(f.id, f.epoch, f.sequence) for f in renumbered] == [
            (f.id, 1, f.sequence) for f in facts
        ]


async def test_a_new_epoch_numbers_what_waits_from_1_and_begins_a_new_chain(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path / "a.db") as storage:
        await storage.log.renumber(1)
        facts = await sell(storage, 7)
        await record(storage, CALLED)
        await storage.log.acknowledge(1, {"stock": 4, "pickup": 1})
        await storage.log.renumber(4)
        waiting = await storage.log.waiting("stock", 0, 10, 10_000)
        assert [(f.id, f.sequence) for f in waiting] == [
            (f.id, n) for n, f in enumerate(facts[4:], start=1)
        ]
        state = await storage.log.state()
        assert state.epoch == 4
        assert state.lanes["stock"].hash == chain_over([(f.id, f.data) for f in facts[4:]])
        assert state.lanes["pickup"].hash == ""
        assert (await record(storage, CALLED)).sequence == 1


async def test_a_repeated_grant_changes_nothing_and_an_older_one_is_fenced(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path / "a.db") as storage:
        await storage.log.renumber(2)
        await sell(storage, 3)
        await storage.log.acknowledge(2, {"stock": 1})
        before = await storage.log.state()
        await storage.log.renumber(2)
        with pytest.raises(EpochFenced):
            await storage.log.renumber(1)
        assert await storage.log.state() == before


async def test_waiting_ends_at_the_limit_and_at_the_bytes_but_gives_one_at_least(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path / "a.db") as storage:
        await sell(storage, 10)
        size = (await storage.log.state()).lanes["stock"].waiting_bytes // 10
        assert len(await storage.log.waiting("stock", 0, 4, 100_000)) == 4
        assert len(await storage.log.waiting("stock", 0, 10, 3 * size)) == 3
        assert [f.sequence for f in await storage.log.waiting("stock", 8, 10, 1)] == [9]
        assert await storage.log.waiting("stock", 10, 10, 1) == []


async def test_waiting_bytes_and_oldest_follow_the_cursor(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as storage:
        await storage.log.renumber(1)
        await record(storage)
        await record(storage, Fact("articles/2", Sold(note="신발" * 50)), START.plus(60))
        before = (await storage.log.state()).lanes["stock"]
        assert before.oldest == START.wall
        await storage.log.acknowledge(1, {"stock": 1})
        between = (await storage.log.state()).lanes["stock"]
        assert between.oldest == START.plus(60).wall
        assert 0 < between.waiting_bytes < before.waiting_bytes
        await storage.log.acknowledge(1, {"stock": 2})
        after = (await storage.log.state()).lanes["stock"]
        assert (after.waiting_bytes, after.oldest) == (0, None)


async def test_tail_is_newest_first_and_filters(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as storage:
        for fact in (SOLD, CALLED, SOLD):
            await record(storage, fact)
        tail = storage.log.tail
        assert [f.position for f in await tail(limit=2)] == [3, 2]
        assert [f.position for f in await tail(lane="pickup", limit=9)] == [2]
        assert [f.position for f in await tail(type_prefix="store.stock.", limit=9)] == [3, 1]
        assert [f.position for f in await tail(subject=CALLED.subject, limit=9)] == [2]


async def _dispatch(storage: Storage, clock: HandClock) -> None:
    dispatcher = Dispatcher(storage, [], clock)
    head = (await storage.log.state()).position
    while await dispatcher.step() < head:
        pass
