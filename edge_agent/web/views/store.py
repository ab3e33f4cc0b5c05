"""The store itself, as the console draws it."""

from collections.abc import Mapping

from edge_agent.settings import Catalogue, Settings
from edge_agent.web.views.shapes import ArticleShape


def store_content(settings: Settings, catalogue: Catalogue) -> Mapping[str, object]:
    """The console's `store` value. The simulator's key is in it: consoles only."""
    simulator = settings.simulator
    return {
        "id": settings.store.id,
        "name": settings.store.name,
        "width_m": settings.floor.width_m,
        "height_m": settings.floor.height_m,
        "walls": settings.floor.walls,
        "zones": [
            {"id": one.id, "name": one.name, "kind": one.kind, "polygon": one.polygon}
            for one in settings.zones
        ],
        "receivers": [
            {"id": one.id, "kind": one.kind, "x": one.position[0], "y": one.position[1]}
            for one in settings.receivers
        ],
        "beacons": [
            {"id": one.id, "role": one.role, "x": one.position[0], "y": one.position[1]}
            for one in settings.beacons
            if one.position
        ],
        "mirrors": [
            {"id": one.id, "zone": one.zone, "x": one.position[0], "y": one.position[1]}
            for one in settings.mirrors
        ],
        "lockers": [
            {"id": one.id, "x": one.position[0], "y": one.position[1]} for one in settings.lockers
        ],
        "articles": articles(catalogue),
        "simulator": simulator
        and {"url": simulator.url, "key": simulator.key_file.read_text("utf-8").strip()},
    }


def articles(catalogue: Catalogue) -> list[ArticleShape]:
    """The catalogue, for pages."""
    return [
        ArticleShape(
            gtin=one.gtin,
            name=one.name,
            style=one.style,
            size=one.size,
            colour=one.colour,
            price=one.price,
            currency=catalogue.currency,
            zone=one.zone,
        )
        for one in catalogue.articles
    ]
