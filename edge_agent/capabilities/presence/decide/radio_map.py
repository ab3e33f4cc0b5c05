"""Where a beacon is that several receivers hear: least squares over a grid of cells.

For each cell and receiver the log-distance model says which RSSI is expected. What a receiver
measures differs from it by the place (shelves, bodies: `PLACE_DB`) and by the packet
(`PACKET_DB`); how strong the beacon really sends is known only roughly (`BEACON_DB`), the same
for all receivers, and is fitted with the place. A receiver that is a few dB deaf is within
`PLACE_DB`.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from edge_agent.capabilities.presence.model import Estimate, Floor, Point, Zone

CELL_M: Final = 1.0
"""A tenth of what one receiver resolves at 10 m; half of it would cost four times the time."""

MOST_CELLS: Final = 800
"""A larger floor gets larger cells, so that a beacon's update stays near a millisecond: measured
0.7 ms with 336 cells and six receivers, 1.4 ms with 800 and eight, on a shared test machine."""

HEIGHT_M: Final = 1.5
"""From a beacon in a pocket up to a ceiling: nobody is nearer to a receiver than this."""

PLACE_DB: Final = 4.0
"""Between the model and a place: 2.2 to 4.6 dB in data/ble_tetam."""

PACKET_DB: Final = 5.0
"""From one packet to the next: three channels, people walking."""

BEACON_DB: Final = 5.0
"""What a pocket, a battery and a maker's calibration make of the stated power."""

USUAL_POWER_DBM: Final = -59.0
"""At 1 m, of a beacon that states none: what most makers write into an iBeacon."""


class RadioMap:
    """The expected levels of one floor; made once, read only."""

    def __init__(self, floor: Floor, exponent: float) -> None:
        self._cells = _cells(floor)
        self._zones = [zone_at(floor.zones, cell) for cell in self._cells]
        self._expected = {
            receiver.id: [
                -10
                * exponent
                * math.log10(math.hypot(math.dist(cell, receiver.position), HEIGHT_M))
                for cell in self._cells
            ]
            for receiver in floor.receivers
        }

    def locate(self, levels: Mapping[str, tuple[float, float]], power: float) -> Estimate | None:
        """Where a beacon is, of which each receiver has heard a level (dBm, weight).

        Args:
            levels: by receiver; one that is not on the floor is passed over.
            power: dBm at 1 m, as the beacon states it.

        Returns:
            None when no receiver of the floor has heard it.
        """
        sums = squares = [0.0] * len(self._cells)
        total = 1 / BEACON_DB**2
        for receiver, (level, packets) in levels.items():
            expected = self._expected.get(receiver)
            if expected is None:
                continue
            weight = 1 / (PLACE_DB**2 + PACKET_DB**2 / packets)
            total += weight
            base = level - power
            misses = [base - loss for loss in expected]
            sums = [was + weight * miss for was, miss in zip(sums, misses, strict=True)]
            squares = [
                was + weight * miss * miss for was, miss in zip(squares, misses, strict=True)
            ]
        if total == 1 / BEACON_DB**2:
            return None
        return self._summary([b - a * a / total for a, b in zip(sums, squares, strict=True)])

    def _summary(self, costs: Sequence[float]) -> Estimate:
        """Mean place and mass by zone of the cells, each weighed with exp(-cost / 2)."""
        least = min(costs)
        weights = [math.exp((least - cost) / 2) for cost in costs]
        total = sum(weights)
        x = sum(w * cell[0] for w, cell in zip(weights, self._cells, strict=True)) / total
        y = sum(w * cell[1] for w, cell in zip(weights, self._cells, strict=True)) / total
        masses: dict[str | None, float] = {}
        for weight, zone in zip(weights, self._zones, strict=True):
            masses[zone] = masses.get(zone, 0.0) + weight / total
        return Estimate((x, y), masses)


def zone_at(zones: Sequence[Zone], point: Point) -> str | None:
    """The first zone that contains `point`; None outside all."""
    return next((zone.id for zone in zones if _contains(zone.polygon, point)), None)


def _cells(floor: Floor) -> list[Point]:
    side = max(CELL_M, math.sqrt(floor.width_m * floor.height_m / MOST_CELLS))
    columns, rows = max(1, round(floor.width_m / side)), max(1, round(floor.height_m / side))
    return [
        ((column + 0.5) * floor.width_m / columns, (row + 0.5) * floor.height_m / rows)
        for row in range(rows)
        for column in range(columns)
    ]


def _contains(polygon: Sequence[Point], point: Point) -> bool:
    """Whether a ray to the right of `point` leaves the polygon an odd number of times."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside
