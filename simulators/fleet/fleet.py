"""A fleet of simulated stores, an outage, and what the hub makes of their return."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from random import Random
from statistics import quantiles
from typing import Final

import msgspec

from cloud_bridge.mqtt import Broker
from cloud_bridge.wire.envelope import Lane
from simulators.fleet.store import BULK, SimulatedStore, Tally
from simulators.world.chance import seeded

BEAT_S: Final = 1.0
"""Between two reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to happen.

    Attributes:
        backlog: facts that wait in each store at the beginning.
        rate: facts a second and store that go on happening.
        outage_s: 0 for none; the whole fleet is cut off for so long once it has drained.
        return_s: the stores come back at random moments within so many seconds.
        seconds: longest run; a fleet that has not drained by then has failed.
    """

    stores: int
    backlog: int
    rate: float
    outage_s: float
    return_s: float
    seconds: float
    seed: int
    root: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One second of the fleet; times in seconds since the beginning.

    Attributes:
        phase: ``draining``, ``cut``, ``returning`` or ``drained``.
        per_second: facts acknowledged in this second.
        rates: stores that were given a rate, and the lowest and highest of them.
        pickup_ms, bulk_ms: p50 and p99 from a batch's departure to the hub's word, in this second.
    """

    at: float
    phase: str
    connected: int
    waiting: int
    acknowledged: int
    per_second: int
    hellos: int
    grants: int
    kicked: int
    rates: list[float]
    pickup_ms: list[float]
    bulk_ms: list[float]


def store_names(stores: int) -> list[str]:
    """What the stores are called; a hub must serve them: ``fleet-0001`` and so on."""
    return [f"fleet-{number:04d}" for number in range(1, stores + 1)]


class Fleet:
    """Made for one run."""

    def __init__(self, plan: Plan, broker: Broker, tell: Callable[[Report], None]) -> None:
        self._plan, self._tell = plan, tell
        self._tally = Tally()
        self._random = seeded(plan.seed, "fleet")
        self._stores = [
            SimulatedStore(name, broker, self._tally, seeded(plan.seed, name), plan.root)
            for name in store_names(plan.stores)
        ]
        self._began = time.monotonic()
        self._before = 0

    @property
    def waiting(self) -> int:
        """Facts that the hub is not known to have, in all stores."""
        return sum(store.log.waiting for store in self._stores)

    async def run(self) -> bool:
        """Whether everything was drained in time."""
        for store in self._stores:
            store.record(self._plan.backlog)
        async with asyncio.TaskGroup() as tasks:
            living = [tasks.create_task(store.run()) for store in self._stores]
            try:
                async with asyncio.timeout(self._plan.seconds):
                    await self._live()
                    drained = True
            except TimeoutError:
                drained = False
            for task in living:
                task.cancel()
        return drained

    async def _live(self) -> None:
        await self._until_drained("draining")
        if not self._plan.outage_s:
            return
        for store in self._stores:
            store.cut()
        for _ in range(round(self._plan.outage_s / BEAT_S)):
            await self._beat("cut", happening=True)
        for store in self._stores:
            store.mend(self._plan.return_s)
        await self._until_drained("returning")

    async def _until_drained(self, phase: str) -> None:
        """Things go on happening until the hub has caught up once; then it gets the rest."""
        while self._tally.connected < len(self._stores) or self.waiting > self._in_a_beat:
            await self._beat(phase, happening=True)
        while self.waiting:
            await self._beat(phase, happening=False)
        await self._beat("drained", happening=False)

    @property
    def _in_a_beat(self) -> int:
        return round(3 * self._plan.rate * BEAT_S * len(self._stores))

    async def _beat(self, phase: str, *, happening: bool) -> None:
        if happening:
            self._happen()
        await asyncio.sleep(BEAT_S)
        self._tell(self._report(phase))

    def _happen(self) -> None:
        for store in self._stores:
            if facts := _poisson(self._random, self._plan.rate * BEAT_S):
                store.record(facts)

    def _report(self, phase: str) -> Report:
        tally = self._tally
        fresh = tally.acknowledged - self._before
        self._before = tally.acknowledged
        pickup, bulk = (_middle_and_tail(tally.latencies[track]) for track in (Lane.PICKUP, BULK))
        for latencies in tally.latencies.values():
            latencies.clear()
        rates = tally.rates.values()
        return Report(
            at=round(time.monotonic() - self._began, 1),
            phase=phase,
            connected=tally.connected,
            waiting=self.waiting,
            acknowledged=tally.acknowledged,
            per_second=fresh,
            hellos=tally.hellos,
            grants=tally.grants,
            kicked=tally.kicked,
            rates=[len(rates), min(rates), max(rates)] if rates else [],
            pickup_ms=pickup,
            bulk_ms=bulk,
        )


def _middle_and_tail(seconds: Sequence[float]) -> list[float]:
    """The median and the 99th percentile, in milliseconds; empty for fewer than two."""
    if len(seconds) < 2:  # noqa: PLR2004 - quantiles need two
        return []
    hundredths = quantiles(seconds, n=100, method="inclusive")
    return [round(1000 * hundredths[49], 1), round(1000 * hundredths[98], 1)]


def _poisson(random: Random, mean: float) -> int:
    """How often something happens that happens `mean` times on average (exponential gaps)."""
    return next(number for number, at in _moments(random, mean) if at > 1)


def _moments(random: Random, mean: float) -> Iterator[tuple[int, float]]:
    at = 0.0
    for number in count():
        at += random.expovariate(mean) if mean else 2.0
        yield number, at
