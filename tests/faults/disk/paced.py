"""Our storage at a steady rate: what `peer_worker` does, over `open_storage`.

Notes ``kept N`` when unit N is acknowledged, ``refused N`` when it was told that it is not kept.
"""

import argparse
import asyncio
import os
import sys
from pathlib import Path
from typing import Final

from edge_agent.kernel.clock import SystemClock
from edge_agent.kernel.facts import Fact
from edge_agent.storage import Storage, StorageError, Tx
from tests.faults.disk.script import Sold, opened
from tests.faults.disk.writelog import NOTES

MOST_AT_ONCE: Final = 256
"""Callers that wait for their COMMIT together, as in the measures of facts/sync.md."""


async def unit(storage: Storage, number: int, notes: int, clock: SystemClock) -> None:
    """One fact; what became of it is noted."""

    def work(tx: Tx) -> None:
        tx.record(Fact(f"units/{number}", Sold(unit=number, note="x" * 200)), clock.now())

    try:
        await storage.run(work)
    except StorageError as err:
        os.write(notes, f"refused {number} {err}\n".encode())
    else:
        os.write(notes, f"kept {number}\n".encode())


async def run(directory: Path, notes: int, rate: int, seconds: float) -> None:
    """Hand over `rate` facts a second for `seconds`, whatever becomes of those before."""
    clock = SystemClock()
    start = clock.now().monotonic
    room = asyncio.Semaphore(MOST_AT_ONCE)

    async def one(storage: Storage, number: int) -> None:
        try:
            await unit(storage, number, notes, clock)
        finally:
            room.release()

    async with opened(directory) as storage:
        async with asyncio.TaskGroup() as tasks:
            for number in range(1, int(rate * seconds) + 1):
                await asyncio.sleep(max(0.0, start + number / rate - clock.now().monotonic))
                await room.acquire()
                tasks.create_task(one(storage, number))
                if number % 1000 == 0:
                    print(number, flush=True)  # noqa: T201 - the parent waits for it
        print("done", flush=True)  # noqa: T201 - likewise
        await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    """Record `rate` facts a second for `seconds`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("--rate", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    chosen = parser.parse_args()
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    notes = os.open(chosen.directory / NOTES, flags, 0o600)
    asyncio.run(run(chosen.directory, notes, chosen.rate, chosen.seconds))


if __name__ == "__main__":
    main()
