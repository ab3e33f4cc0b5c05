"""A simulated BlueZ that lets one adapter hear the mix, at its own pace."""

import asyncio
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from bench.workers.heard import records
from bench.workers.stdio import serve
from simulators.bluez import Advert, SimulatedBluez

PATIENCE_S = 60.0
BEAT_S = 0.005
MIX_S = 30.0
AFTERWARDS_S = 5.0
"""The bus stays up for this long after the last advert, so that nothing is lost with it."""


def adverts(mix: Path) -> list[tuple[float, Advert]]:
    """What all receivers of the mix heard, as if one had; (second, advert)."""
    with mix.open(encoding="utf-8") as file:
        next(file)
        raw = (line.split('"')[5] for line in file)
        return [
            (record.at, Advert(record.address, record.rssi, bytes.fromhex(ad)))
            for record, ad in zip(records(mix), raw, strict=True)
        ]


def again_and_again(
    loaded: list[tuple[float, Advert]], until: float
) -> Iterator[tuple[float, Advert]]:
    """The mix round and round, up to second `until`."""
    for turn in count():
        for at, advert in loaded:
            moment = turn * MIX_S + at
            if moment >= until:
                return
            yield moment, advert


async def air(request: dict[str, Any]) -> dict[str, Any]:
    """Wait for somebody to scan; then send for `seconds`."""
    loaded = adverts(Path(request["mix"]))
    async with SimulatedBluez(Path(request["socket"])) as bluez:
        adapter = bluez.adapter()
        async with asyncio.timeout(PATIENCE_S):
            await adapter.scanning.wait()
        loop = asyncio.get_running_loop()
        began = loop.time()
        for at, advert in again_and_again(loaded, request["seconds"]):
            ahead = began + at - loop.time()
            if ahead > 0:
                await asyncio.sleep(max(BEAT_S, ahead))
            adapter.advertise(advert)
            if adapter.counters.sent % 50 == 0:
                await asyncio.sleep(0)
        took = loop.time() - began
        await bluez.drain()
        await asyncio.sleep(AFTERWARDS_S)
        return {
            "sent": adapter.counters.sent,
            "signalled": adapter.counters.signalled,
            "dropped": bluez.signals_dropped,
            "seconds": took,
        }


os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
serve(lambda _: None, lambda request: asyncio.run(air(request)))
