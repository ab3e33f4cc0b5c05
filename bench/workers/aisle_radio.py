"""The agent's radio, presence and storage on a simulated BlueZ, through unmodified bleak."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, process_time
from typing import Any, NamedTuple

from bench.harness import ROOT
from bench.mix import floor
from bench.store import open_store
from bench.workers.heard import people
from bench.workers.stdio import serve
from edge_agent.kernel.clock import SystemClock
from edge_agent.radio import listen

LOOK_S = 0.25
QUIET_S = 2.0
"""Without a packet for so long, the air has ended."""

PATIENCE_S = 60.0


class Receiver(NamedTuple):
    """A `[[receivers]]` table."""

    id: str
    kind: str = "bluez"
    adapter: str = "hci0"
    gateway: str = ""
    node: str = ""
    host: str = ""
    port: int = 6053
    key_file: Path | None = None
    device: str = ""


class Look(NamedTuple):
    """How far it was at one moment."""

    at: float
    cpu: float
    heard: int


async def hear(request: dict[str, Any]) -> dict[str, Any]:
    """Listen until the air ends; packets, and the process's CPU from the first to the last."""
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={request['socket']}"
    enrolled = people(Path(request["mix"]))[:: request["share"]]
    clock, plan = SystemClock(), floor()
    with TemporaryDirectory(prefix="bench-", dir=ROOT / "var") as directory:
        path = Path(directory) / "radio.sqlite"
        async with open_store(path, plan, enrolled, clock) as store, asyncio.TaskGroup() as tasks:
            work = [
                tasks.create_task(store.presence.run()),
                tasks.create_task(
                    listen(
                        [Receiver(plan.receivers[0].id)],
                        store_broker=None,
                        clock=clock,
                        heard=store.presence.heard,
                        health_changed=lambda _: None,
                        counters=store.counters,
                        identities=store.identities,
                    )
                ),
            ]
            first, last = await _watch(lambda: store.counters.heard)
            for each in work:
                each.cancel()
    return {
        "heard": last.heard,
        "seconds": last.at - first.at,
        "cpu": last.cpu - first.cpu,
        "known": store.presence.counted["known"],
        "ignored": {str(key): number for key, number in store.counters.ignored.items()},
    }


async def _watch(heard: Callable[[], int]) -> tuple[Look, Look]:
    """The moments before the first and after the last packet."""
    before = last = Look(monotonic(), process_time(), 0)
    gives_up = before.at + PATIENCE_S
    while True:
        await asyncio.sleep(LOOK_S)
        now = Look(monotonic(), process_time(), heard())
        if not now.heard:
            before = last = now
            if now.at > gives_up:
                return before, last
        elif now.heard != last.heard:
            last = now
        elif now.at - last.at > QUIET_S:
            return before, last


os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
serve(lambda _: None, lambda request: asyncio.run(hear(request)))
