"""Aisle from bleak's callback to the zone facts in the log, on one core, in the mix's own time."""

import asyncio
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from bench.harness import ROOT
from bench.mix import floor
from bench.store import SetClock, Store, callback, open_store
from bench.workers.heard import Record, people, records
from bench.workers.stdio import serve
from edge_agent.capabilities.presence.service import TURN_S

loaded: list[Any] = []


def load(request: dict[str, Any]) -> int:
    """Read the mix; how many sightings it has."""
    path = Path(request["mix"])
    loaded[:] = [people(path), list(records(path))]
    return len(loaded[1])


async def track(share: int) -> dict[str, Any]:
    """Live through the mix with one in `share` enrolled; CPU seconds, all threads together."""
    enrolled, heard = loaded
    clock = SetClock()
    with TemporaryDirectory(prefix="bench-", dir=ROOT / "var") as directory:
        async with open_store(
            Path(directory) / "track.sqlite", floor(), enrolled[::share], clock
        ) as store:
            await _settle(store)
            seconds = await _live(store, clock, heard)
            facts = (await store.storage.read("SELECT count(*) FROM fact"))[0][0]
    return {
        "done": len(heard),
        "seconds": seconds,
        "facts": facts,
        "known": store.presence.counted["known"],
        "shed": store.presence.counted["shed"],
    }


async def _settle(store: Store) -> None:
    """Let identifiers be reckoned beforehand, as they are at the agent's start."""
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(store.identities.run(store.clock))
        await asyncio.sleep(1.0)
        work.cancel()


async def _live(store: Store, clock: SetClock, heard: list[Record]) -> float:
    spent, place, turn = 0.0, 0, TURN_S
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(store.identities.run(store.clock))
        while place < len(heard):
            bunch = []
            while place < len(heard) and heard[place].at < turn:
                bunch.append((heard[place], *callback(heard[place])))
                place += 1
            began = process_time()
            for record, device, advert in bunch:
                clock.set(record.at)
                store.ears[record.receiver](device, advert)
            clock.set(turn)
            await store.presence.tick()
            spent += process_time() - began
            turn += TURN_S
        work.cancel()
    return spent


os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
serve(load, lambda request: asyncio.run(track(request["share"])))
