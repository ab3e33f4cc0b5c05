"""Presence offered twice what it takes, and then what a store has: what is shed, what is kept."""

import asyncio
from collections.abc import Iterator
from itertools import cycle, product
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from bench.harness import ROOT
from bench.mix import floor
from bench.store import Store, open_store
from bench.workers.stdio import serve
from device_profiles.sighting import Sighting
from edge_agent.capabilities.presence.decide.intake import TAKEN_A_TURN
from edge_agent.capabilities.presence.service import TURN_S
from edge_agent.kernel.clock import SystemClock

SHOPPERS = 200
USUAL_PER_S = 5_000
BEAT_S = 0.005
ENROLLED = [{"irk": "", "eid_key": "", "identity": f"card:{number}"} for number in range(SHOPPERS)]


async def overload(seconds: float) -> dict[str, Any]:
    """Twice the most for `seconds`, then the usual for as long; counts and freshness of each."""
    plan = floor()
    with TemporaryDirectory(prefix="bench-", dir=ROOT / "var") as directory:
        path = Path(directory) / "overload.sqlite"
        async with open_store(path, plan, ENROLLED, SystemClock()) as store:
            return await _offer(store, [each.id for each in plan.receivers], seconds)


async def _offer(store: Store, receivers: list[str], seconds: float) -> dict[str, Any]:
    everyone = cycle(product(range(SHOPPERS), receivers))
    most = TAKEN_A_TURN / TURN_S
    async with asyncio.TaskGroup() as tasks:
        turns = tasks.create_task(store.presence.run())
        over = await _phase(store, everyone, 2 * most, seconds)
        usual = await _phase(store, everyone, USUAL_PER_S, seconds)
        turns.cancel()
    return {"most_per_s": most, "over": over, "usual": usual}


async def _phase(
    store: Store, everyone: Iterator[tuple[int, str]], rate: float, seconds: float
) -> dict[str, float]:
    """Offer `rate` sightings a second; how many were offered and shed, the oldest position seen."""
    counted = store.presence.counted
    shed, began, offered = counted["shed"], monotonic(), 0
    oldest = 0.0
    while (elapsed := monotonic() - began) < seconds:
        due = int(elapsed * rate) - offered
        for _ in range(due):
            number, receiver = next(everyone)
            rssi = -60.0 - number % 20
            at = monotonic()
            store.audience.heard(Sighting(receiver, f"card:{number}", rssi, -59, at))
        offered += due
        await asyncio.sleep(BEAT_S)
        if elapsed > seconds / 2:
            ages = [each.heard_s for each in store.presence.positions().shoppers]
            oldest = max([oldest, *ages])
    return {
        "offered": offered,
        "seconds": monotonic() - began,
        "shed": counted["shed"] - shed,
        "oldest_s": oldest,
    }


serve(lambda _: None, lambda request: asyncio.run(overload(request["seconds"])))
