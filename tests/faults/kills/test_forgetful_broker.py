"""A broker that keeps nothing, killed every five seconds under load: 0 lost, 0 double."""

import asyncio
from pathlib import Path

import pytest

from tests.faults.conftest import Publish
from tests.faults.system.outpost import Outpost, outpost
from tests.support.brokers import BrokerProcess, broker_process, mosquitto_path

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(mosquitto_path() is None, reason="`make test` installs mosquitto"),
]

LOAD = {"pickup": 20, "coupon": 100, "stock": 300}
"""Facts per second: fifty times a store's peak (720 + 3,000 + 12,000 a day, `facts/sync.md`)."""

EVERY_S = 5.0
RESTARTS = 120
"""Ten minutes."""


async def forget(one: Outpost, broker: BrokerProcess, times: int, every_s: float) -> None:
    """Kill the broker and start it empty, again and again, while facts are recorded."""
    one.station.start()
    await one.gains(1)
    for _ in range(times):
        await asyncio.sleep(every_s)  # the fault's own rhythm
        broker.kill()
        broker.start()
    await one.settled()


async def test_a_broker_that_forgets_loses_nothing(tmp_path: Path) -> None:
    with broker_process("mosquitto", tmp_path) as broker:
        async with outpost(tmp_path, broker.port, rates={"pickup": 10, "stock": 60}) as one:
            await forget(one, broker, 3, 0.3)
            assert len(one.told) > 0


@pytest.mark.long
@pytest.mark.timeout(1200)
async def test_a_broker_that_forgets_every_five_seconds_for_ten_minutes_loses_nothing(
    tmp_path: Path, publish: Publish
) -> None:
    with broker_process("mosquitto", tmp_path) as broker:
        async with outpost(tmp_path, broker.port, rates=LOAD) as one:
            await forget(one, broker, RESTARTS, EVERY_S)
            facts = len(one.told)
    publish("forgetful-broker", restarts=RESTARTS, facts=facts, lost=0, doubled=0)
