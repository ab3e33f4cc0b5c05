"""What a building does to a wave: the same for everybody who stands at a place.

It is drawn from the seed of the site and stays, so that a survey of the site is worth something.
"""

import cmath
import math
from random import Random

from simulators.world.chance import seeded
from simulators.world.paths import crosses
from simulators.world.plan import FloorPlan, Point, Receiver
from simulators.world.propagation import Propagation

CHANNELS = {37: 2.402e9, 38: 2.426e9, 39: 2.480e9}
"""The advertising channels and their centres in Hz (Core 5.4, vol 6 part B, 1.4.1)."""

ECHOES = 8
"""Reflected waves; from six on their sum is as good as Rayleigh's."""

SHADOWS = 32
"""Ripples that a shadow field is the sum of; fewer would repeat themselves across a shop."""

NEAREST_M = 0.5
"""Below, a dipole's near field begins and no law of distance holds."""

_LIGHT_MPS = 2.998e8


class Site:
    """The building, as each of its receivers sees the floor."""

    def __init__(self, plan: FloorPlan, weather: Propagation, seed: int) -> None:
        self.views = {
            receiver.id: View(plan, receiver, weather, seeded(seed, "site", receiver.id))
            for receiver in plan.receivers
        }


class View:
    """One receiver's view of the floor."""

    def __init__(
        self, plan: FloorPlan, receiver: Receiver, weather: Propagation, random: Random
    ) -> None:
        self.receiver = receiver
        self._walls = plan.walls
        self._weather = weather
        self._ripples = [_ripple(random, weather.shadow_m) for _ in range(SHADOWS)]
        self._echoes = [_echo(random, weather.delay_s) for _ in range(ECHOES)]

    def metres(self, here: Point) -> float:
        """From a beacon at `here` to the receiver, height included."""
        height = self.receiver.height_m - self._weather.beacon_m
        return max(NEAREST_M, math.hypot(math.dist(here, self.receiver.position), height))

    def gains(self, here: Point) -> dict[int, float]:
        """By channel: dB above (mostly below) what arrives at 1 m in the open."""
        metres = self.metres(here)
        between = sum(crosses(here, self.receiver.position, wall) for wall in self._walls)
        level = (
            self._shadow(here)
            - 10 * self._weather.exponent * math.log10(metres)
            - between * self._weather.wall_db
        )
        return {number: level + self._fading(here, metres, hz) for number, hz in CHANNELS.items()}

    def _shadow(self, here: Point) -> float:
        """A Gaussian field: the sum of plane ripples whose lengths give exp(-distance/length)."""
        x, y = here
        ripples = sum(
            math.cos(across * x + down * y + phase) for across, down, phase in self._ripples
        )
        return self._weather.shadow_db * math.sqrt(2 / SHADOWS) * ripples

    def _fading(self, here: Point, metres: float, hz: float) -> float:
        """The direct wave and its echoes, added by phase."""
        x, y = here
        turn = 2 * math.pi * hz
        direct = self._weather.echoes
        total = math.sqrt(direct) * cmath.exp(1j * turn * metres / _LIGHT_MPS)
        for across, down, delay in self._echoes:
            path = (across * x + down * y) / _LIGHT_MPS + delay
            total += cmath.exp(1j * turn * path) / math.sqrt(ECHOES)
        return 20 * math.log10(abs(total) / math.sqrt(direct + 1) + 1e-3)


def _ripple(random: Random, length_m: float) -> tuple[float, float, float]:
    """A wave vector (radians per metre) and a phase; the spectrum of an exponential covariance.

    In two dimensions its density is (1 + k²L²)^-3/2, whose distribution function is inverted here.
    """
    number = math.sqrt((1 - random.random()) ** -2 - 1) / length_m
    heading = random.uniform(0, 2 * math.pi)
    return number * math.cos(heading), number * math.sin(heading), random.uniform(0, 2 * math.pi)


def _echo(random: Random, delay_s: float) -> tuple[float, float, float]:
    """Where a reflected wave goes, and its delay in seconds."""
    heading = random.uniform(0, 2 * math.pi)
    return math.cos(heading), math.sin(heading), random.expovariate(1 / delay_s)
