"""A week without the hub: its backlog drains, and who collects an order does not wait for it."""

from pathlib import Path

import msgspec
import pytest

from tests.faults.conftest import Publish
from tests.faults.system.outpost import Outpost, mosquitto_outpost
from tests.faults.system.station import fill
from tests.faults.system.waiting import until
from tests.support.brokers import mosquitto_path

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(mosquitto_path() is None, reason="`make test` installs mosquitto"),
]

WEEK = 2_000_000
"""Facts: eight times a week of the assumed mix (250,000, `facts/sync.md`)."""

SAMPLE = 10_000

PICKUPS = {"pickup": 10.0}
"""Per second while it drains: a store's day of 720 in 72 s."""

AT_THE_START = 10
"""Pickups of the second in which it connected: they waited for the hello, not behind a backlog."""

MOST_WAIT_S = 0.25
MOST_GROWTH = 50 * 1024 * 1024


async def drain(one: Outpost, facts: int, deadline_s: float) -> tuple[int, list[float]]:
    """Fill the log, then let it drain while pickups are recorded.

    By how much memory grew, and how long each pickup waited that was recorded once it drained.
    """
    await fill(one.config, facts, "stock")
    one.configure(msgspec.structs.replace(one.config, rates=PICKUPS))
    one.station.start()
    await one.gains(1)
    start, most, before = one.station.memory, 0, len(one.waits)

    def drained() -> bool:
        nonlocal most
        most = max(most, one.station.memory)
        return one.at_hub() >= facts

    await until(drained, lambda: f"drained: {one.at_hub()} of {facts}", deadline_s)
    return most - start, one.waits[before + AT_THE_START :]


def slowest(waits: list[float]) -> float:
    """The 99th percentile."""
    return sorted(waits)[len(waits) * 99 // 100]


@pytest.mark.long
async def test_a_pickup_overtakes_a_backlog(tmp_path: Path) -> None:
    async with mosquitto_outpost(tmp_path) as one:
        _, waits = await drain(one, SAMPLE, 120)
        assert waits
        await one.settled()


@pytest.mark.long
@pytest.mark.timeout(3000)
async def test_a_pickup_is_at_the_hub_in_a_quarter_second_while_two_million_facts_drain(
    tmp_path: Path, publish: Publish
) -> None:
    async with mosquitto_outpost(tmp_path) as one:
        grown, waits = await drain(one, WEEK, 2700)
        p99 = slowest(waits)
        await one.settled(300)
        assert grown < MOST_GROWTH
        assert p99 < MOST_WAIT_S
    publish("week-offline", facts=WEEK, p99_ms=p99 * 1000, grown_mb=grown / 2**20, lost=0)
