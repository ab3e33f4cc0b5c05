"""The hub's store by itself: batches taken apart before, into the database and no further.

What the same hub's rate through the broker is compared with.
"""

import asyncio
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.workers.stdio import serve
from cloud_bridge.hub.clock import stamp, system_clock
from cloud_bridge.hub.database import Database, PostgresServer, open_database
from cloud_bridge.hub.effects import EFFECTS
from cloud_bridge.hub.epochs import answer_hello
from cloud_bridge.hub.ingest import ingest
from cloud_bridge.hub.reading import Batch, check_batch, read_batch
from cloud_bridge.hub.rooms.stores import store as stores
from cloud_bridge.wire.batch import MOST_FACTS, encode_batch
from cloud_bridge.wire.messages import Hello
from simulators.fleet.fleet import store_names
from simulators.fleet.log import Log
from simulators.fleet.mix import GATEWAY, Numbered, event
from simulators.world.chance import seeded

BOOT = "bench"


def batches(store: str, facts: int) -> list[Batch]:
    """What a store with so many facts hands over, in the order in which it does."""
    log = Log(seeded(store))
    log.record(facts)
    log.begin(1)
    made = []
    for name, lane in log.lanes.items():
        while lane.waiting:
            part = [
                event(Numbered(store, name, number), epoch=1, sequence=sequence, boot=BOOT)
                for number, sequence in log.above(name, MOST_FACTS)
            ]
            made.append(check_batch(name, read_batch(encode_batch(part))))
            lane.cursor = part[-1].sequence
    return made


async def hand_over(database: Database, store: str, waiting: list[Batch]) -> None:
    """One store's batches, each after the commit of the one before."""
    for batch in waiting:
        now = stamp(system_clock())
        await database.run(partial(ingest, store=store, batch=batch, now=now, effects=EFFECTS))


async def fill(request: dict[str, Any]) -> dict[str, Any]:
    """Hand over `facts` of each of `stores` stores, all at once."""
    names = store_names(request["stores"])
    waiting = {name: batches(name, request["facts"]) for name in names}
    where = request["database"]
    async with open_database(
        PostgresServer(where) if where.startswith("postgresql:") else Path(where)
    ) as database:
        for name in names:
            await database.run(partial(stores.add, store=name))
            await database.run(partial(answer_hello, store=name, hello=_hello(name), now=_now()))
        started = perf_counter()
        async with asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(hand_over(database, name, waiting[name]))
        seconds = perf_counter() - started
    return {"done": request["facts"] * len(names), "seconds": seconds}


def _hello(name: str) -> Hello:
    return Hello(
        id=f"hello-{name}",
        gateway=GATEWAY,
        boot=BOOT,
        agent_version="bench",
        epoch=0,
        lanes={},
        streams={},
        commands=0,
    )


def _now() -> str:
    return stamp(system_clock())


serve(lambda _: None, lambda request: asyncio.run(fill(request)))
