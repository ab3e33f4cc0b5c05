"""Aisle's storage: units of work that record one fact each; acknowledged means on disk.

The fact is about a person, so each is sealed with their key on its way.
"""

import asyncio
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.workers.stdio import serve
from cloud_bridge.wire.facts.presence import ZoneEntered
from edge_agent.kernel.clock import SystemClock
from edge_agent.kernel.facts import Fact
from edge_agent.sealing import PersonKeys
from edge_agent.storage import Storage, open_storage

CLOCK = SystemClock()
SHOPPER = "s-7f3a"
FACT = Fact(
    f"shoppers/{SHOPPER}",
    ZoneEntered(shopper=SHOPPER, zone="shoes", confidence=0.93, at=CLOCK.now().wall),
)


async def produce(storage: Storage, count: int) -> None:
    """Record facts one after another, each when the one before is on disk."""
    for _ in range(count):
        await storage.run(lambda tx: tx.record(FACT, CLOCK.now()))


async def record(request: dict[str, Any]) -> dict[str, float]:
    """Share `facts` out to `producers` and time them on a fresh database."""
    producers, facts = request["producers"], request["facts"]
    path = Path(request["directory"]) / "aisle.sqlite"
    keys = PersonKeys()
    async with open_storage(path, gateway="bench", clock=CLOCK, sealer=keys) as storage:
        await storage.run(lambda tx: keys.mint(tx, SHOPPER))
        started = perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(producers):
                group.create_task(produce(storage, facts // producers))
        seconds = perf_counter() - started
    return {"done": facts // producers * producers, "seconds": seconds}


serve(lambda _: None, lambda request: asyncio.run(record(request)))
