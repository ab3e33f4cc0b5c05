"""The store's own beacons as the console shows them."""

from dataclasses import replace

from edge_agent.capabilities.beacons.decide.references import LEARNED_S
from edge_agent.capabilities.beacons.model import Beacon, Link, Place, Reading, Role, Status
from edge_agent.web.views.beacons import beacon_shape

REFERENCE = Beacon(id="pillar", role=Role.REFERENCE, identity="ibeacon:u:1:1")
LINK = Link(since=0.0, heard_at=9.0, level=-63.4, usual=-60.2)
STATUS = Status(REFERENCE, 1.4, Reading(), battery_low=False, place=None, links={"ceiling": LINK})


def test_what_is_usual_is_said_once_an_hour_was_learned() -> None:
    (young,) = beacon_shape(STATUS).heard
    assert (young.receiver, young.level, young.usual) == ("ceiling", -63, None)
    known = replace(STATUS, links={"ceiling": replace(LINK, learned_s=LEARNED_S)})
    assert beacon_shape(known).heard[0].usual == -60


def test_a_receiver_that_ought_to_hear_a_reference_and_does_not_is_told_from_the_others() -> None:
    links = {"till": replace(LINK, silent_since=2.0), "ceiling": LINK}
    shown = beacon_shape(replace(STATUS, links=links))
    assert [(one.receiver, one.silent) for one in shown.heard] == [
        ("ceiling", False),
        ("till", True),
    ]
    assert not shown.gone
    assert beacon_shape(replace(STATUS, gone=True)).gone


def test_a_trolley_is_where_it_is_believed_to_be_to_the_centimetre() -> None:
    trolley = Beacon(id="trolley", role=Role.ASSET, identity="eid:1", located=True)
    place = Place(1.2345, 2.3456, "shoes", 0.987)
    shown = beacon_shape(
        Status(trolley, None, Reading(battery_v=2.3), battery_low=True, place=place)
    )
    assert shown.place is not None
    assert (shown.place.x, shown.place.y, shown.place.zone) == (1.23, 2.35, "shoes")
    assert (shown.place.confidence, shown.battery_v, shown.heard_s) == (0.99, 2.3, None)
    assert shown.battery_low
