"""How soon a zone fact is in the log: the mix at its own pace through the ears, in real time."""

import asyncio
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, TypeVar, cast

from bench.harness import ROOT
from bench.mix import floor
from bench.store import Store, callback, open_store
from bench.workers.heard import people, records
from bench.workers.stdio import serve
from device_profiles.sighting import Sighting
from edge_agent.kernel.clock import SystemClock
from edge_agent.storage import Storage, Tx

R = TypeVar("R")

BEAT_S = 0.005
AT_ONCE = 20
"""Packets between two turns of the event loop at most, as D-Bus brings them."""

SETTLE_S = 3.0
"""From the start on everybody comes in at once, which no store sees."""

FACTS = """
SELECT fact.position, fact.monotonic, person_key.pseudonym
FROM fact JOIN person_key ON fact.subject = 'people/' || person_key.id
WHERE fact.lane = 'presence' AND fact.position > ? ORDER BY fact.position
"""


class Watch:
    """When what was seen.

    Attributes:
        sightings: moments by shopper.
        facts: (seen in the log, the turn's own moment, shopper).
        commits: (handed over, done) of each unit of work of presence.
    """

    def __init__(self) -> None:
        self.sightings: defaultdict[str, list[float]] = defaultdict(list)
        self.facts: list[tuple[float, float, str]] = []
        self.commits: list[tuple[float, float]] = []

    def heard(self, shopper: str, sighting: Sighting) -> None:
        """Note a sighting."""
        self.sightings[shopper].append(sighting.at)

    async def log(self, storage: Storage) -> None:
        """Note each fact when a reader of the log can see it, for ever."""
        generation, position = storage.generation, 0
        while True:
            generation = await storage.changed(generation)
            seen = monotonic()
            for row in await storage.read(FACTS, (position,)):
                position = row["position"]
                self.facts.append((seen, row["monotonic"], row["pseudonym"]))

    def between(self, storage: Storage) -> Storage:
        """Storage as it is, with a stop watch at its door."""
        return cast("Storage", _Timed(storage, self.commits))


class _Timed:
    """Units of work of one room, timed from handing over to their return after the commit."""

    def __init__(self, storage: Storage, commits: list[tuple[float, float]]) -> None:
        self._storage = storage
        self._commits = commits

    async def run(self, work: Callable[[Tx], R]) -> R:
        handed = monotonic()
        try:
            return await self._storage.run(work)
        finally:
            self._commits.append((handed, monotonic()))


async def live(request: dict[str, Any]) -> dict[str, Any]:
    """Latencies in milliseconds of all zone facts after the first seconds."""
    path = Path(request["mix"])
    enrolled = people(path)[:: request["share"]]
    watch = Watch()
    with TemporaryDirectory(prefix="bench-", dir=ROOT / "var") as directory:
        database = Path(directory) / "latency.sqlite"
        async with open_store(
            database,
            floor(),
            enrolled,
            SystemClock(),
            watch=watch.heard,
            between=watch.between,
        ) as store:
            await _play(store, watch, path, request["seconds"])
    late = [fact for fact in watch.facts if fact[1] > watch.facts[0][1] + SETTLE_S]
    commits = [_commit(watch.commits, turn) for _, turn, _ in late]
    return {
        "facts": len(late),
        "commit_ms": [1000 * each for each in commits],
        "beyond_ms": [
            1000 * (seen - _before(watch.sightings[shopper], turn) - commit)
            for (seen, turn, shopper), commit in zip(late, commits, strict=True)
        ],
    }


def _commit(commits: list[tuple[float, float]], turn: float) -> float:
    """How long the first unit of work that was handed over after `turn` took."""
    handed, done = commits[bisect_right(commits, (turn, 0.0))]
    return done - handed


def _before(moments: list[float], turn: float) -> float:
    """The last sighting that the turn can have known."""
    place = bisect_right(moments, turn)
    return moments[place - 1] if place else turn


async def _play(store: Store, watch: Watch, path: Path, seconds: float) -> None:
    async with asyncio.TaskGroup() as tasks:
        beside = [
            tasks.create_task(work)
            for work in (
                store.presence.run(),
                store.identities.run(store.clock),
                watch.log(store.storage),
            )
        ]
        began = monotonic()
        for number, record in enumerate(records(path)):
            if monotonic() - began > seconds:
                break
            ahead = began + record.at - monotonic()
            if ahead > 0 or number % AT_ONCE == 0:
                await asyncio.sleep(max(ahead, BEAT_S) if ahead > 0 else 0)
            store.ears[record.receiver](*callback(record))
        for each in beside:
            each.cancel()


serve(lambda _: None, lambda request: asyncio.run(live(request)))
