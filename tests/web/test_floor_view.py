"""What pages are told of the floor."""

import msgspec

from edge_agent.capabilities.presence.model import Position, Seen, ZoneSight
from edge_agent.web.views.floor import floor_content
from tests.capabilities.world import MORNING


def test_a_shopper_is_shown_with_how_sure_the_place_and_the_zone_are() -> None:
    anna = Position("anna", 3.123, 2.5, 0.987, "shoes", 0.9149, 4.04, 0.26)
    told = msgspec.to_builtins(floor_content(Seen(MORNING, (anna,))))
    assert told["shoppers"] == [
        {
            "shopper": "anna",
            "x": 3.12,
            "y": 2.5,
            "spread_m": 0.99,
            "zone": "shoes",
            "confidence": 0.91,
            "dwelled_s": 4.0,
            "heard_s": 0.3,
        }
    ]


def test_an_unknown_zone_names_the_blind_receivers_that_would_hear_it() -> None:
    zones = (
        ZoneSight("shoes", known=False, blind=("ceiling-shoes",)),
        ZoneSight("tills", known=True, blind=()),
    )
    told = msgspec.to_builtins(floor_content(Seen(MORNING, (), zones)))
    assert told["zones"] == [
        {"id": "shoes", "state": "unknown", "blind": ["ceiling-shoes"]},
        {"id": "tills", "state": "known", "blind": []},
    ]
