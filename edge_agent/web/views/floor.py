"""Who is believed to be where, and which zones can be told, as pages see it."""

from collections.abc import Mapping

from edge_agent.capabilities.presence.model import Seen
from edge_agent.web.views.shapes import BelievedShopper, ZoneSightShape


def floor_content(seen: Seen) -> Mapping[str, object]:
    """The console's `floor` value."""
    shoppers = [
        BelievedShopper(
            shopper=one.shopper,
            x=round(one.x, 2),
            y=round(one.y, 2),
            spread_m=round(one.spread_m, 2),
            zone=one.zone,
            confidence=round(one.confidence, 2),
            dwelled_s=round(one.dwelled_s, 1),
            heard_s=round(one.heard_s, 1),
        )
        for one in seen.shoppers
    ]
    return {"at": seen.at.wall, "shoppers": shoppers, "zones": zone_content(seen)}


def zone_content(seen: Seen) -> list[ZoneSightShape]:
    """Which zones can be told from their neighbours, in the order of the settings."""
    return [
        ZoneSightShape(
            id=one.zone, state="known" if one.known else "unknown", blind=list(one.blind)
        )
        for one in seen.zones
    ]
