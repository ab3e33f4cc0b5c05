"""How somebody in a shop moves: stands, or walks in one of eight directions.

A belief is a probability for each mode (standing first) and cell. Between two ticks people start
and stop, turn and go on; a direction that is kept is what tells a walk from noise, and it lets the
place be said ahead of the radio, whose averages lag behind.
"""

from typing import Final

import numpy as np

from edge_agent.capabilities.presence.decide.grid import Array, Grid

TICK_S: Final = 0.5
"""Between two updates: a walker makes half a metre in it, half a cell."""

HEADINGS: Final = 8
MODES: Final = 1 + HEADINGS

START: Final = 0.10
STOP: Final = 0.0125
"""Of those who stand, and who walk, per tick. Starting is assumed far more often than it happens:
that is what makes the belief follow a walk at once."""

TURN: Final = 0.25
"""Of those who walk, per tick, to one of the two directions beside."""

STANDING_SPREAD_M: Final = 0.2
STRIDE_M: Final = 0.3
WALKING_SPREAD_M: Final = 0.45
"""Per tick: 0.6 m/s while looking at shelves, and up to 1.5 m/s by the spread."""

LAG_S: Final = 1.0
"""How far the averages of the radio are behind a walker: packets fade with 1.2 s, and what is said
holds for half a second. On walks .5 to 1.2 s hardly differ; 1 s has the least error."""

AHEAD_SPREAD_M: Final = 0.35
"""A shift by less than a cell needs some spread to have an effect at all."""

ELSEWHERE: Final = 0.001
"""Of the belief that is spread over the whole floor at each tick, so that it can always recover."""


class Motion:
    """The movement over one grid, as products with small matrices (shifts along x and along y)."""

    def __init__(self, grid: Grid) -> None:
        self._shape = (grid.rows, grid.columns)
        self._changes = _changes()
        angles = np.arange(HEADINGS) * 2 * np.pi / HEADINGS
        strides = STRIDE_M * np.array([[0, 0], *np.stack([np.cos(angles), np.sin(angles)], 1)])
        spreads = [STANDING_SPREAD_M] + [WALKING_SPREAD_M] * HEADINGS
        self._columns = [
            _shift(grid.columns, grid.width_m, stride[0], spread).T.copy()
            for stride, spread in zip(strides, spreads, strict=True)
        ]
        self._rows = [
            _shift(grid.rows, grid.height_m, stride[1], spread)
            for stride, spread in zip(strides, spreads, strict=True)
        ]
        self._ahead = [
            (
                _stopped(_shift(grid.rows, grid.height_m, lead[1], AHEAD_SPREAD_M)),
                _stopped(_shift(grid.columns, grid.width_m, lead[0], AHEAD_SPREAD_M)),
            )
            for lead in strides[1:] * (LAG_S / TICK_S)
        ]

    def step(self, belief: Array) -> Array:
        """The belief (modes, tracks, rows, columns) one tick later, not made to sum to 1."""
        after = (self._changes @ belief.reshape(MODES, -1)).reshape(belief.shape)
        for mode in range(MODES):
            np.matmul(self._rows[mode], after[mode] @ self._columns[mode], out=after[mode])
        after += np.float32(ELSEWHERE / (MODES * belief[0, 0].size))
        return after

    def ahead(self, readings: Array) -> Array:
        """What to multiply walkers' beliefs with to read them `LAG_S` later.

        Args:
            readings: (cells, n) what each cell means to a reader, such as its share in a zone.

        Returns:
            (headings, cells, n): each cell as its walkers' next place.
        """
        whole = readings.reshape(self._shape[0], self._shape[1], -1)
        moved = [np.einsum("yv,xu,yxn->vun", *shift, whole) for shift in self._ahead]
        return np.stack(moved).reshape(HEADINGS, *readings.shape).astype(np.float32)


def _changes() -> Array:
    """(to, from): who starts, stops and turns; a part of all gets lost, to be spread elsewhere."""
    changes = np.zeros((MODES, MODES))
    changes[0, 0], changes[1:, 0] = 1 - START, START / HEADINGS
    changes[0, 1:] = STOP
    kept = np.eye(HEADINGS)
    beside = np.roll(kept, 1, axis=0) + np.roll(kept, -1, axis=0)
    changes[1:, 1:] = (1 - STOP) * ((1 - TURN) * kept + TURN / 2 * beside)
    return np.asarray((1 - ELSEWHERE) * changes, np.float32)


def _shift(count: int, side_m: float, shift_m: float, spread_m: float) -> Array:
    """(to, from): a bell around the shift. What would be behind a wall is lost.

    So a belief that walks into a wall loses to one that stands in front of it; kept on this side,
    it would pile up there.
    """
    steps = np.arange(-count, count + 1)
    bell = np.exp(-0.5 * ((steps * side_m - shift_m) / spread_m) ** 2)
    to, origin = np.arange(count)[:, None], np.arange(count)[None]
    return np.asarray((bell / bell.sum())[to - origin + count], np.float32)


def _stopped(shift: Array) -> Array:
    """The shift of those who stop at a wall: nothing is lost."""
    return np.asarray(shift / shift.sum(axis=0), np.float32)
