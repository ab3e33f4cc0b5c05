"""Four workers share what the store sends; they are killed and added, messages come twice."""

import asyncio
from pathlib import Path

import pytest

from tests.faults.conftest import Publish
from tests.faults.network.echo import echo
from tests.faults.seeds import chance
from tests.faults.system.cluster import database
from tests.faults.system.forked import Forked
from tests.faults.system.house import at_work, house
from tests.support.brokers import mosquitto_path

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(mosquitto_path() is None, reason="`make test` installs mosquitto"),
]

WORKERS = 4
KILLS = 60


@pytest.mark.timeout(1200)
async def test_workers_are_killed_and_added_while_messages_are_doubled_and_shuffled(
    tmp_path: Path, seed: int, publish: Publish
) -> None:
    random = chance(seed, "workers")
    with database() as kept:
        async with house(tmp_path, Forked, database=kept, workers=WORKERS) as one:
            await one.start()
            async with at_work(one, random) as clerks:
                with echo(one.broker.port, random):
                    for _ in range(KILLS):
                        await asyncio.sleep(random.uniform(0, 1))  # the moment is the fault
                        worker = one.more[f"worker-{random.randint(1, WORKERS)}"]
                        worker.kill()
                        if random.random() < 0.5:
                            await asyncio.sleep(random.uniform(0, 1))
                        worker.start()
            told = clerks.told.acknowledged
    publish("workers", workers=WORKERS, kills=KILLS, acknowledged=told, lost=0, doubled=0)
