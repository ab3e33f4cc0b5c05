"""Where on the floor time is spent, hour by hour, of at least k people.

Seconds per cell, of the last day, in memory only. Of each cell it is kept which marks
(`decide.counts`) it was visited by until there are k; a cell with fewer says nothing.
"""

import math
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from edge_agent.capabilities.presence.model import Point

CELL_M: Final = 1.0
"""What the estimator resolves (docs/accuracy.md); smaller cells would show noise."""

MOST_CELLS: Final = 10_000
"""A larger floor gets larger cells: a day then takes a megabyte."""

HOURS: Final = 24
"""Kept; yesterday's same hour is the oldest to compare with."""


@dataclass(frozen=True, slots=True)
class HeatHour:
    """One hour.

    Attributes:
        since: its begin, UTC.
        seconds: shopper-seconds by row and column; NaN where fewer than k people were.
    """

    since: datetime
    seconds: npt.NDArray[np.float32]


class Heat:
    """The heat map of one floor.

    Attributes:
        cell_m: side of a cell.
        columns: along x.
        rows: along y.
        at_least: k.
    """

    def __init__(self, width_m: float, height_m: float, *, at_least: int, since: datetime) -> None:
        self.cell_m = max(CELL_M, math.sqrt(width_m * height_m / MOST_CELLS))
        self.columns = max(1, math.ceil(width_m / self.cell_m))
        self.rows = max(1, math.ceil(height_m / self.cell_m))
        self.at_least = at_least
        self._past: deque[HeatHour] = deque(maxlen=HOURS - 1)
        self._begin(since)

    def _begin(self, since: datetime) -> None:
        self._since = since
        self._seconds = np.zeros((self.rows, self.columns), dtype=np.float32)
        self._full = np.zeros((self.rows, self.columns), dtype=bool)
        self._marks: dict[tuple[int, int], set[bytes]] = {}

    def add(self, at: Point, seconds: float, who: bytes) -> None:
        """Somebody, by mark, was at `at` for so long."""
        row = min(self.rows - 1, max(0, int(at[1] / self.cell_m)))
        column = min(self.columns - 1, max(0, int(at[0] / self.cell_m)))
        self._seconds[row, column] += seconds
        if self._full[row, column]:
            return
        marks = self._marks.setdefault((row, column), set())
        marks.add(who)
        if len(marks) >= self.at_least:
            self._full[row, column] = True
            del self._marks[row, column]

    def forget(self, who: bytes) -> None:
        """Take somebody's marks back where they could still point at them."""
        for marks in self._marks.values():
            marks.discard(who)

    def turn(self, since: datetime) -> None:
        """Begin another hour; of the one before, the marks go."""
        self._past.append(self._now())
        self._begin(since)

    def hours(self, most: int) -> list[HeatHour]:
        """The last hours, the present one first."""
        return [self._now(), *reversed(self._past)][:most]

    def _now(self) -> HeatHour:
        shown = np.where(self._full, self._seconds, np.float32(np.nan))
        return HeatHour(self._since, shown)
