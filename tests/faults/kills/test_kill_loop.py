"""SIGKILL at any moment, on any of them: every acknowledged wish is in the hub, once."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from tests.faults.conftest import Publish
from tests.faults.seeds import chance
from tests.faults.system.cluster import database
from tests.faults.system.house import House, at_work, house
from tests.faults.system.programs import Program
from tests.support.brokers import mosquitto_path

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(mosquitto_path() is None, reason="`make test` installs mosquitto"),
]

QUICK_CYCLES = 4
CYCLES = 200


async def kill_again_and_again(one: House[Program], cycles: int, random: Random) -> list[str]:
    """Kill and start one at random, `cycles` times, sometimes before the last one stands again."""
    killed: list[str] = []
    for _ in range(cycles):
        await asyncio.sleep(random.uniform(0, 0.6))  # the moment is the fault, not a wait
        name = random.choice(sorted(one.victims))
        one.victims[name].kill()
        killed.append(name)
        await asyncio.sleep(random.uniform(0, 0.3))
        one.victims[name].start()
        if random.random() < 0.7:
            await one.stands()
    return killed


@pytest.mark.timeout(180)
async def test_whoever_is_killed_every_acknowledged_fact_is_in_the_hub_once(
    tmp_path: Path, seed: int
) -> None:
    random = chance(seed, "kills")
    async with house(tmp_path, Program) as one:
        await one.start()
        async with at_work(one, random) as clerks:
            await kill_again_and_again(one, QUICK_CYCLES, random)
            await one.stands()
        assert clerks.told.acknowledged > 0


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_two_hundred_kills_lose_nothing_and_double_nothing(
    tmp_path: Path, seed: int, publish: Publish
) -> None:
    """On PostgreSQL, which is killed too, and with two workers beside the hub."""
    random = chance(seed, "two hundred kills")
    with database() as kept:
        async with house(tmp_path, Program, database=kept, workers=2) as one:
            await one.start()
            async with at_work(one, random) as clerks:
                killed = await kill_again_and_again(one, CYCLES, random)
                await one.stands()
    figures = {name: killed.count(name) for name in ("agent", "broker", "database")}
    told = clerks.told.acknowledged
    publish("kill-loop", cycles=CYCLES, acknowledged=told, lost=0, doubled=0, **figures)
