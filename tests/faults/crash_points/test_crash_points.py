"""One SIGKILL at each named point, then at each two of one flow: nothing is lost or doubled."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults.conftest import Publish
from tests.faults.crash_points.dying import side_by_side
from tests.faults.crash_points.flows import Crash, pairs, singles
from tests.faults.crashing import find
from tests.faults.points import POINTS
from tests.faults.seeds import chance
from tests.faults.system.forked import Forked
from tests.faults.system.house import at_work, house
from tests.support.brokers import mosquitto_path

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(mosquitto_path() is None, reason="`make test` installs mosquitto"),
]

REPRESENTATIVE: Sequence[Crash] = (
    ("agent", "log.renumber.after"),
    ("agent", "storage.commit.before"),
    ("agent", "storage.untold"),
    ("agent", "dispatcher.batch.after"),
    ("agent", "mqtt.publish.after"),
    ("agent", "log.acknowledge.after"),
    ("agent", "inbox.command.undone"),
    ("hub", "hub.hello.answered"),
    ("hub", "hub.ingest.after"),
    ("hub", "hub.facts.committed"),
    ("hub", "hub.command.after"),
    ("hub", "hub.told.before"),
)
"""Around each COMMIT and each word to the other end."""

PAIRS_A_HOUSE = 20
"""Between two comparisons: the databases stay small, and a failure is soon found."""


async def test_a_crash_at_a_point_that_matters_loses_nothing_and_doubles_nothing(
    tmp_path: Path, seed: int
) -> None:
    random = chance(seed, "crash points")
    async with house(tmp_path, Forked) as one, at_work(one, random):
        await side_by_side(one, REPRESENTATIVE, random)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_a_crash_at_any_point_loses_nothing_and_doubles_nothing(
    tmp_path: Path, seed: int, publish: Publish
) -> None:
    random = chance(seed, "every crash point")
    for number, crash in enumerate(singles()):
        async with house(tmp_path / str(number), Forked) as one, at_work(one, random):
            await side_by_side(one, [crash], random)
    publish("crash-points", points=len(singles()), lost=0, doubled=0)


@pytest.mark.long
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("flow", ["epoch", "up", "down"])
async def test_two_crashes_on_one_way_lose_nothing_and_double_nothing(
    tmp_path: Path, seed: int, publish: Publish, flow: str
) -> None:
    random = chance(seed, "pairs", flow)
    chosen = list(pairs(flow))
    at_once = 1 if flow == "epoch" else PAIRS_A_HOUSE  # an epoch is granted once a house
    for start in range(0, len(chosen), at_once):
        async with house(tmp_path / str(start), Forked) as one, at_work(one, random):
            for pair in chosen[start : start + at_once]:
                await side_by_side(one, pair, random)
    publish(f"crash-pairs-{flow}", pairs=len(chosen), lost=0, doubled=0)


@pytest.mark.parametrize("name", POINTS)
def test_each_point_is_a_function_of_the_product(name: str) -> None:
    assert callable(find(POINTS[name])[2])
