"""How strong one receiver hears one beacon of late.

The power mean, not the mean of dB: a body in the way takes dB off many packets, and the strong
ones tell the distance. Old packets fade out by their age, so nothing is kept but two sums.
"""

import math
from dataclasses import dataclass
from typing import Final

FADE_S: Final = 1.2
"""Age at which a packet counts 1/e; as in method A (facts/beacons.md). The mean falls by 3.6 dB/s
after somebody walked away: at 2 s a zone 15 m on was found two seconds later, on the demo's floor.
"""

LEAST_WEIGHT: Final = 0.3
"""Below this a level says nothing (facts/beacons.md, method A): one packet fades out after 1.4 s,
which is also how a receiver that died is left out."""


@dataclass(slots=True)
class Level:
    """What one receiver heard of one beacon: sums of power and of weight, as of `at`."""

    power_mw: float = 0.0
    weight: float = 0.0
    at: float = -math.inf

    def hear(self, rssi: float, at: float) -> None:
        """Take in one packet; one that comes late counts by its age."""
        newest = max(self.at, at)
        kept, counts = math.exp((self.at - newest) / FADE_S), math.exp((at - newest) / FADE_S)
        self.power_mw = self.power_mw * kept + 10 ** (rssi / 10) * counts
        self.weight = self.weight * kept + counts
        self.at = newest

    def read(self, now: float) -> tuple[float, float] | None:
        """Power mean in dBm and its weight (about: packets); None when too old to say anything."""
        weight = self.weight * math.exp(-max(0.0, now - self.at) / FADE_S)
        if weight < LEAST_WEIGHT:
            return None
        return 10 * math.log10(self.power_mw / self.weight), weight
