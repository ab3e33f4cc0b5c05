"""Lanes that may be rolled up: sums take the place of facts, then gaps, and each is counted."""

import asyncio
from functools import partial
from pathlib import Path

from cloud_bridge.wire.envelope import ROLLABLE
from cloud_bridge.wire.facts.storage import (
    GAPS,
    MOST_SERIES,
    ROLL_UPS,
    Series,
    TelemetryRolledUp,
)
from edge_agent.kernel.facts import Fact
from edge_agent.storage import Tx
from edge_agent.storage.dispatcher import Dispatcher, Flow
from edge_agent.storage.restored import mark_restored
from edge_agent.storage.rollup import HANDED_AHEAD, ROLLED_AT_ONCE, hand, roll_up
from edge_agent.storage.sealing import NoSealer
from edge_agent.storage.upkeep import YIELDING
from edge_agent.storage.watermarks import MB
from tests.storage.limits import KB, Shop, content, entered, read, shop, without_holes
from tests.storage.support import HandClock


async def rolled(one: Shop, lane: str, window_s: int, at_least: int = 3) -> None:
    above, is_end = 0, False
    while not is_end:
        part = partial(
            roll_up,
            lane=lane,
            above=above,
            window_s=window_s,
            at_least=at_least,
            sealer=NoSealer(),
        )
        reached = await one.storage.run(part)
        above, is_end = reached.sequence, reached.is_end


async def test_what_was_recorded_within_a_window_becomes_one_fact_that_covers_it(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path / "a.db") as one:
        await one.record(*(read(temperature_c=float(n)) for n in range(60)))
        await rolled(one, "telemetry", 10)
        facts = await one.waiting("telemetry")
        assert 6 <= len(facts) <= 7
        assert without_holes(facts)
        assert facts[-1].sequence == 60
        assert all(content(fact)["facts"] == 10 for fact in facts[1:-1])
        state = (await one.storage.log.state()).lanes["telemetry"]
        assert state.rolled_up >= 59
        assert (state.dropped, state.waiting, state.hash) == (0, 60, "")
        size = sum(370 + len(fact.subject) + len(fact.data) for fact in facts)
        assert state.waiting_bytes == size


async def test_sums_of_a_longer_window_are_made_of_those_of_shorter_ones(tmp_path: Path) -> None:
    async with shop(tmp_path / "a.db") as one:
        values = [float(n % 7) for n in range(700)]
        await one.record(*(read(temperature_c=value) for value in values))
        for window_s in (10, 60, 3600):
            await rolled(one, "telemetry", window_s)
        facts = await one.waiting("telemetry")
        assert len(facts) == 1
        assert (facts[0].covers, facts[0].sequence) == (1, 700)
        (series,) = content(facts[0])["series"]
        assert series["values"]["temperature_c"] == {
            "number": 700,
            "least": 0.0,
            "most": 6.0,
            "total": sum(values),
        }
        assert (await one.storage.log.state()).lanes["telemetry"].rolled_up == 700


async def test_what_is_summed_as_it_comes_makes_no_more_sums_than_what_is_summed_at_once(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path / "a.db", free=100 * MB) as one:  # low: by 10 s and by a minute
        for _ in range(24):
            await one.record(*(read() for _ in range(5)))
            await one.upkeep.tick()
        facts = await one.waiting("telemetry")
        assert len(facts) <= 3
        assert without_holes(facts)
        assert [content(fact)["window_s"] for fact in facts[:2]] == [60, 60]
        one.relief.left, one.relief.emergency = 0, True  # full: by the hour
        for _ in range(3):
            await one.record(*(read() for _ in range(5)))
            await one.upkeep.tick()
        (fact,) = await one.waiting("telemetry")
        assert (content(fact)["facts"], content(fact)["window_s"]) == (135, 3600)


async def test_sums_that_are_too_large_for_one_are_passed_by(tmp_path: Path) -> None:
    def sums(first: int) -> Fact:
        series = [
            Series(type="store.sensor.read.v1", of=f"b{n}", facts=1)
            for n in range(first, first + MOST_SERIES)
        ]
        at = HandClock().now().wall
        data = TelemetryRolledUp(
            window_s=10, since=at, until=at, facts=MOST_SERIES, at_least=3, series=series
        )
        return Fact("lanes/telemetry", data)

    halves = [sums(0), sums(MOST_SERIES)]
    number = ROLLED_AT_ONCE * 2 + 2
    async with asyncio.timeout(20), shop(tmp_path / "a.db") as one:
        await one.record(*(halves[n % 2] for n in range(number)), every_s=0.1)
        await rolled(one, "telemetry", 3600)
        assert len(await one.waiting("telemetry")) == number


async def test_a_zone_is_named_only_where_enough_different_people_were(tmp_path: Path) -> None:
    async with shop(tmp_path / "a.db") as one:
        await one.record(
            *(entered(f"p{n}", "shoes") for n in range(3)),
            *(entered("p1", "hats") for _ in range(9)),
            every_s=0.1,
        )
        await rolled(one, "presence", 60)
        (fact,) = await one.waiting("presence")
        assert content(fact)["facts"] == 12
        assert content(fact)["series"] == [
            {"type": "store.presence.zone_entered.v1", "of": "shoes", "facts": 3}
        ]
        assert b"hats" not in fact.data
        assert b"p1" not in fact.data + fact.subject.encode()


async def test_what_was_handed_to_the_link_is_never_rolled_up_also_after_a_restart(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path / "a.db") as one:
        await one.record(*(read() for _ in range(HANDED_AHEAD + 60)))
        await one.storage.log.handed("telemetry", 20)
    async with shop(tmp_path / "a.db", clock=one.clock) as one:
        await rolled(one, "telemetry", 3600)
        facts = await one.waiting("telemetry")
        assert without_holes(facts)
        assert all(fact.covers is None for fact in facts[: HANDED_AHEAD + 20])
        assert len(facts) <= HANDED_AHEAD + 22


async def test_of_a_restored_copy_nothing_that_waited_is_rolled_up_as_the_hub_may_hold_it(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path / "a.db") as one:
        await one.storage.log.renumber(1)
        await one.record(*(read() for _ in range(10)))
        await one.storage.run(lambda tx: mark_restored(tx, "backup"))
    for epoch in (None, 2):
        async with shop(tmp_path / "a.db", clock=one.clock) as one:
            if epoch is not None:
                await one.storage.log.renumber(epoch)
            await rolled(one, "telemetry", 3600)
            assert len(await one.waiting("telemetry")) == 10


async def test_handing_over_costs_a_commit_once_in_many_facts(tmp_path: Path) -> None:
    async with shop(tmp_path / "a.db") as one:
        await one.storage.log.handed("telemetry", 1)
        generation = one.storage.generation
        for last in range(2, HANDED_AHEAD, 100):
            await one.storage.log.handed("telemetry", last)
        assert one.storage.generation == generation


async def test_what_the_dispatcher_has_not_passed_and_what_is_parked_stays(tmp_path: Path) -> None:
    def refuse(_tx: Tx, fact: object, _now: object) -> None:
        if fact.sequence == 30:  # type: ignore[attr-defined]
            raise LookupError

    async with shop(tmp_path / "a.db") as one:
        await one.storage.run(lambda tx: [tx.record(read(), one.clock.now()) for _ in range(120)])
        flow = Flow("refuse", read().data.TYPE, 60, refuse)
        await Dispatcher(one.storage, [flow], one.clock).step()
        await rolled(one, "telemetry", 3600)
        facts = await one.waiting("telemetry")
        assert without_holes(facts)
        covered = [(fact.covers, fact.sequence) for fact in facts if fact.covers]
        assert covered == [(1, 29), (31, 100)]


async def test_a_lane_is_thinned_by_as_much_as_its_fill_asks_for(tmp_path: Path) -> None:
    async with shop(tmp_path / "a.db", {"telemetry": 400 * KB}) as one:
        await one.record(*(read() for _ in range(300)))
        await one.upkeep.tick()
        assert (await one.storage.log.state()).lanes["telemetry"].rolled_up == 0
        await one.record(*(read() for _ in range(150)))
        await one.upkeep.tick()
        state = (await one.storage.log.state()).lanes["telemetry"]
        assert state.rolled_up > 0
        assert state.waiting_bytes < 300 * KB
        assert without_holes(await one.waiting("telemetry"))


async def test_beyond_the_limit_the_oldest_are_dropped_and_every_loss_is_a_counted_gap(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path / "a.db", {"presence": 60 * KB}) as one:
        for _ in range(10):  # the dispatcher keeps up, the upkeep does not
            await one.record(*(entered("p1") for _ in range(60)), every_s=4000)
        facts = await one.waiting("presence")
        assert without_holes(facts)
        gap, *rest = facts
        assert gap.type == "store.presence.dropped.v1"
        assert (gap.covers, gap.sequence) == (1, content(gap)["facts"])
        assert all(fact.covers is None for fact in rest)
        state = (await one.storage.log.state()).lanes["presence"]
        assert state.dropped == content(gap)["facts"] == 600 - len(rest)
        assert state.waiting_bytes <= 60 * KB


async def test_where_nothing_may_be_dropped_the_lane_grows_rather_than_lose_uncounted(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path / "a.db", {"telemetry": 10 * KB}) as one:
        await one.storage.run(lambda tx: hand(tx, "telemetry", 1))
        await one.record(*(read() for _ in range(100)))
        assert len(await one.waiting("telemetry")) == 100


async def test_a_new_epoch_numbers_sums_and_gaps_anew_without_a_hole(tmp_path: Path) -> None:
    async with shop(tmp_path / "a.db") as one:
        await one.storage.log.renumber(1)
        await one.record(*(read() for _ in range(100)))
        await rolled(one, "telemetry", 10)
        first = (await one.waiting("telemetry"))[0]
        await one.storage.log.acknowledge(1, {"telemetry": first.sequence})
        before = await one.waiting("telemetry")
        await one.storage.log.renumber(2)
        after = await one.waiting("telemetry")
        assert without_holes(after)
        assert [fact.id for fact in after] == [fact.id for fact in before]
        assert (await one.storage.log.state()).lanes["telemetry"].hash


def test_only_the_lanes_of_the_contract_give_way() -> None:
    assert set(YIELDING) == set(ROLLABLE) == set(ROLL_UPS) == set(GAPS)
