"""Between store and broker stands a network that fails in each way that networks do."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from tests.faults.conftest import Publish
from tests.faults.network.proxy import Weather
from tests.faults.seeds import chance
from tests.faults.system.house import Door
from tests.faults.system.outpost import Outpost, mosquitto_outpost, outpost
from tests.faults.system.programs import Program
from tests.faults.system.waiting import until
from tests.support.brokers import BrokerProcess, broker_process, mosquitto_path
from tests.support.certificates import Authority

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(mosquitto_path() is None, reason="`make test` installs mosquitto"),
]

Storm = Callable[[Random], Weather]

STORMS: dict[str, Storm] = {
    "kick after CONNACK": lambda _: Weather(kicks=True),
    "resets in mid-message": lambda random: Weather(resets_after=lambda: random.randint(1, 3000)),
    "black hole": lambda _: Weather(swallows=True),
    "garbage": lambda _: Weather(garbles=True),
    "5 kB/s": lambda _: Weather(bytes_per_s=5000),
    "2 s latency": lambda _: Weather(latency_s=2),
}
"""What the network does, by name. The half-open line is the black hole seen from a connection that
stood before: the weather changes while it stands."""

MOST_GROWTH = 16 * 1024 * 1024
"""Bytes of memory that agent or hub may gain in a storm; a queue without a bound gains that in
seconds at full load."""


async def weathers(one: Outpost, name: str, random: Random, seconds: float) -> None:
    """Calm, then the storm for so long, then calm: facts must flow again without a hand."""
    one.proxy.weather = Weather()
    await one.gains(20)
    before = {each: program.memory for each, program in programs(one)}
    one.proxy.weather = STORMS[name](random)
    await asyncio.sleep(seconds)  # the storm's length, not a wait for a state
    one.proxy.weather = Weather()
    await one.gains(20)
    for each, program in programs(one):
        assert program.memory - before[each] < MOST_GROWTH, f"{each} grew in: {name}"


def programs(one: Outpost) -> list[tuple[str, Program]]:
    return [("station", one.station), ("hub", one.hub)]


async def test_a_store_recovers_from_a_bad_network_by_itself(tmp_path: Path, seed: int) -> None:
    random = chance(seed, "weather")
    async with mosquitto_outpost(tmp_path) as one:
        one.station.start()
        for name in ("kick after CONNACK", "resets in mid-message", "5 kB/s"):
            await weathers(one, name, random, 0.5)
        await one.settled()


STORM_S = 60.0
LOAD = {"pickup": 10, "coupon": 40, "stock": 200}


@pytest.mark.long
@pytest.mark.timeout(1500)
async def test_a_store_under_load_recovers_from_minutes_of_each_bad_network_over_tls(
    tmp_path: Path, seed: int, publish: Publish
) -> None:
    random, door = chance(seed, "long weather"), Door(authority := Authority(tmp_path / "ca"))
    with broker_process("mosquitto", tmp_path, door.settings) as broker:
        at = (door.port, authority.file)
        async with outpost(tmp_path, broker.port, rates=LOAD, tls=at) as one:
            one.station.start()
            for name in STORMS:
                await weathers(one, name, random, STORM_S)
            authority.server(not_after=datetime.now(UTC) - timedelta(hours=1))  # noqa: TID251 - X.509 knows the wall clock only
            await swapped(one, broker, still=True)
            authority.server()
            await swapped(one, broker, still=False)
            await one.settled(300)
            facts = len(one.told)
    publish("bad-networks", storms=len(STORMS) + 1, seconds=STORM_S, facts=facts, lost=0)


async def swapped(one: Outpost, broker: BrokerProcess, *, still: bool) -> None:
    """Have the broker take its new certificate; then facts flow, or stand still."""
    broker.kill()
    broker.start()
    if not still:
        await one.gains(20)
        return
    accepted, at_hub = one.proxy.accepted, one.at_hub()
    await until(lambda: one.proxy.accepted > accepted + 5, "the store tries again and again")
    assert one.at_hub() == at_hub
