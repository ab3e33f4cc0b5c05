"""The air between one beacon and one receiver: building, bodies, and what moves."""

import math
from collections.abc import Iterable
from random import Random

from simulators.world.bodies import Body
from simulators.world.plan import Point
from simulators.world.propagation import Propagation
from simulators.world.site import View

SHOULDER_M = 0.25
"""Half a person's width: a line that passes nearer goes through them."""

HEAD_M = 1.7
"""Where a person ends: the way up to a ceiling receiver soon passes above the others."""


class Path:
    """See the module. Has a memory: the slow part of the noise."""

    def __init__(self, view: View, weather: Propagation, random: Random) -> None:
        self.view = view
        self._weather = weather
        self._random = random
        self._stir = random.gauss(0.0, weather.stir_db)
        self._at = 0.0
        self._here: Point | None = None
        self._gains: dict[int, float] = {}

    def level(self, here: Point, channel: int, at: float) -> float:
        """How many dB above 1 m in the open a packet from `here` is, bodies left out."""
        if here != self._here:
            self._here, self._gains = here, self.view.gains(here)
        noise = self._random.gauss(0.0, self._weather.noise_db)
        return self._gains[channel] + self._stirring(at) + noise

    def misses(self, drowned: float) -> bool:
        """Whether this packet is lost although strong enough; `drowned` is interference's share."""
        return self._random.random() < 1 - (1 - self._weather.missed) * (1 - drowned)

    def shadow(self, here: Point, carrier: Body | None, others: Iterable[Body]) -> float:
        """How many dB bodies take away: the carrier's own by its heading, and those in the way."""
        lost = 0.0
        if carrier is not None:
            lost += self._weather.own_body_db * self._behind(here, carrier.heading)
        there, height = self.view.receiver.position, self.view.receiver.height_m
        rise = height - self._weather.beacon_m
        reach = min(1.0, (HEAD_M - self._weather.beacon_m) / rise) if rise > 0 else 1.0
        blocked = (here[0] + reach * (there[0] - here[0]), here[1] + reach * (there[1] - here[1]))
        for other in others:
            if other is not carrier and _near(here, blocked, other.position):
                lost += self._weather.bystander_db
        return lost

    def _behind(self, here: Point, heading: float) -> float:
        """0 when the receiver is before the carrier or overhead, 1 when it is right behind."""
        there = self.view.receiver.position
        flat = math.dist(here, there) / self.view.metres(here)
        direction = math.atan2(there[1] - here[1], there[0] - here[0])
        return min(1.0, flat) * (1 - math.cos(direction - heading)) / 2

    def _stirring(self, at: float) -> float:
        """An Ornstein-Uhlenbeck process, sampled at the adverts' moments."""
        keep = math.exp(-(at - self._at) / self._weather.stir_s)
        spread = self._weather.stir_db * math.sqrt(1 - keep * keep)
        self._stir = keep * self._stir + self._random.gauss(0.0, spread)
        self._at = at
        return self._stir


def _near(here: Point, there: Point, at: Point) -> bool:
    """Whether `at` lies less than `SHOULDER_M` beside the line, and not at its ends."""
    along, across = there[0] - here[0], there[1] - here[1]
    length = math.hypot(along, across)
    if length == 0:
        return False
    x, y = at[0] - here[0], at[1] - here[1]
    ahead = (x * along + y * across) / length
    aside = abs(x * across - y * along) / length
    return SHOULDER_M < ahead < length and aside < SHOULDER_M
