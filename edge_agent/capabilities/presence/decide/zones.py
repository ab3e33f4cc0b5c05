"""Where zones lie."""

from collections.abc import Sequence

from edge_agent.capabilities.presence.model import Point, Zone


def zone_at(zones: Sequence[Zone], point: Point) -> str | None:
    """The first zone that contains `point`; None outside all."""
    return next((zone.id for zone in zones if contains(zone.polygon, point)), None)


def contains(polygon: Sequence[Point], point: Point) -> bool:
    """Whether a ray to the right of `point` leaves the polygon an odd number of times."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside
