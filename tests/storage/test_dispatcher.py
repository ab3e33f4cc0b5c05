import asyncio
from pathlib import Path

import pytest

from edge_agent.kernel.clock import Instant
from edge_agent.kernel.errors import Refused
from edge_agent.kernel.facts import ClockQuality, Fact, RecordedFact
from edge_agent.storage import Storage, StorageFailed, StorageUnavailable, Tx
from edge_agent.storage.boots import age_s
from edge_agent.storage.cursors import RECENT
from edge_agent.storage.dispatcher import BATCH, MOST_PARKED, Dispatcher, Flow
from edge_agent.storage.unit import MOST_DATA_BYTES
from tests.storage.support import CALLED, SOLD, START, HandClock, Sold, opened, record

SOLD_TYPE = SOLD.data.TYPE
CALLED_TYPE = CALLED.data.TYPE


class Seen:
    """A flow that notes what it is given, and refuses the positions that it is told to."""

    def __init__(self, *refuses: int) -> None:
        self.refuses = set(refuses)
        self.positions: list[int] = []

    def __call__(self, tx: Tx, fact: RecordedFact, now: Instant) -> None:
        if fact.position in self.refuses:
            tx.record(CALLED, now)
            code = "no_shelf"
            raise Refused(code, "there is no such shelf")
        self.positions.append(fact.position)


async def counters(storage: Storage) -> dict[str, tuple[int, int, int]]:
    rows = await storage.read("SELECT flow, done, stale, parked FROM flow")
    return {row["flow"]: (row["done"], row["stale"], row["parked"]) for row in rows}


async def parked(storage: Storage) -> list[tuple[int, str, str]]:
    return [tuple(row) for row in await storage.read("SELECT position, flow, reason FROM parked")]


async def test_each_flow_gets_the_facts_of_its_type_in_order(tmp_path: Path) -> None:
    first, second, other = Seen(), Seen(), Seen()
    async with opened(tmp_path / "a.db") as storage:
        for fact in (SOLD, CALLED, SOLD):
            await record(storage, fact)
        flows = [
            Flow("first", SOLD_TYPE, 60, first),
            Flow("second", SOLD_TYPE, 60, second),
            Flow("other", CALLED_TYPE, 60, other),
        ]
        dispatcher = Dispatcher(storage, flows, HandClock())
        assert await dispatcher.step() == 3
        assert await dispatcher.step() == 3
        assert (first.positions, second.positions, other.positions) == ([1, 3], [1, 3], [2])


async def test_a_fact_that_a_flow_refuses_is_parked_with_its_reason_and_the_others_go_on(
    tmp_path: Path,
) -> None:
    flow = Seen(2)
    async with opened(tmp_path / "a.db") as storage:
        for _ in range(3):
            await record(storage)
        await Dispatcher(storage, [Flow("shelf", SOLD_TYPE, 60, flow)], HandClock()).step()
        assert flow.positions == [1, 3]
        assert await parked(storage) == [(2, "shelf", "Refused: there is no such shelf")]
        assert await counters(storage) == {"shelf": (2, 0, 1)}
        state = await storage.log.state()
        assert (state.position, state.dispatched) == (3, 3)


async def test_a_flow_that_records_what_can_never_travel_is_parked_like_any_other(
    tmp_path: Path,
) -> None:
    def boast(tx: Tx, _fact: RecordedFact, now: Instant) -> None:
        tx.record(Fact("articles/1", Sold(note="x" * MOST_DATA_BYTES)), now)

    async with opened(tmp_path / "a.db") as storage:
        await record(storage)
        dispatcher = Dispatcher(storage, [Flow("boast", SOLD_TYPE, 60, boast)], HandClock())
        assert await dispatcher.step() == 1
        assert [flow for _, flow, _ in await parked(storage)] == ["boast"]


async def test_while_the_disk_is_full_nothing_is_parked_and_afterwards_it_goes_on(
    tmp_path: Path,
) -> None:
    def write(tx: Tx, _fact: RecordedFact, _now: Instant) -> None:
        tx.execute("UPDATE fact SET data = zeroblob(20000), subject = subject || 'x'")

    async with opened(tmp_path / "a.db") as storage:
        await storage.run(lambda tx: [tx.record(SOLD, START) for _ in range(50)])
        (used,) = (await storage.read("PRAGMA page_count"))[0]
        await storage.run(lambda tx: tx.execute(f"PRAGMA max_page_count = {used}").fetchall())
        dispatcher = Dispatcher(storage, [Flow("write", SOLD_TYPE, 60, write)], HandClock())
        with pytest.raises(StorageUnavailable):
            await dispatcher.step()
        await storage.run(lambda tx: tx.execute("PRAGMA max_page_count = 100000").fetchall())
        assert await dispatcher.step() == 50
        assert await parked(storage) == []


async def test_a_parked_fact_stays_in_the_log_and_can_be_driven_again(tmp_path: Path) -> None:
    flow, clock = Seen(2), HandClock()
    async with opened(tmp_path / "a.db") as storage:
        await storage.log.renumber(1)
        dispatcher = Dispatcher(storage, [Flow("shelf", SOLD_TYPE, 60, flow)], clock)
        await storage.run(lambda tx: [tx.record(SOLD, START) for _ in range(RECENT + 10)])
        while await dispatcher.step() < RECENT + 10:
            pass
        await storage.log.acknowledge(1, {"stock": RECENT + 10})
        assert [fact.position for fact in await storage.log.above(0, 3)] == [2, 11, 12]

        with pytest.raises(Refused):
            await dispatcher.again(2, "shelf")
        flow.refuses.clear()
        clock.move(86_400)
        await dispatcher.again(2, "shelf")
        assert flow.positions[-1] == 2
        assert await parked(storage) == []
        with pytest.raises(LookupError):
            await dispatcher.again(2, "shelf")
        with pytest.raises(LookupError):
            await dispatcher.again(2, "no such flow")


async def test_only_so_many_facts_are_parked_and_all_are_counted(tmp_path: Path) -> None:
    count = MOST_PARKED + 5
    async with opened(tmp_path / "a.db") as storage:
        await storage.run(lambda tx: [tx.record(SOLD, START) for _ in range(count)])
        flow = Flow("shelf", SOLD_TYPE, 60, Seen(*range(count + 1)))
        dispatcher = Dispatcher(storage, [flow], HandClock())
        while await dispatcher.step() < count:
            pass
        kept = [position for position, _, _ in await parked(storage)]
        assert kept == list(range(6, count + 1))
        assert await counters(storage) == {"shelf": (0, 0, count)}


@pytest.mark.parametrize(
    ("age_s", "reopened", "quality", "counted"),
    [
        (60, False, ClockQuality.SYNCED, (1, 0, 0)),
        (61, False, ClockQuality.SYNCED, (0, 1, 0)),
        (61, True, ClockQuality.SYNCED, (0, 1, 0)),
        (-86_400, True, ClockQuality.SYNCED, (1, 0, 0)),
        (86_400, True, ClockQuality.UNSET, (1, 0, 0)),
    ],
)
async def test_a_fact_too_old_to_matter_is_skipped_and_counted(
    tmp_path: Path,
    age_s: float,
    quality: ClockQuality,
    counted: tuple[int, ...],
    *,
    reopened: bool,
) -> None:
    clock = HandClock()

    async def dispatch(storage: Storage) -> None:
        flow = Flow("shelf", SOLD_TYPE, 60, Seen())
        await Dispatcher(storage, [flow], clock).step()
        assert (await counters(storage))["shelf"] == counted

    async with opened(tmp_path / "a.db", clock) as storage:
        await record(storage)
        clock.move(age_s)
        if not reopened:
            await dispatch(storage)
    if reopened:
        clock.at = Instant(clock.at.wall, 5.0)
        async with opened(tmp_path / "a.db", clock, quality) as storage:
            await dispatch(storage)


async def test_within_a_boot_a_jump_of_the_wall_clock_ages_nothing(tmp_path: Path) -> None:
    clock, flow = HandClock(), Seen()
    async with opened(tmp_path / "a.db", clock) as storage:
        await record(storage)
        clock.at = Instant(START.plus(86_400 * 365).wall, START.monotonic + 1)
        await Dispatcher(storage, [Flow("shelf", SOLD_TYPE, 60, flow)], clock).step()
        assert flow.positions == [1]


async def test_processes_of_one_boot_of_the_machine_share_its_monotonic_clock(
    tmp_path: Path,
) -> None:
    clock = HandClock()
    async with opened(tmp_path / "a.db", clock, machine="m-1") as storage:
        await record(storage)
    clock.at = Instant(START.plus(-86_400 * 3652).wall, START.monotonic + 61)
    async with opened(tmp_path / "a.db", clock, ClockQuality.UNSET, machine="m-1") as storage:
        await Dispatcher(storage, [Flow("shelf", SOLD_TYPE, 60, Seen())], clock).step()
        assert (await counters(storage))["shelf"] == (0, 1, 0)


@pytest.mark.parametrize(
    ("then", "now", "age"),
    [
        (ClockQuality.SYNCED, ClockQuality.SYNCED, 500.0),
        (ClockQuality.SAVED, ClockQuality.SYNCED, 40.0),
        (ClockQuality.SYNCED, ClockQuality.SAVED, 40.0),
        (ClockQuality.UNSET, ClockQuality.SYNCED, 0.0),
    ],
)
async def test_across_boots_of_the_machine_a_fact_is_at_least_as_old_as_its_uptime(
    tmp_path: Path, then: ClockQuality, now: ClockQuality, age: float
) -> None:
    async with opened(tmp_path / "a.db", quality=then) as storage:
        fact = await record(storage)
    later = Instant(START.plus(500).wall, 40.0)
    assert age_s(fact, later, one_clock=False, quality=now) == age


async def test_a_fact_caused_by_a_fact_is_dispatched_later(tmp_path: Path) -> None:
    called = Seen()

    def call(tx: Tx, _fact: RecordedFact, now: Instant) -> None:
        tx.record(CALLED, now)

    async with opened(tmp_path / "a.db") as storage:
        flows = [Flow("call", SOLD_TYPE, 60, call), Flow("called", CALLED_TYPE, 60, called)]
        dispatcher = Dispatcher(storage, flows, HandClock())
        await record(storage)
        assert await dispatcher.step() == 1
        assert await dispatcher.step() == 2
        assert called.positions == [2]


async def test_it_runs_through_batches_and_wakes_for_what_is_new(tmp_path: Path) -> None:
    async with asyncio.timeout(10), opened(tmp_path / "a.db") as storage:
        flow = Seen()
        await storage.run(lambda tx: [tx.record(SOLD, START) for _ in range(BATCH + 1)])
        async with asyncio.TaskGroup() as tasks:
            dispatcher = Dispatcher(storage, [Flow("all", SOLD_TYPE, 60, flow)], HandClock())
            running = tasks.create_task(dispatcher.run())
            await _until_dispatched(storage, BATCH + 1)
            await record(storage)
            await _until_dispatched(storage, BATCH + 2)
            running.cancel()
        assert flow.positions == list(range(1, BATCH + 3))


async def test_it_ends_when_storage_does(tmp_path: Path) -> None:
    ended = []

    async def dispatch(storage: Storage) -> None:
        with pytest.raises(StorageFailed, match="closed"):
            await Dispatcher(storage, [], HandClock()).run()
        ended.append(True)

    path = tmp_path / "a.db"
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks, opened(path) as storage:
        tasks.create_task(dispatch(storage))
        await record(storage)
        await _until_dispatched(storage, 1)
    assert ended == [True]


def test_two_flows_of_one_name_are_refused() -> None:
    flows = [Flow("one", SOLD_TYPE, 60, Seen()), Flow("one", CALLED_TYPE, 60, Seen())]
    with pytest.raises(ValueError, match="share a name"):
        Dispatcher(None, flows, HandClock())  # type: ignore[arg-type]  # refused before storage is touched


async def _until_dispatched(storage: Storage, position: int) -> None:
    generation = 0
    while (await storage.log.state()).dispatched < position:
        generation = await storage.changed(generation)
