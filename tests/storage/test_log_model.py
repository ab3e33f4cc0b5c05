"""The log against a model of a few lines, over any order of what can happen to it."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from typing_extensions import override

from cloud_bridge.wire.envelope import Lane
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import RecordedFact
from edge_agent.storage import Storage, Tx
from edge_agent.storage.dispatcher import BATCH, Dispatcher, Flow
from tests.storage.conftest import in_memory
from tests.storage.support import CALLED, SOLD, START, HandClock, chain_over, opened, recorded

FACTS = {Lane.STOCK.value: SOLD, Lane.PICKUP.value: CALLED}
LANES = st.sampled_from(sorted(FACTS))


@dataclass
class LaneModel:
    cursor: int = 0
    numbered: list[tuple[str, bytes]] = field(default_factory=list)
    recorded: int = 0

    @property
    def waiting(self) -> list[str]:
        return [fact_id for fact_id, _ in self.numbered[self.cursor :]]


class LogMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=in_memory())
        self.runner = asyncio.Runner()
        self.clock = HandClock()
        self.epoch = 0
        self.lanes = {lane: LaneModel() for lane in FACTS}
        self.order: list[str] = []
        self.dispatched = 0
        self._open()

    def _open(self) -> None:
        self.stack = AsyncExitStack()
        path = Path(self.folder.name) / "a.db"
        entering = self.stack.enter_async_context(opened(path, self.clock))
        self.storage: Storage = self.runner.run(entering)
        self.seen: list[str] = []
        flows = [Flow(fact.data.TYPE, fact.data.TYPE, 60, self._see) for fact in FACTS.values()]
        self.dispatcher = Dispatcher(self.storage, flows, self.clock)

    def _see(self, _tx: Tx, fact: RecordedFact, _now: Instant) -> None:
        self.seen.append(fact.id)

    @rule(lane=LANES, count=st.integers(1, 130))
    def record(self, lane: str, count: int) -> None:
        def work(tx: Tx) -> list[RecordedFact]:
            return [recorded(tx, FACTS[lane]) for _ in range(count)]

        for fact in self.runner.run(self.storage.run(work)):
            self.lanes[lane].numbered.append((fact.id, fact.data))
            self.lanes[lane].recorded += 1
            self.order.append(fact.id)

    @rule(lane=LANES)
    def record_in_vain(self, lane: str) -> None:
        def work(tx: Tx) -> None:
            tx.record(FACTS[lane], START)
            raise LookupError

        async def attempt() -> bool:
            try:
                await self.storage.run(work)
            except LookupError:
                return True
            return False

        assert self.runner.run(attempt())

    @rule(lane=LANES, cursor=st.integers(0, 300), of_epoch=st.integers(-1, 1))
    def acknowledge(self, lane: str, cursor: int, of_epoch: int) -> None:
        self.runner.run(self.storage.log.acknowledge(self.epoch + of_epoch, {lane: cursor}))
        model = self.lanes[lane]
        if of_epoch == 0 and self.epoch > 0:
            model.cursor = max(model.cursor, min(cursor, len(model.numbered)))

    @rule(step=st.integers(0, 2))
    def renumber(self, step: int) -> None:
        self.runner.run(self.storage.log.renumber(self.epoch + step))
        if step:
            self.epoch += step
            for model in self.lanes.values():
                model.numbered = model.numbered[model.cursor :]
                model.cursor = 0

    @rule()
    def dispatch(self) -> None:
        self.seen.clear()
        reached = self.runner.run(self.dispatcher.step())
        expected = min(len(self.order), self.dispatched + BATCH)
        assert self.seen == self.order[self.dispatched : expected]
        assert reached == expected
        self.dispatched = expected

    @rule()
    def restart(self) -> None:
        self.runner.run(self.stack.aclose())
        self._open()

    @invariant()
    def log_and_model_agree(self) -> None:
        state = self.runner.run(self.storage.log.state())
        assert (state.epoch, state.position) == (self.epoch, len(self.order))
        assert state.dispatched == self.dispatched
        for lane, model in self.lanes.items():
            known = state.lanes[lane]
            assert (known.cursor, known.next_sequence) == (model.cursor, len(model.numbered) + 1)
            assert (known.recorded, known.waiting) == (model.recorded, len(model.waiting))
            assert known.acknowledged == model.recorded - len(model.waiting)
            assert known.hash == chain_over(model.numbered)
            assert (known.oldest is None) == (not model.waiting)
            assert (known.waiting_bytes == 0) == (not model.waiting)
            read = self.runner.run(self.storage.log.waiting(lane, model.cursor, 10_000, 10**9))
            assert [fact.id for fact in read] == model.waiting
            first = model.cursor + 1
            assert [f.sequence for f in read] == list(range(first, first + len(read)))

    @override
    def teardown(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()
        self.folder.cleanup()


TestLogAgainstModel = LogMachine.TestCase
TestLogAgainstModel.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
