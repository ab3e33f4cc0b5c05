"""When a shopper counts as being in another zone.

The rule of method A (facts/beacons.md, "Decision"): for each other zone the evidence
R = max(0, R + dt (q - q_current)) is gathered, where q is its probability; the zone is switched
when R exceeds what a false switch costs. R is the expected time, in seconds, that was lost by not
having switched. An estimate that wavers gathers as much as it gives back.
"""

from collections.abc import Mapping
from typing import Final

SWITCH_S: Final = 1.0
"""Seconds of certainty that a switch takes; two for a probability of 3 to 1. Method A used 0.5 to
1 with a motion model; without one, less flaps at the borders."""

Zones = Mapping[str | None, float]


def follow(
    current: str | None, lead: Zones, masses: Zones, *, elapsed_s: float
) -> tuple[str | None, Zones]:
    """The zone after `elapsed_s` more seconds of `masses`, and the evidence for the others."""
    here = masses.get(current, 0.0)
    gathered: dict[str | None, float] = {}
    for zone in {*lead, *masses} - {current}:
        evidence = lead.get(zone, 0.0) + elapsed_s * (masses.get(zone, 0.0) - here)
        if evidence > 0:
            gathered[zone] = evidence
    best = max(gathered, key=lambda zone: (gathered[zone], str(zone)), default=current)
    if gathered.get(best, 0.0) > SWITCH_S:
        return best, {}
    return current, gathered
