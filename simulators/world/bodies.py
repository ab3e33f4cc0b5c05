"""Somebody on the floor: where they are, where they go, how fast."""

import math
from random import Random

from simulators.world.paths import Ways
from simulators.world.plan import Point, Zone

STROLL_MPS = 1.2
"""A shopper's pace; walking speed in shops is 1.0 to 1.4 m/s."""

HURRY_MPS = 3.0
"""The pace when somebody is sent by hand: whoever drags a person will not wait for a stroll."""


class Body:
    """One person's place and way; moves only in `advance`.

    Attributes:
        position: in metres.
        heading: the direction they face, radians from the x axis towards y; kept while standing.
    """

    def __init__(self, ways: Ways, position: Point, *, pace: float = STROLL_MPS) -> None:
        self._ways = ways
        self._corners: list[Point] = []
        self._pace = pace
        self._speed = pace
        self.position = ways.reachable(position)
        self.heading = 0.0

    @property
    def walking(self) -> bool:
        """Whether there is still a way to go."""
        return bool(self._corners)

    def walk(self, to: Point, *, speed: float | None = None) -> None:
        """Set out for the free place nearest to `to`; `speed` in m/s, else the own pace."""
        self._speed = self._pace if speed is None else speed
        self._corners = self._ways.between(self.position, to)

    def stop(self) -> None:
        """Stand still here."""
        self._corners = []

    def advance(self, seconds: float) -> None:
        """Walk on for `seconds`."""
        left = self._speed * seconds
        while self._corners and left > 0:
            corner = self._corners[0]
            distance = math.dist(self.position, corner)
            if distance > 0:
                self.heading = math.atan2(
                    corner[1] - self.position[1], corner[0] - self.position[0]
                )
            if distance <= left:
                self.position = corner
                left -= distance
                del self._corners[0]
            else:
                share = left / distance
                x, y = self.position
                self.position = (x + share * (corner[0] - x), y + share * (corner[1] - y))
                left = 0.0


def somewhere_in(zone: Zone, random: Random, *, margin_m: float = 1.0) -> Point:
    """A place in `zone`, `margin_m` from its edges where it is large enough.

    Near an edge nobody, and no receiver, can say in which zone a person is.
    """
    left, top, right, bottom = zone.box
    for _ in range(100):
        place = (
            _between(random, left + margin_m, right - margin_m),
            _between(random, top + margin_m, bottom - margin_m),
        )
        if zone.contains(place):
            return place
    return zone.centre


def _between(random: Random, low: float, high: float) -> float:
    return random.uniform(low, high) if low < high else (low + high) / 2
