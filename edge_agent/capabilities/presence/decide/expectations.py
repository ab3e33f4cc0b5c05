"""What each receiver is expected to hear from each cell, and how far that may be off.

Without a survey, from geometry: a beacon's power at 1 m less the loss over the distance.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from edge_agent.capabilities.presence.decide.grid import Array
from edge_agent.capabilities.presence.model import Floor

USUAL_POWER_DBM: Final = -59.0
"""At 1 m, of a beacon that states none: what most makers write into an iBeacon."""

CARRIED_AT_M: Final = 1.0
"""Height of a beacon in a pocket or a hand."""

NEAREST_M2: Final = 0.5
"""Added to the square of a distance: a beacon is never nearer than 0.7 m to a receiver's antenna,
and the mean over a cell is not the level at its centre."""

PLACE_DB: Final = 4.0
"""Between geometry and a place: 3.1 to 4.8 dB by receiver in data/ble_tetam."""

BEACON_DB: Final = 5.0
"""What a pocket, a battery and a maker's calibration make of the stated power."""


@dataclass(frozen=True, slots=True, eq=False)
class Expectations:
    """A radio map.

    Attributes:
        mean: (receivers, cells) dBm; without a survey, relative to the beacon's power at 1 m.
        variance: (receivers, cells) dB^2 of the truth around it.
        common_variance: dB^2 of what all receivers hear too much or too little of one beacon.
        relative: whether the beacon's stated power is to be subtracted from what is heard.
    """

    mean: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64]
    common_variance: float
    relative: bool


def log_distances(floor: Floor, points: Array) -> npt.NDArray[np.float64]:
    """log10 of the metres from each receiver to a beacon carried at each point: (receivers, n)."""
    ears = np.array([(*r.position, r.height_m) for r in floor.receivers]).reshape(-1, 3)
    flat = ((ears[:, None, :2] - points[None].astype(np.float64)) ** 2).sum(axis=2)
    rise = (ears[:, 2] - CARRIED_AT_M) ** 2
    return np.asarray(np.log10(flat + rise[:, None] + NEAREST_M2) / 2)


def by_geometry(floor: Floor, points: Array, *, exponent: float) -> Expectations:
    """Expectations of a floor that nobody surveyed."""
    mean = -10 * exponent * log_distances(floor, points)
    return Expectations(mean, np.full_like(mean, PLACE_DB**2), BEACON_DB**2, relative=True)
