"""A process that records without pause and says each acknowledged id, until it is killed.

Run as ``python -m tests.storage.producer DATABASE [LIMIT]``. With LIMIT no file may grow beyond
so many bytes, as on a card that gives up; it then says ``failed`` and how storage answers after.
"""

import asyncio
import os
import resource
import sys
from pathlib import Path

from edge_agent.kernel.clock import Instant, SystemClock
from edge_agent.kernel.facts import ClockQuality, RecordedFact
from edge_agent.storage import Storage, StorageFailed, Tx, open_storage
from edge_agent.storage.dispatcher import Dispatcher, Flow
from tests.storage.support import CALLED, SOLD, record

PRODUCERS = 16


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


async def produce(storage: Storage, clock: SystemClock, number: int) -> None:
    fact = CALLED if number % 2 else SOLD
    while True:
        recorded = await record(storage, fact, clock.now())
        say(recorded.id)


def note(tx: Tx, fact: RecordedFact, _now: Instant) -> None:
    tx.execute("INSERT INTO effect VALUES (?)", (fact.position,))


async def main(database: Path, limit: int | None) -> None:
    clock = SystemClock()
    async with open_storage(
        database, gateway="gw-1", clock=clock, quality=lambda: ClockQuality.SAVED
    ) as storage:
        await storage.run(
            lambda tx: tx.execute("CREATE TABLE IF NOT EXISTS effect (position INTEGER)").close()
        )
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        flows = [Flow(f.data.TYPE, f.data.TYPE, 3600, note) for f in (SOLD, CALLED)]
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(Dispatcher(storage, flows, clock).run())
                for number in range(PRODUCERS):
                    tasks.create_task(produce(storage, clock, number))
        except* StorageFailed:
            say("failed")
        try:
            await storage.run(lambda tx: tx.head.position)
        except StorageFailed as err:
            say(f"still refuses: {err}")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else None))
