import itertools
import math

from edge_agent.survey.model import Area, Ground, Recorded, Spot
from edge_agent.survey.plan import HOLE_M, coverage, judged, suggested
from tests.survey.world import GROUND

EVERYBODY = {receiver: [-60.0] * 20 for receiver in GROUND.receivers}


def test_spots_lie_on_a_grid_in_walking_order() -> None:
    spots = suggested(GROUND, 2.0)

    assert len(spots) == 12
    assert max(math.dist(a, b) for a, b in itertools.pairwise(spots)) == 2.0


def test_a_zone_between_the_grid_s_spots_gets_one_of_its_own() -> None:
    niche = Area("niche", (Spot(1.9, 1.9), Spot(2.1, 1.9), Spot(2.1, 2.1), Spot(1.9, 2.1)))
    ground = Ground(8.0, 6.0, (niche,), {})

    assert suggested(ground, 2.0)[-1] == Spot(2.0, 2.0)


def test_a_spot_that_every_receiver_near_has_heard_is_good() -> None:
    verdict = judged(Recorded(1, Spot(4, 3), 60.0, EVERYBODY), GROUND)

    assert verdict.good
    assert verdict.packets == 60


def test_a_receiver_near_that_heard_nothing_is_named() -> None:
    heard = {receiver: EVERYBODY[receiver] for receiver in ("left", "middle")}

    verdict = judged(Recorded(1, Spot(4, 3), 60.0, heard), GROUND)

    assert verdict.deaf == ("right",)
    assert not verdict.good


def test_a_handful_of_packets_is_not_enough() -> None:
    few = {receiver: [-60.0] * 3 for receiver in GROUND.receivers}

    assert not judged(Recorded(1, Spot(4, 3), 60.0, few), GROUND).good


def test_an_empty_survey_lacks_everything() -> None:
    lacking = coverage([], GROUND)

    assert lacking.thin == {"shoes": 2, "denim": 2}
    assert lacking.unheard == ("left", "middle", "right")
    assert lacking.holes


def test_a_survey_of_all_suggested_spots_is_complete() -> None:
    spots = suggested(GROUND, 2.0)
    recorded = [Recorded(n, spot, 60.0, EVERYBODY) for n, spot in enumerate(spots, 1)]

    assert coverage(recorded, GROUND).complete


def test_a_hole_is_a_place_in_a_zone_that_no_spot_is_near() -> None:
    corner = [Recorded(n, Spot(n, 1), 60.0, EVERYBODY) for n in (1, 2)]

    lacking = coverage(corner, GROUND)

    assert lacking.thin == {"denim": 2}
    assert all(math.dist(hole, (n, 1)) > HOLE_M for hole in lacking.holes for n in (1, 2))
    assert any(hole.x > 7 and hole.y > 5 for hole in lacking.holes)


def test_two_recordings_of_one_spot_are_one() -> None:
    twice = [Recorded(n, Spot(1, 1 + n / 10), 60.0, EVERYBODY) for n in (1, 2)]

    assert coverage(twice, GROUND).thin == {"shoes": 1, "denim": 2}


def test_where_the_beacon_was_not_heard_nothing_was_surveyed() -> None:
    spots = suggested(GROUND, 2.0)
    silent = [Recorded(n, spot, 60.0, {}) for n, spot in enumerate(spots, 1)]

    assert coverage(silent, GROUND) == coverage([], GROUND)
