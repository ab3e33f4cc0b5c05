"""How long a pickup fact waits for the hub's word, from the call that records it.

The store's end is storage and link as the agent composes them, in a process of its own; the hub is
`cloud-hub` on SQLite, the broker mosquitto, the slow line a proxy between them.
"""

import asyncio
from statistics import median, quantiles
from typing import Final

import msgspec

from bench.cloud import own_disk
from bench.harness import Effort, Measure, measured
from tests.faults.network.proxy import Weather
from tests.faults.system.outpost import Outpost, outpost
from tests.faults.system.station import fill

TITLE: Final = "A pickup fact to the hub and back"

IDLE_S: Final = 15.0
PER_SECOND: Final = 5.0

WEEKS: Final = 2_000_000
"""Eight weeks of one store's facts, with `--full`."""

BACKLOG: Final = 60_000
"""Else: ten seconds and more of draining."""

SLOW_BYTES_PER_S: Final = 5_000.0
SLOW_S: Final = 40.0
"""The backlog does not drain in it: every pickup stands behind it."""


def measure(effort: Effort) -> list[Measure]:
    """Idle, behind a backlog, and behind one on a line of 5 kB/s."""
    idle = [_run(0, Weather(), IDLE_S) for _ in range(effort.runs)]
    facts = WEEKS if effort.full else BACKLOG
    behind = [_run(facts, Weather(), None) for _ in range(1 if effort.full else effort.runs)]
    slow = _run(BACKLOG, Weather(bytes_per_s=SLOW_BYTES_PER_S), SLOW_S)
    return [
        _line("idle link, p50", [median(waits) for waits in idle], "below 15"),
        _line("idle link, p99", [_p99(waits) for waits in idle], "-"),
        _line(
            f"behind {facts:,} facts that drain, p99",
            [_p99(waits) for waits in behind],
            "below 250",
        ),
        _line(
            f"behind {BACKLOG:,} facts at 5 kB/s, p99",
            [_p99(slow)],
            "below 2,000",
            note=f"{len(slow)} pickups",
        ),
    ]


def _line(what: str, seconds: list[float], to_reach: str, note: str = "") -> Measure:
    milliseconds = [1000 * each for each in seconds]
    return measured(what, milliseconds, unit="ms", to_reach=to_reach, note=note)


def _p99(seconds: list[float]) -> float:
    return quantiles(seconds, n=100, method="inclusive")[98]


def _run(backlog: int, weather: Weather, seconds: float | None) -> list[float]:
    """Seconds that pickups waited: for `seconds`, or until `backlog` has drained."""
    return asyncio.run(_waits(backlog, weather, seconds))


async def _waits(backlog: int, weather: Weather, seconds: float | None) -> list[float]:
    with own_disk() as folder:
        async with outpost(folder) as one:
            if backlog:
                await fill(one.config, backlog, "stock")
            one.proxy.weather = weather
            one.configure(msgspec.structs.replace(one.config, rates={"pickup": PER_SECOND}))
            one.station.start()
            await one.gains(1)
            if seconds is not None:
                await asyncio.sleep(seconds)
            else:
                await _drained(one, backlog)
            return one.waits


async def _drained(one: Outpost, backlog: int) -> None:
    while one.at_hub() < backlog:  # noqa: ASYNC110 - the hub's database sends no event
        await asyncio.sleep(0.2)
