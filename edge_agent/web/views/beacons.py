"""The store's own beacons as pages show them."""

from edge_agent.capabilities.beacons.decide.references import LEARNED_S
from edge_agent.capabilities.beacons.model import Link, Place, Status
from edge_agent.web.views.shapes import BeaconShape, HeardShape, PlaceShape


def beacon_shape(status: Status) -> BeaconShape:
    """A beacon, for console and staff."""
    reading = status.reading
    return BeaconShape(
        id=status.beacon.id,
        role=status.beacon.role.value,
        heard_s=None if status.heard_s is None else round(status.heard_s),
        gone=status.gone,
        heard=[_heard(receiver, link) for receiver, link in sorted(status.links.items())],
        battery_low=status.battery_low,
        battery_v=reading.battery_v,
        battery_percent=reading.battery_percent,
        temperature_c=reading.temperature_c,
        humidity_percent=reading.humidity_percent,
        place=_place(status.place) if status.place else None,
    )


def _heard(receiver: str, link: Link) -> HeardShape:
    return HeardShape(
        receiver=receiver,
        level=round(link.level),
        usual=round(link.usual) if link.learned_s >= LEARNED_S else None,
        silent=link.silent_since is not None,
    )


def _place(place: Place) -> PlaceShape:
    return PlaceShape(
        x=round(place.x, 2),
        y=round(place.y, 2),
        zone=place.zone,
        confidence=round(place.confidence, 2),
    )
