"""Aisle's storage: units of work that save a state row and record its fact; done means on disk."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.workers.killed import killed
from bench.workers.stdio import serve
from bench.workers.stock_take import SAVE, count, line
from cloud_bridge.wire.facts.presence import ZoneEntered
from edge_agent.kernel.clock import SystemClock
from edge_agent.kernel.facts import Fact
from edge_agent.sealing import PersonKeys
from edge_agent.storage import Storage, Tx, open_storage

CLOCK = SystemClock()
SHOPPER = "s-7f3a"
VISIT = Fact(
    f"shoppers/{SHOPPER}",
    ZoneEntered(shopper=SHOPPER, zone="shoes", confidence=0.93, at=CLOCK.now().wall),
)


def unit_of(number: int, *, personal: bool) -> Callable[[Tx], None]:
    """The unit of work of a count: its ledger line, and its fact or one about a person."""
    state, fact = line(number), VISIT if personal else count(number)

    def work(tx: Tx) -> None:
        tx.execute(SAVE, state)
        tx.record(fact, CLOCK.now())

    return work


async def produce(storage: Storage, mine: list[Callable[[Tx], None]]) -> list[float]:
    """Have one unit done after another, each when the one before is on disk.

    Returns the seconds that each took.
    """
    taken: list[float] = []
    for work in mine:
        began = perf_counter()
        await storage.run(work)
        taken.append(perf_counter() - began)
    return taken


async def record(request: dict[str, Any]) -> dict[str, Any]:
    """Share `facts` out to `producers` and time them on a fresh database."""
    producers, share = request["producers"], request["facts"] // request["producers"]
    path, keys = Path(request["directory"]) / "aisle.sqlite", PersonKeys()
    works = [unit_of(number, personal=request["personal"]) for number in range(share * producers)]
    async with open_storage(path, gateway="bench", clock=CLOCK, sealer=keys) as storage:
        await storage.run(lambda tx: keys.mint(tx, SHOPPER))
        started = perf_counter()
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(produce(storage, works[one::producers]))
                for one in range(producers)
            ]
        seconds = perf_counter() - started
    taken = sorted(each for task in tasks for each in task.result())
    return {"done": len(taken), "seconds": seconds, "p50": taken[len(taken) // 2]}


async def go_on(path: Path, acknowledged: Callable[[], None]) -> None:
    """Record for ever, from 256 producers."""
    work = unit_of(1, personal=False)

    async def produce_more(storage: Storage) -> None:
        while True:
            await storage.run(work)
            acknowledged()

    async with (
        open_storage(path, gateway="bench", clock=CLOCK) as storage,
        asyncio.TaskGroup() as group,
    ):
        for _ in range(256):
            group.create_task(produce_more(storage))


def lose(request: dict[str, Any]) -> dict[str, int]:
    """Record flat out, be killed, and see what is left."""
    path = Path(request["directory"]) / "aisle.sqlite"
    count = killed(lambda noted: asyncio.run(go_on(path, noted)), request["kill_after_s"])
    with closing(sqlite3.connect(path)) as connection:
        (kept,) = connection.execute("SELECT count(*) FROM fact").fetchone()
    return {"acknowledged": count, "kept": kept}


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """What is asked for: a rate, or what a kill costs."""
    return lose(request) if "kill_after_s" in request else asyncio.run(record(request))


serve(lambda _: None, answer)
