import math
from dataclasses import replace

import numpy as np
import pytest

from edge_agent.capabilities.presence.decide.estimator import TICK_S, Estimator
from edge_agent.capabilities.presence.model import Estimate, Point, Receiver
from tests.capabilities.radio_floor import (
    EARS,
    Heard,
    floor,
    follow,
    heard,
    last,
    rssi_at,
    survey,
)

LEFT, RIGHT = (3.0, 4.0), (15.0, 4.0)


def standing(at: Point, seconds: float = 20.0, **how: object) -> list[Heard]:
    return heard(lambda _: at, seconds, **how)  # type: ignore[arg-type]


def across(at: float) -> Point:
    """From left to right at 0.6 m/s."""
    return (min(17.0, 1.0 + 0.6 * at), 4.0)


@pytest.fixture(params=["surveyed", "unsurveyed"])
def estimator(request: pytest.FixtureRequest) -> Estimator:
    return Estimator(floor(), survey() if request.param == "surveyed" else ())


def test_somebody_who_stands_is_found_where_they_stand(estimator: Estimator) -> None:
    said = last(estimator, standing(RIGHT), 20.0)
    assert said.zone == "z2"
    assert math.dist(said.at, RIGHT) < 1.5
    assert said.confidence > 0.8


def test_somebody_who_walks_across_is_followed_through_each_zone_once(estimator: Estimator) -> None:
    said = follow(estimator, heard(across, 27.0), 27.0)
    zones = [each.zone for each in said if each is not None]
    assert [
        zone for zone, before in zip(zones, [None, *zones], strict=False) if zone != before
    ] == [
        "z0",
        "z1",
        "z2",
    ]


def test_nothing_is_said_of_somebody_who_was_not_heard(estimator: Estimator) -> None:
    assert follow(estimator, [], 5.0) == [None] * 10


def test_estimates_up_to_now_do_not_depend_on_what_comes_later(estimator: Estimator) -> None:
    past = standing(LEFT, 10.0)
    one = follow(
        estimator, [*past, *[s._replace(at=s.at + 10) for s in standing(RIGHT, 5.0)]], 15.0
    )
    other = follow(estimator, past, 15.0)
    assert one[:20] == other[:20]
    assert one[20:] != other[20:]


def test_the_order_of_the_receivers_changes_nothing() -> None:
    sightings = standing(RIGHT)
    one = last(Estimator(floor(), survey()), sightings, 20.0)
    other = last(Estimator(floor(list(reversed(EARS))), survey()), sightings, 20.0)
    assert one.zone == other.zone
    assert one.at == pytest.approx(other.at, abs=0.01)
    assert one.confidence == pytest.approx(other.confidence, abs=0.001)


def test_a_receiver_that_is_added_and_never_heard_changes_nothing_but_rounding() -> None:
    sightings = standing(RIGHT, ears="abcde")
    one = last(Estimator(floor("abcde"), survey()), sightings, 20.0)
    other = last(Estimator(floor(), survey()), sightings, 20.0)
    assert one.at == pytest.approx(other.at, abs=0.01)


def test_two_receivers_are_enough_to_tell_left_from_right() -> None:
    estimator = Estimator(floor("ae"))
    assert last(estimator, standing(LEFT, ears="ae"), 20.0).zone == "z0"
    assert last(estimator, standing(RIGHT, ears="ae"), 20.0).zone == "z2"


def test_a_late_sighting_counts_from_then_on(estimator: Estimator) -> None:
    tracks = [estimator.track(), estimator.track()]
    for track in tracks:
        track.hear("a", -60.0, 0.0)
    estimator.step(tracks, 1.0)
    tracks[1].hear("e", -50.0, 0.8)
    before, after = estimator.step(tracks, 1.5)
    assert before is not None
    assert after is not None
    assert after.at[0] > before.at[0] + 1


@pytest.mark.parametrize("rssi", [127.0, 42.0, 29.0, 0.0, -120.0, -128.0, math.nan, math.inf])
def test_what_no_radio_can_have_measured_is_not_believed(estimator: Estimator, rssi: float) -> None:
    clean = standing(LEFT)
    dirty = sorted([*clean, *[Heard("e", rssi, float(at)) for at in range(20)]], key=lambda s: s.at)
    assert last(estimator, dirty, 20.0) == last(estimator, clean, 20.0)


def test_a_receiver_of_another_floor_is_passed_over(estimator: Estimator) -> None:
    clean = standing(LEFT)
    assert last(estimator, [*clean, Heard("elsewhere", -40.0, 19.9)], 20.0) == last(
        estimator, clean, 20.0
    )


@pytest.mark.parametrize("dead", EARS)
def test_a_receiver_that_dies_does_not_move_somebody_who_stands(
    estimator: Estimator, dead: str
) -> None:
    sightings = [s for s in standing(LEFT, 40.0) if s.receiver != dead or s.at < 20.0]
    said = follow(estimator, sightings, 40.0)
    before, after = said[39], said[-1]
    assert before is not None
    assert after is not None
    assert after.zone == "z0"
    assert math.dist(before.at, after.at) < 1.5


def test_probabilities_are_probabilities(estimator: Estimator) -> None:
    nothing_yet, *estimates = follow(estimator, heard(across, 27.0), 27.0)
    assert nothing_yet is None
    for said in estimates:
        assert said is not None
        assert sum(said.masses.values()) == pytest.approx(1.0, abs=1e-3)
        assert all(-1e-6 <= mass <= 1 + 1e-6 for mass in said.masses.values())
        assert 0.0 <= said.confidence <= 1.0
        assert 0.0 <= said.spread_m < 18.0


def test_many_tracks_at_once_are_each_as_if_alone(estimator: Estimator) -> None:
    places = [(0.5 + 0.2 * i, 4.0) for i in range(80)]
    recordings = [standing(at, 3.0, seed=i) for i, at in enumerate(places)]
    tracks = [estimator.track() for _ in places]
    for track, recording in zip(tracks, recordings, strict=True):
        for sighting in recording:
            track.hear(*sighting)
    together = estimator.step(tracks, 4.0)
    for recording, said in zip(recordings[::9], together[::9], strict=True):
        alone = estimator.track()
        for sighting in recording:
            alone.hear(*sighting)
        (expected,) = estimator.step([alone], 4.0)
        assert expected is not None
        assert said is not None
        assert said.at == pytest.approx(expected.at, abs=0.01)
        assert (said.zone, said.masses.keys()) == (expected.zone, expected.masses.keys())
        estimator.release(alone)


def test_a_released_slot_begins_anew(estimator: Estimator) -> None:
    first = last(estimator, standing(LEFT), 20.0)
    for _ in range(3):
        track = estimator.track()
        for sighting in standing(RIGHT):
            track.hear(*sighting)
        estimator.step([track], 20.0)
        estimator.release(track)
    assert last(estimator, standing(LEFT), 20.0) == first


def test_a_track_that_slept_for_an_hour_wakes_at_once_and_where_it_is_heard(
    estimator: Estimator,
) -> None:
    track = estimator.track()
    for sighting in standing(LEFT):
        track.hear(*sighting)
    estimator.step([track], 20.0)
    estimator.step([track], 3600.0)
    for sighting in standing(RIGHT, 10.0):
        track.hear(sighting.receiver, sighting.rssi, sighting.at + 3600)
    (said,) = estimator.step([track], 3610.0)
    assert said is not None
    assert said.zone == "z2"
    assert track.tick_at > 3610 - TICK_S


def test_a_surveyed_store_that_a_receiver_was_hung_up_in_later_does_not_listen_to_it() -> None:
    deaf = Estimator(floor("abcdef"), survey("abcde"))
    sightings = [*standing(LEFT, ears="abcde"), *[Heard("f", -30.0, t / 4) for t in range(80)]]
    said = last(deaf, sorted(sightings, key=lambda s: s.at), 20.0)
    assert said.zone == "z0"


def test_a_deaf_receiver_is_made_good_by_its_offset() -> None:
    plain = floor()
    told = replace(
        plain,
        receivers=tuple(replace(r, offset_db=12.0) for r in plain.receivers if r.id == "a")
        + plain.receivers[1:],
    )
    sightings = standing(LEFT)
    muffled = [s._replace(rssi=s.rssi - 12) if s.receiver == "a" else s for s in sightings]
    expected = last(Estimator(plain), sightings, 20.0)
    assert last(Estimator(told), muffled, 20.0).at == pytest.approx(expected.at, abs=0.01)


def test_a_receiver_that_drifted_is_made_good_from_when_that_is_known_on() -> None:
    estimator = Estimator(floor())
    sightings = standing(LEFT)
    muffled = [s._replace(rssi=s.rssi - 12) if s.receiver == "a" else s for s in sightings]
    estimator.calibrate("a", -7.0)
    estimator.calibrate("a", 12.0)
    estimator.calibrate("of another floor", 3.0)
    expected = last(Estimator(floor()), sightings, 20.0)
    assert last(estimator, muffled, 20.0).at == pytest.approx(expected.at, abs=0.01)


def test_without_a_survey_a_beacons_own_power_is_taken_off() -> None:
    estimator = Estimator(floor())
    tracks = [estimator.track(), estimator.track()]
    for ear in EARS:
        tracks[0].hear(ear, rssi_at(RIGHT, ear), 0.0, -59.0)
        tracks[1].hear(ear, rssi_at(RIGHT, ear) - 18, 0.0, -77.0)
    one, other = estimator.step(tracks, 1.0)
    assert one is not None
    assert other is not None
    assert one.at == pytest.approx(other.at, abs=0.01)


def test_a_large_floor_has_no_more_cells_than_a_store_can_pay_for() -> None:
    hall = replace(floor(), width_m=300.0, height_m=200.0)
    assert len(Estimator(hall).cells) <= 900


def test_a_survey_of_a_few_points_is_no_better_than_none() -> None:
    points = [point for point in survey() if point.y == 1 and point.x < 8]
    sightings = standing(RIGHT)
    assert last(Estimator(floor(), points), sightings, 20.0) == last(
        Estimator(floor()), sightings, 20.0
    )


def test_the_map_knows_least_where_nobody_surveyed() -> None:
    half = [point for point in survey() if point.x < 9]
    estimator = Estimator(floor(), half)
    left = estimator.cells[:, 0] < 9
    assert np.all(estimator.variance[:, left].mean(1) <= estimator.variance[:, ~left].mean(1))


def test_confidence_is_that_of_the_zone_decided_on(estimator: Estimator) -> None:
    said: Estimate = last(estimator, standing(LEFT), 20.0)
    assert said.confidence == pytest.approx(said.masses[said.zone], abs=1e-6)


def test_of_a_suspended_process_a_packet_is_evidence_for_its_own_moment_only() -> None:
    said = []
    for stops in ([20.0 + tick * TICK_S for tick in range(1, 80)], []):
        estimator = Estimator(floor(), survey())
        track = estimator.track()
        for sighting in standing(LEFT):
            track.hear(*sighting)
            estimator.step([track], sighting.at)
        for stop in stops:
            estimator.step([track], stop)
        for ear in EARS:
            track.hear(ear, rssi_at((6.0, 4.0), ear) + 4, 59.9)
        said += estimator.step([track], 60.0)
    awake, suspended = (each.masses["z1"] for each in said if each is not None)
    assert suspended == pytest.approx(awake, abs=0.06)


def test_what_phones_hear_of_fixed_beacons_counts_in_a_surveyed_store_too() -> None:
    beacon = Receiver("beacon:right", (17, 4), by_phone=True)
    shop = replace(floor(), receivers=(*floor().receivers, beacon))
    estimator = Estimator(shop, survey())
    said = last(estimator, [Heard("beacon:right", -62.0, t / 2) for t in range(40)], 20.0)
    assert said.zone == "z2"
    assert said.confidence > 0.6


def test_a_place_that_was_stood_on_five_times_is_one_place() -> None:
    points = [point for point in survey() if (point.x, point.y) == (1, 1)] * 5
    sightings = standing(RIGHT)
    assert last(Estimator(floor(), points), sightings, 20.0) == last(
        Estimator(floor()), sightings, 20.0
    )
