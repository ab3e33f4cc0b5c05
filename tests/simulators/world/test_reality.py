"""The simulated air beside the measured one: a copy of the room of `data/ble_tetam`.

`docs/concepts/simulated-radio.md` has the figures of both.
"""

import ast
import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simulators.world.plan import FloorPlan, Point, Receiver
from simulators.world.propagation import EMPTY_ROOM
from simulators.world.world import World

ROOM = Path(__file__).parents[4] / "shared" / "data" / "ble_tetam"
INTERVAL_S = 0.45
"""What the tag of the recording has, by the gaps between its adverts."""

SECONDS = 30.0
EVERY = 3
"""Of the 81 places, every third."""

Array = NDArray[Any]


@dataclass(frozen=True)
class Pair:
    """What one receiver hears of one place."""

    metres: float
    rate: float
    spread_db: float
    power_dbm: float


@pytest.fixture(scope="module")
def receivers() -> Sequence[Receiver]:
    if not ROOM.exists():
        pytest.skip("../shared/data/ble_tetam is not here")
    text = (ROOM / "tetam.dev").read_text().splitlines()[0].split(":", 1)[1].strip()
    devices = sorted((name, place) for place, _, name in ast.literal_eval(text).values())
    return [Receiver(name, "gateway", name, (x, y), z) for name, (x, y, z) in devices]


@pytest.fixture(scope="module")
def places() -> list[tuple[int, Point]]:
    with (ROOM / "set_1_points.csv").open() as file:
        rows = [
            (int(row["point"]), (float(row["x"]), float(row["y"]))) for row in csv.DictReader(file)
        ]
    return rows[::EVERY]


@pytest.fixture(scope="module")
def measured(receivers: Sequence[Receiver], places: list[tuple[int, Point]]) -> list[Pair]:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(ROOM / "set_1.parquet")
    point, at, receiver, rssi = (table[name].to_numpy() for name in ("point", "t_ms", "rx", "rssi"))
    return [
        pair(each, here, at[mine] / 1000, rssi[mine])
        for number, here in places
        for index, each in enumerate(receivers)
        for mine in [(point == number) & (receiver == index) & (rssi < 0) & (rssi > -120)]
    ]


@pytest.fixture(scope="module")
def simulated(receivers: Sequence[Receiver], places: list[tuple[int, Point]]) -> list[Pair]:
    plan = FloorPlan(20.66, 17.64, (), (), tuple(receivers), (), {})
    return [each for _, here in places for each in stay(plan, here)]


def stay(plan: FloorPlan, here: Point) -> Iterator[Pair]:
    """What the receivers of `plan` hear of a tag that stays `here` for half a minute."""
    world = World(plan, seed=1, weather=EMPTY_ROOM)
    world.transmit("tag", lambda _at: bytes(31), lambda: here, interval_s=INTERVAL_S)
    heard = world.step(SECONDS)
    for each in plan.receivers:
        mine = [one for one in heard if one.receiver == each.id]
        at = np.array([one.at for one in mine])
        yield pair(each, here, at, np.array([one.rssi for one in mine]))


def pair(receiver: Receiver, here: Point, at: Array, rssi: Array) -> Pair:
    """The distance is that of the estimators' own model of this room (`facts/beacons.md`, A)."""
    height = receiver.height_m - 1
    metres = math.sqrt(math.dist(here, receiver.position) ** 2 + height**2 + 0.5)
    level = rssi.astype(float)
    power = 10 * math.log10(np.mean(10 ** (level / 10)))
    return Pair(metres, len(at) / float(np.ptp(at)), float(level.std()), power)


def law(pairs: list[Pair]) -> tuple[float, float, float]:
    """Level at 1 m, path loss exponent, and how far places lie beside the law (dB)."""
    decades = np.log10([each.metres for each in pairs])
    power = np.array([each.power_dbm for each in pairs])
    slope, level = np.polyfit(decades, power, 1)
    return float(level), float(-slope / 10), float((power - level - slope * decades).std())


def test_as_many_adverts_get_through(measured: list[Pair], simulated: list[Pair]) -> None:
    rates = [float(np.median([each.rate for each in pairs])) for pairs in (measured, simulated)]
    assert rates[1] == pytest.approx(rates[0], rel=0.05)


def test_a_standing_tag_is_heard_as_steadily(measured: list[Pair], simulated: list[Pair]) -> None:
    """By quantile over all pairs of place and receiver: .85 to 7 dB, half of them below 2.9 dB."""
    for quantile in (0.25, 0.5, 0.75, 0.95):
        theirs, ours = (
            float(np.quantile([each.spread_db for each in pairs], quantile))
            for pairs in (measured, simulated)
        )
        assert ours == pytest.approx(theirs, rel=0.2), quantile


def test_level_falls_with_distance_and_places_differ_as_much(
    measured: list[Pair], simulated: list[Pair]
) -> None:
    level, exponent, beside = law(measured)
    our_level, our_exponent, our_beside = law(simulated)
    assert our_level == pytest.approx(level, abs=3.0)
    assert our_exponent == pytest.approx(exponent, abs=0.4)
    assert our_beside == pytest.approx(beside, rel=0.25)
