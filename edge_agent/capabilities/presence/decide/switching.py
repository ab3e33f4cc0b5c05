"""When somebody counts as being in another zone.

For each other zone the evidence R = max(0, R + dt (q - q_current)) is gathered, where q is its
probability: the time expected to have been lost by not having switched. The zone is switched when
R exceeds what a false switch costs. A belief that wavers gathers as much as it gives back.
"""

from typing import Final

import numpy as np

from edge_agent.capabilities.presence.decide.grid import Array, Indices
from edge_agent.capabilities.presence.decide.motion import TICK_S

SWITCH_S: Final = 1.0
"""Seconds of certainty that a switch takes of somebody who stands."""

HASTE_S: Final = 0.8
"""Less of that for somebody who surely walks."""


def switch(zone: Indices, evidence: Array, masses: Array, walking: Array) -> tuple[Indices, Array]:
    """Zones and evidence after one more tick.

    Args:
        zone: (tracks,) the zone of each; -1 where none was decided yet.
        evidence: (tracks, zones) seconds.
        masses: (tracks, zones) probabilities.
        walking: (tracks,) the probability of walking.
    """
    rows = np.arange(len(zone))
    new = zone < 0
    zone = np.where(new, masses.argmax(axis=1), zone)
    gained = evidence + np.float32(TICK_S) * (masses - masses[rows, zone][:, None])
    gained = np.maximum(gained, 0, dtype=np.float32)
    best = gained.argmax(axis=1)
    switched = gained[rows, best] > SWITCH_S - HASTE_S * walking
    gained[switched | new] = 0
    return np.where(switched, best, zone), gained
