"""The floor cut into cells, and how much of each cell lies in which zone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from edge_agent.capabilities.presence.model import Floor, Point, Zone

Array = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

CELL_M: Final = 1.0
"""A tenth of what one receiver resolves at 10 m; half of it would cost four times the time."""

MOST_CELLS: Final = 800
"""A larger floor gets larger cells, so that a track's tick costs what it costs in a small store:
radio that hangs 10 m apart cannot tell metres apart anyway."""

PROBES: Final = 5
"""A cell's share in a zone is counted on this many times this many points of the cell."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Cells in rows from the floor's top left corner.

    Attributes:
        columns, rows: how many.
        width_m, height_m: of one cell.
        centres: (rows * columns, 2) metres.
        zones: ids; the last one, None, is the floor outside all zones.
        shares: (cells, zones): the part of each cell's area that lies in each zone; rows sum to 1.
    """

    columns: int
    rows: int
    width_m: float
    height_m: float
    centres: Array
    zones: tuple[str | None, ...]
    shares: Array


def grid_of(floor: Floor) -> Grid:
    """Cut a floor into cells of about `CELL_M`, or larger ones on a large floor."""
    side = max(CELL_M, math.sqrt(floor.width_m * floor.height_m / MOST_CELLS))
    columns, rows = max(1, round(floor.width_m / side)), max(1, round(floor.height_m / side))
    wide, high = floor.width_m / columns, floor.height_m / rows
    centres = np.array(
        [((c + 0.5) * wide, (r + 0.5) * high) for r in range(rows) for c in range(columns)],
        np.float32,
    )
    offsets = [((i + 0.5) / PROBES - 0.5) for i in range(PROBES)]
    shares = np.zeros((len(centres), len(floor.zones) + 1), np.float32)
    for dx in offsets:
        for dy in offsets:
            probes = centres + np.array([dx * wide, dy * high], np.float32)
            shares[np.arange(len(centres)), _zones_at(floor.zones, probes)] += 1 / PROBES**2
    zones = (*(zone.id for zone in floor.zones), None)
    return Grid(columns, rows, wide, high, centres, zones, shares)


def _zones_at(zones: Sequence[Zone], points: Array) -> Indices:
    """Index of the first zone that contains each point; `len(zones)` outside all."""
    found = np.full(len(points), len(zones), np.intp)
    for index in reversed(range(len(zones))):
        found[_inside(zones[index].polygon, points)] = index
    return found


def _inside(polygon: Sequence[Point], points: Array) -> Flags:
    """Whether a ray to the right of each point leaves the polygon an odd number of times."""
    x, y = points[:, 0], points[:, 1]
    inside = np.zeros(len(points), np.bool_)
    for (x1, y1), (x2, y2) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if y1 == y2:
            continue
        crosses = ((y1 > y) != (y2 > y)) & (x < x1 + (y - y1) * (x2 - x1) / (y2 - y1))
        inside ^= crosses
    return inside
