"""A radio map from a survey: where somebody stood, and what each receiver heard there.

Per receiver, a straight line in the logarithm of the distance is fitted, and what the line does
not explain is interpolated by a Gaussian process: places near a surveyed point take over its
deviation, places far from all fall back to the line, and the process says how sure it is.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from edge_agent.capabilities.presence.decide.expectations import (
    USUAL_POWER_DBM,
    Expectations,
    by_geometry,
    log_distances,
)
from edge_agent.capabilities.presence.decide.grid import Array
from edge_agent.capabilities.presence.model import Floor

Doubles = npt.NDArray[np.float64]

BELIEVED_DBM: Final = (-120.0, 0.0)
"""Exclusive. Outside, no radio measured it: +42, +29 and 127 occur in the field."""

LEAST_POINTS: Final = 5
"""A receiver heard at fewer places of the survey gets no map: a line and a process through four
points say nothing about the rest of the floor, and no more when one of them was stood on twice."""

LENGTHS_M: Final = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 9.0)
PLACES_DB: Final = (1.0, 2.0, 3.0, 4.0, 6.0)
SPOTS_DB: Final = (0.5, 1.0, 1.5, 2.0, 3.0)
"""Tried for the process: how far a deviation reaches, how large it is, and how much of it is of
one spot only (multipath, a hand's breadth). The likeliest triple is taken."""

UNHEARD_DBM: Final = -120.0
UNHEARD_VARIANCE: Final = 1e6
"""dBm and dB^2 for a receiver without a map: it is counted on nowhere, and what it hears says
nothing."""


class SurveyPoint(NamedTuple):
    """What one receiver heard while somebody stood at a point with a beacon; metres, dBm."""

    x: float
    y: float
    receiver: str
    rssi: Sequence[float]


@dataclass(frozen=True, slots=True)
class Field:
    """How a receiver's deviations spread over the floor (Matern 3/2)."""

    length_m: float
    place_db: float
    spot_db: float


def power_mean(rssi: Sequence[float] | Doubles) -> float | None:
    """Mean in milliwatts, as dBm, of the values that a radio can have measured; None of none.

    Not the mean of dB: three advertising channels fade apart from each other, and a body in the
    way takes dB off many packets; the strong ones tell the distance.
    """
    values = np.asarray(rssi, np.float64)
    values = values[(values > BELIEVED_DBM[0]) & (values < BELIEVED_DBM[1])]
    return float(10 * np.log10(np.mean(10 ** (values / 10)))) if len(values) else None


def is_enough(floor: Floor, survey: Sequence[SurveyPoint]) -> bool:
    """Whether at least two of the floor's receivers get a map; geometry is better than less."""
    places = {(p.receiver, p.x, p.y) for p in survey if power_mean(p.rssi) is not None}
    heard = Counter(receiver for receiver, _, _ in places)
    return sum(heard[receiver.id] >= LEAST_POINTS for receiver in floor.receivers) > 1


def by_survey(
    floor: Floor, points: Array, survey: Sequence[SurveyPoint], *, exponent: float
) -> Expectations:
    """Expectations from a survey; receivers that are not in it say nothing.

    What phones report of fixed beacons nobody can survey: it is geometry's.
    """
    geometry = by_geometry(floor, points, exponent=exponent)
    mean = np.full_like(geometry.mean, UNHEARD_DBM)
    variance = np.full_like(mean, UNHEARD_VARIANCE)
    far = log_distances(floor, points)
    for index, receiver in enumerate(floor.receivers):
        if receiver.by_phone:
            mean[index] = USUAL_POWER_DBM + geometry.mean[index]
            variance[index] = geometry.variance[index] + geometry.common_variance
            continue
        heard = [(p.x, p.y, power_mean(p.rssi)) for p in survey if p.receiver == receiver.id]
        known = np.array([row for row in heard if row[2] is not None], np.float64).reshape(-1, 3)
        if len({(x, y) for x, y, _ in known}) < LEAST_POINTS:
            continue
        spots = known[:, :2].astype(np.float32)
        near = log_distances(floor, spots)[index]
        mean[index], variance[index] = _interpolate(
            spots, near, known[:, 2] + receiver.offset_db, points, far[index]
        )
    return Expectations(mean, variance, 0.0, relative=False)


def _interpolate(
    spots: Array, near: Doubles, heard: Doubles, points: Array, far: Doubles
) -> tuple[Doubles, Doubles]:
    """Mean and variance at `points` of what was `heard` at `spots`.

    `near` and `far` are log10 of the distances of the spots and of the points from the receiver.
    """
    line = np.polynomial.Polynomial.fit(near, heard, 1)
    left = heard - line(near)
    field = _likeliest(spots, left)
    apart = _matern(_distances(spots, spots), field.length_m) * field.place_db**2
    inverse = np.linalg.inv(apart + field.spot_db**2 * np.eye(len(spots)))
    reach = _matern(_distances(points, spots), field.length_m) * field.place_db**2
    known = np.einsum("pi,ij,pj->p", reach, inverse, reach)
    mean = line(far) + reach @ (inverse @ left)
    return mean, field.place_db**2 + field.spot_db**2 - known


def _likeliest(spots: Array, left: Doubles) -> Field:
    """The field under which the deviations `left` are likeliest.

    With the eigenvalues e of the correlation and the deviations z along its eigenvectors, the
    variances are place^2 e + spot^2, and the log likelihood is a sum over them.
    """
    apart = _distances(spots, spots)
    best, found = -np.inf, Field(LENGTHS_M[0], PLACES_DB[0], SPOTS_DB[0])
    for length in LENGTHS_M:
        values, vectors = np.linalg.eigh(_matern(apart, length))
        along = (vectors.T @ left) ** 2
        for place, spot in product(PLACES_DB, SPOTS_DB):
            spread = np.maximum(values, 0.0) * place**2 + spot**2
            likelihood = -0.5 * float((along / spread + np.log(spread)).sum())
            if likelihood > best:
                best, found = likelihood, Field(length, place, spot)
    return found


def _distances(some: Array, others: Array) -> Doubles:
    return np.asarray(
        np.hypot(some[:, None, 0] - others[:, 0], some[:, None, 1] - others[:, 1]), np.float64
    )


def _matern(apart: Doubles, length: float) -> Doubles:
    scaled = np.sqrt(3) * apart / length
    return np.asarray((1 + scaled) * np.exp(-scaled))
