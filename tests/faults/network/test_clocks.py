"""The agent's wall clock is wrong in each way that clocks of small boards are."""

from pathlib import Path

import pytest

from tests.faults.network.clocks import COMPILER, HOUR_S, YEAR_S, real_s, wall_clock
from tests.faults.seeds import chance
from tests.faults.system.house import House, at_work, house
from tests.faults.system.programs import Program
from tests.faults.system.waiting import until, until_async
from tests.support.brokers import mosquitto_path
from tests.support.certificates import Authority

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(mosquitto_path() is None, reason="`make test` installs mosquitto"),
    pytest.mark.skipif(COMPILER is None, reason="needs a C compiler: apt-get install gcc"),
]

JUMPS_S = (-HOUR_S, -10 * YEAR_S, 40 * YEAR_S)


def online(one: House[Program]) -> bool:
    """Whether the hub has granted the store an epoch."""
    return one.store_evidence().log.epoch > 0


async def test_whatever_the_clock_says_nothing_is_lost_and_tls_comes_up_once_it_is_right(
    tmp_path: Path, seed: int
) -> None:
    random, clock = chance(seed, "clock"), wall_clock(tmp_path)
    authority = Authority(tmp_path / "authority")
    async with house(tmp_path, Program, authority=authority) as one:
        one.agent.environment = clock.environment
        clock.at_1970()
        await one.start()
        async with at_work(one, random) as clerks:
            await until(lambda: len(clerks.told.sales) > 5, "it sells in 1970")
            assert not online(one), "TLS came up with a clock that no certificate fits"
            clock.ahead(0)
            await until(lambda: online(one), "TLS comes up with the clock")
            for seconds in JUMPS_S:
                clock.ahead(seconds)
                await more_sales(one, clerks.told.sales)
            clock.stand_at(real_s())
            await more_sales(one, clerks.told.sales)
            clock.ahead(0)


async def more_sales(one: House[Program], sales: dict[str, int]) -> None:
    """Wait until some were made, and the hub has facts of them."""
    so_far, at_hub = len(sales), len((await one.look()).facts)
    await until(lambda: len(sales) > so_far + 3, "it sells")

    async def arrived() -> bool:
        return len((await one.look()).facts) > at_hub + 3

    await until_async(arrived, "the hub hears of it")
