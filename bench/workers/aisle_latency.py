"""How soon a zone fact is in the log: the mix at its own pace through the ears, in real time."""

import asyncio
from bisect import bisect_right
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from bench.harness import ROOT
from bench.mix import floor
from bench.store import Store, callback, open_store
from bench.workers.heard import people, records
from bench.workers.stdio import serve
from device_profiles.sighting import Sighting
from edge_agent.kernel.clock import SystemClock
from edge_agent.storage import Storage, Tx

BEAT_S = 0.005
PROBE_S = 0.02
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
        commits: how long single units of work of others took.
    """

    def __init__(self) -> None:
        self.sightings: defaultdict[str, list[float]] = defaultdict(list)
        self.facts: list[tuple[float, float, str]] = []
        self.commits: list[float] = []

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

    async def probe(self, storage: Storage) -> None:
        """Time a unit of work that writes next to nothing, again and again: the group commit."""
        while True:
            began = monotonic()
            await storage.run(_touch)
            self.commits.append(monotonic() - began)
            await asyncio.sleep(PROBE_S)


def _touch(tx: Tx) -> None:
    tx.execute("UPDATE log SET gateway = gateway")


async def live(request: dict[str, Any]) -> dict[str, Any]:
    """Latencies in milliseconds of all zone facts after the first seconds."""
    path = Path(request["mix"])
    enrolled = people(path)[:: request["share"]]
    watch = Watch()
    with TemporaryDirectory(prefix="bench-", dir=ROOT / "var") as directory:
        database = Path(directory) / "latency.sqlite"
        async with open_store(
            database, floor(), enrolled, SystemClock(), watch=watch.heard
        ) as store:
            await _play(store, watch, path, request["seconds"])
    late = [fact for fact in watch.facts if fact[1] > watch.facts[0][1] + SETTLE_S]
    return {
        "facts": len(late),
        "from_turn_ms": [1000 * (seen - turn) for seen, turn, _ in late],
        "from_advert_ms": [
            1000 * (seen - _before(watch.sightings[shopper], turn)) for seen, turn, shopper in late
        ],
        "commit_ms": [1000 * each for each in watch.commits],
    }


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
                watch.probe(store.storage),
            )
        ]
        began = monotonic()
        for record in records(path):
            if record.at > seconds:
                break
            ahead = began + record.at - monotonic()
            if ahead > 0:
                await asyncio.sleep(max(ahead, BEAT_S))
            store.ears[record.receiver](*callback(record))
        for each in beside:
            each.cancel()


serve(lambda _: None, lambda request: asyncio.run(live(request)))
