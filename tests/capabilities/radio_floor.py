"""A made-up floor of three zones and six receivers, and what they hear of a beacon on it."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from edge_agent.capabilities.presence.decide.estimator import TICK_S, Estimator, SurveyPoint
from edge_agent.capabilities.presence.model import Estimate, Floor, Point, Receiver, Zone

EARS = {"a": (1, 1), "b": (6, 7), "c": (11, 1), "d": (13, 7), "e": (17, 1), "f": (17, 7)}
POWER_DBM = -59.0
LOSS = 2.4
PACKETS_PER_S = 4.0


class Heard(NamedTuple):
    receiver: str
    rssi: float
    at: float


def floor(ears: Iterable[str] = EARS, *, zones: int = 3) -> Floor:
    """18 x 8 m, cut across into zones of the same width."""
    wide = 18 / zones
    return Floor(
        18.0,
        8.0,
        tuple(
            Zone(
                f"z{i}",
                ((i * wide, 0), ((i + 1) * wide, 0), ((i + 1) * wide, 8), (i * wide, 8)),
                5.0,
            )
            for i in range(zones)
        ),
        tuple(Receiver(ear, EARS[ear]) for ear in ears),
    )


def rssi_at(place: Point, ear: str) -> float:
    flat = math.dist(place, EARS[ear])
    return POWER_DBM - 10 * LOSS * math.log10(math.hypot(flat, 1.5, 0.7))


def heard(
    place: Callable[[float], Point],
    seconds: float,
    *,
    ears: Sequence[str] = tuple(EARS),
    seed: int = 1,
    noise_db: float = 3.0,
) -> list[Heard]:
    """What the receivers hear of somebody who moves as `place` says, in time order."""
    rng = np.random.default_rng(seed)
    found = []
    for packet in range(int(seconds * PACKETS_PER_S)):
        at = (packet + rng.random()) / PACKETS_PER_S
        found += [
            Heard(ear, round(rssi_at(place(at), ear) + rng.normal(0, noise_db)), at) for ear in ears
        ]
    return sorted(found, key=lambda each: each.at)


def survey(ears: Sequence[str] = tuple(EARS)) -> list[SurveyPoint]:
    """Every 2 m, forty values per receiver."""
    rng = np.random.default_rng(7)
    return [
        SurveyPoint(x, y, ear, [rssi_at((x, y), ear) + rng.normal(0, 3) for _ in range(40)])
        for x in range(1, 18, 2)
        for y in range(1, 8, 2)
        for ear in ears
    ]


def follow(estimator: Estimator, sightings: Sequence[Heard], until: float) -> list[Estimate | None]:
    """The estimate of one track at each tick up to `until`, fed as time goes by."""
    track = estimator.track()
    waiting = iter([*sightings, Heard("", 0.0, math.inf)])
    upcoming = next(waiting)
    said = []
    for tick in range(1, int(until / TICK_S) + 1):
        while upcoming.at <= tick * TICK_S:
            track.hear(*upcoming)
            upcoming = next(waiting)
        said += estimator.step([track], tick * TICK_S)
    return said


def last(estimator: Estimator, sightings: Sequence[Heard], until: float) -> Estimate:
    """The last estimate, of somebody who is heard."""
    estimate = follow(estimator, sightings, until)[-1]
    assert estimate is not None
    return estimate
