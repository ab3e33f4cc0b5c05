"""Where to stand, whether a recording is good, and what is still lacking. Pure."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

from edge_agent.capabilities.presence.decide.zones import contains
from edge_agent.survey.model import Area, Coverage, Ground, Recorded, Spot, Verdict

NEAR_M: Final = 6.0
"""A receiver this near hears a beacon in the hand through anything that stands in a shop; at 6 m
even 20 dB of shelf leave it 15 dB above what a radio can hear."""

LEAST_PACKETS: Final = 30
"""Of one spot, over all receivers: three advertising channels fade apart, and fewer than ten
packets of each say little about the mean."""

LEAST_RECEIVERS: Final = 3
"""Fewer circles than three do not meet in one place."""

HOLE_M: Final = 3.0
"""What one spot speaks for: levels of places further apart than some 2.5 m are only loosely
related (docs/decisions/0007-where.md)."""

LOOK_M: Final = 1.0
"""Between two places at which holes are looked for."""

ENOUGH_SPOTS: Final = 2
"""In one zone: a single spot may lie in a fade."""

APART_M: Final = 0.5
"""Nearer than this, two recordings are of one spot: fades are as wide as some wavelengths (12 cm).
"""


def suggested(ground: Ground, spacing_m: float) -> list[Spot]:
    """Spots on a grid, up one row and down the next, and at least one in each zone."""
    columns = max(1, round(ground.width_m / spacing_m))
    rows = max(1, round(ground.height_m / spacing_m))
    spots = [
        Spot(
            round((column + 0.5) * ground.width_m / columns, 2),
            round((row + 0.5) * ground.height_m / rows, 2),
        )
        for row in range(rows)
        for column in _there_and_back(columns, row)
    ]
    for area in ground.areas:
        if not any(contains(area.polygon, spot) for spot in spots):
            spots.append(_middle(area))
    return spots


def judged(recorded: Recorded, ground: Ground) -> Verdict:
    """Whether what was heard at a spot is enough."""
    packets = _packets(recorded)
    deaf = tuple(
        sorted(
            receiver
            for receiver, place in ground.receivers.items()
            if receiver not in recorded.rssi and math.dist(place, recorded.at) <= NEAR_M
        )
    )
    needed = min(LEAST_RECEIVERS, len(ground.receivers))
    good = packets >= LEAST_PACKETS and len(recorded.rssi) >= needed and not deaf
    return Verdict(packets, deaf, good)


def coverage(recorded: Sequence[Recorded], ground: Ground) -> Coverage:
    """What is still lacking after these spots; one where hardly anything was heard is none."""
    spots = _apart([one.at for one in recorded if _packets(one) >= LEAST_PACKETS])
    thin = {
        area.id: lack
        for area in ground.areas
        if (lack := ENOUGH_SPOTS - sum(contains(area.polygon, spot) for spot in spots)) > 0
    }
    holes = tuple(
        place
        for place in _lookouts(ground)
        if all(math.dist(place, spot) > HOLE_M for spot in spots)
    )
    heard = {receiver for one in recorded for receiver in one.rssi}
    return Coverage(thin, holes, tuple(sorted(ground.receivers.keys() - heard)))


def _packets(recorded: Recorded) -> int:
    return sum(len(values) for values in recorded.rssi.values())


def _apart(spots: Iterable[Spot]) -> list[Spot]:
    kept: list[Spot] = []
    for spot in spots:
        if all(math.dist(spot, other) >= APART_M for other in kept):
            kept.append(spot)
    return kept


def _there_and_back(columns: int, row: int) -> Iterable[int]:
    return range(columns) if row % 2 == 0 else reversed(range(columns))


def _lookouts(ground: Ground) -> Iterable[Spot]:
    for row in range(max(1, math.floor(ground.height_m / LOOK_M))):
        for column in range(max(1, math.floor(ground.width_m / LOOK_M))):
            place = Spot((column + 0.5) * LOOK_M, (row + 0.5) * LOOK_M)
            if any(contains(area.polygon, place) for area in ground.areas):
                yield place


def _middle(area: Area) -> Spot:
    """The mean of the corners: inside any zone that people draw, which have no deep bays."""
    count = len(area.polygon)
    return Spot(
        round(sum(corner.x for corner in area.polygon) / count, 2),
        round(sum(corner.y for corner in area.polygon) / count, 2),
    )
