"""How strong an advert arrives: distance, walls, bodies, fading; and whether it arrives at all."""

import math
from dataclasses import dataclass
from random import Random

from simulators.world.paths import crosses
from simulators.world.plan import Point, Receiver, Wall


@dataclass(frozen=True, slots=True)
class Propagation:
    """The radio weather of a shop floor.

    Attributes:
        exponent: path loss per decade of distance is 10 times this; 2.0 in free space, 2.2 to 2.6
            on shop floors.
        wall_db: what a plasterboard or shelf wall takes; 3 to 5 dB at 2.4 GHz.
        height_m: of a ceiling receiver above a beacon in a pocket: nobody is nearer than this.
        shadow_db: spread of the slow part, bodies and shelves in the way; `data/ble_tetam` has
            2.2 to 4.6 dB by place.
        shadow_s: over which the slow part forgets itself; some steps at walking pace.
        fading_db: spread from one advert to the next (three channels, moving people).
        floor_dbm: below this a receiver hears nothing; good BLE radios reach -95 dBm.
        collisions: share of adverts lost although strong enough (air time of the others, the
            scanner changing channels).
    """

    exponent: float = 2.4
    wall_db: float = 3.0
    height_m: float = 1.5
    shadow_db: float = 2.5
    shadow_s: float = 4.0
    fading_db: float = 2.0
    floor_dbm: float = -94.0
    collisions: float = 0.08


class Path:
    """The air between one beacon and one receiver. Has a memory: the slow part of the noise."""

    def __init__(
        self, receiver: Receiver, walls: tuple[Wall, ...], weather: Propagation, random: Random
    ) -> None:
        self.receiver = receiver
        self._walls = walls
        self._weather = weather
        self._random = random
        self._shadow = random.gauss(0.0, weather.shadow_db)
        self._at = 0.0

    def carry(self, here: Point, power_1m: float, at: float) -> int | None:
        """The RSSI in dBm of an advert sent `here` at second `at`; None when it is lost."""
        weather = self._weather
        noise = self._shadowing(at) + self._random.gauss(0.0, weather.fading_db)
        strength = power_1m - self._loss(here) + noise
        lost = self._random.random() < weather.collisions
        if lost or strength < weather.floor_dbm:
            return None
        return min(-20, round(strength))

    def _loss(self, here: Point) -> float:
        there = self.receiver.position
        metres = math.hypot(math.dist(here, there), self._weather.height_m)
        between = sum(crosses(here, there, wall) for wall in self._walls)
        return 10 * self._weather.exponent * math.log10(metres) + between * self._weather.wall_db

    def _shadowing(self, at: float) -> float:
        """An Ornstein-Uhlenbeck process, sampled at the adverts' moments."""
        keep = math.exp(-(at - self._at) / self._weather.shadow_s)
        spread = self._weather.shadow_db * math.sqrt(1 - keep * keep)
        self._shadow = keep * self._shadow + self._random.gauss(0.0, spread)
        self._at = at
        return self._shadow
