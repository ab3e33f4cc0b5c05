"""The way from here to there around walls: A* on a half-metre grid, then pulled tight."""

import heapq
import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from simulators.world.plan import FloorPlan, Point, Wall

CELL_M = 0.5
"""Half a metre: half an aisle's narrowest gap in the demo's plan, and 1,344 cells for 24 x 14 m."""

CLEARANCE_M = 0.3
"""Half a person's width: nobody's centre comes closer to a wall or to the outer edge."""

Cell = tuple[int, int]


class Ways:
    """Shortest walks on one floor plan."""

    def __init__(self, plan: FloorPlan) -> None:
        self._walls = plan.walls
        self._columns = round(plan.width_m / CELL_M)
        self._rows = round(plan.height_m / CELL_M)
        self._free = frozenset(
            (column, row)
            for column in range(self._columns)
            for row in range(self._rows)
            if all(_distance(_centre((column, row)), wall) >= CLEARANCE_M for wall in plan.walls)
        )

    def between(self, start: Point, goal: Point) -> list[Point]:
        """The corners of a walk from `start` (left out) to the free place nearest to `goal`."""
        first, last = self._nearest(start), self._nearest(goal)
        end = goal if self._clear(_centre(last), goal) and self._roomy(goal) else _centre(last)
        cells = self._search(first, last)
        return self._tighten([start, *(_centre(cell) for cell in cells), end])

    def reachable(self, at: Point) -> Point:
        """`at`, or the nearest place where somebody can stand."""
        return at if self._roomy(at) else _centre(self._nearest(at))

    def _roomy(self, at: Point) -> bool:
        inside = 0 <= at[0] <= self._columns * CELL_M and 0 <= at[1] <= self._rows * CELL_M
        return inside and all(_distance(at, wall) >= CLEARANCE_M for wall in self._walls)

    def _nearest(self, at: Point) -> Cell:
        cell = (int(at[0] / CELL_M), int(at[1] / CELL_M))
        if cell in self._free:
            return cell
        return min(self._free, key=lambda free: math.dist(_centre(free), at))

    def _search(self, first: Cell, last: Cell) -> list[Cell]:
        came: dict[Cell, Cell] = {}
        cost = {first: 0.0}
        edge = [(math.dist(first, last), first)]
        while edge:
            _, cell = heapq.heappop(edge)
            if cell == last:
                return _trace(came, last)
            for neighbour, length in self._neighbours(cell):
                there = cost[cell] + length
                if there < cost.get(neighbour, math.inf):
                    cost[neighbour], came[neighbour] = there, cell
                    heapq.heappush(edge, (there + math.dist(neighbour, last), neighbour))
        return [first]

    def _neighbours(self, cell: Cell) -> Iterator[tuple[Cell, float]]:
        for across in (-1, 0, 1):
            for down in (-1, 0, 1):
                neighbour = (cell[0] + across, cell[1] + down)
                if neighbour != cell and neighbour in self._free and self._step(cell, neighbour):
                    yield neighbour, math.hypot(across, down)

    def _step(self, cell: Cell, neighbour: Cell) -> bool:
        return self._clear(_centre(cell), _centre(neighbour))

    def _tighten(self, corners: Sequence[Point]) -> list[Point]:
        tight = [corners[0]]
        for before, corner in pairwise(corners[1:]):
            if not self._clear(tight[-1], corner, CLEARANCE_M):
                tight.append(before)
        return [*tight[1:], corners[-1]]

    def _clear(self, here: Point, there: Point, clearance: float = 0.0) -> bool:
        return not any(
            crosses(here, there, wall) or _near(here, there, wall, clearance)
            for wall in self._walls
        )


def crosses(here: Point, there: Point, wall: Wall) -> bool:
    """Whether the straight line from `here` to `there` goes through `wall`."""
    a, b = (wall[0], wall[1]), (wall[2], wall[3])
    return (_turn(here, there, a) > 0) != (_turn(here, there, b) > 0) and (
        _turn(a, b, here) > 0
    ) != (_turn(a, b, there) > 0)


def _near(here: Point, there: Point, wall: Wall, clearance: float) -> bool:
    """Whether the line passes one of the wall's ends closer than `clearance`."""
    line = (*here, *there)
    ends = ((wall[0], wall[1]), (wall[2], wall[3]))
    return any(_distance(end, line) < clearance for end in ends)


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _distance(at: Point, wall: Wall) -> float:
    x1, y1, x2, y2 = wall
    squared = (x2 - x1) ** 2 + (y2 - y1) ** 2
    if squared == 0:
        return math.dist(at, (x1, y1))
    along = ((at[0] - x1) * (x2 - x1) + (at[1] - y1) * (y2 - y1)) / squared
    share = min(1.0, max(0.0, along))
    return math.dist(at, (x1 + share * (x2 - x1), y1 + share * (y2 - y1)))


def _centre(cell: Cell) -> Point:
    return (cell[0] + 0.5) * CELL_M, (cell[1] + 0.5) * CELL_M


def _trace(came: dict[Cell, Cell], last: Cell) -> list[Cell]:
    cells = [last]
    while cells[-1] in came:
        cells.append(came[cells[-1]])
    return cells[::-1]
