"""Rotating identifiers: reckoned before they are sent, found whatever the beacon's clock does."""

from hashlib import sha256

import pytest

from device_profiles.beacons import BeaconKey, key_identity
from device_profiles.beacons.eid import eid, temporary_key
from edge_agent.radio.eid_windows import (
    AT_ONCE,
    DRIFT,
    MOST_WINDOWS,
    POWER_LOSS_AFTER_S,
    POWER_LOSSES,
    SLACK_S,
    EidWindows,
)

NOW = 1_795_000_000.0
DAY = 86_400.0
K = 10
PERIOD = 1 << K


def secret(number: int = 0) -> bytes:
    return sha256(str(number).encode()).digest()[:16]


def beacon(number: int = 0, *, exponent: int = K, read_at: float = NOW) -> BeaconKey:
    """A beacon whose clock stood at 1,000,000 s at `NOW`."""
    key = secret(number)
    return BeaconKey(
        identity=key_identity("eid", key),
        eid_key=key,
        rotation_exponent=exponent,
        clock_offset_s=1_000_000 - NOW,
        clock_read_at_s=read_at,
    )


def sent(utc_s: float, number: int = 0, *, exponent: int = K, off_s: float = 0.0) -> bytes:
    """What the beacon sends at a time, its clock being off by so much."""
    clock = int(utc_s - NOW + 1_000_000 + off_s)
    return eid(temporary_key(secret(number), clock), exponent, clock)


def finish(windows: EidWindows, utc_s: float) -> list[int]:
    """Do all that is due; the work of each slice."""
    slices: list[int] = []
    while windows.due_s(utc_s) == 0:
        slices.append(windows.work(utc_s))
    return slices


def ready(*keys: BeaconKey, at: float = NOW) -> EidWindows:
    windows = EidWindows()
    for key in keys:
        windows.enrol(key)
    finish(windows, at)
    return windows


def test_a_beacon_is_known_by_what_it_sends() -> None:
    windows = ready(beacon(1), beacon(2))
    assert windows.resolve(sent(NOW, 1), NOW) == beacon(1).identity
    assert windows.resolve(sent(NOW, 2), NOW) == beacon(2).identity
    assert windows.resolve(sent(NOW, 3), NOW) is None


@pytest.mark.parametrize("exponent", [0, 4, 9, 10, 15])
def test_a_beacon_is_known_in_every_second_of_its_rotations(exponent: int) -> None:
    windows = ready(beacon(exponent=exponent))
    step = max(1, (1 << exponent) // 7)
    for second in range(0, 3 * (1 << exponent) + 20, step):
        at = NOW + second
        assert windows.resolve(sent(at, exponent=exponent), at), f"unknown at {second} s"
        finish(windows, at)


def test_what_is_sent_after_a_boundary_is_known_before_the_work_for_it_is_done() -> None:
    windows = ready(beacon())
    boundary = NOW + windows.due_s(NOW)
    assert windows.resolve(sent(boundary - 1), boundary - 1)
    assert windows.resolve(sent(boundary + 1), boundary + 1)
    assert windows.resolve(sent(boundary + 5, off_s=SLACK_S / 2), boundary + 5)


@pytest.mark.parametrize("way", [-1, 1])
def test_a_clock_that_drifts_by_windows_is_followed_while_it_is_heard(way: int) -> None:
    windows = ready(beacon())
    hour = 0.9 * POWER_LOSS_AFTER_S
    for turn in range(int(200 * DAY / hour)):
        at = NOW + turn * hour
        finish(windows, at)
        off_s = way * DRIFT * turn * hour
        assert windows.resolve(sent(at, off_s=off_s), at), f"lost after {turn} hours"


@pytest.mark.parametrize("days", [30, 365, 1000])
@pytest.mark.parametrize("way", [-1, 1])
def test_a_beacon_that_was_away_for_long_is_known_however_its_clock_drifted(
    days: int, way: int
) -> None:
    at = NOW + days * DAY
    windows = ready(beacon(), *(beacon(n) for n in range(1, POWER_LOSSES + 1)), at=at)
    assert windows.resolve(sent(at, off_s=way * DRIFT * days * DAY), at)


def test_a_beacon_that_lost_its_power_is_found_a_day_behind_and_then_followed() -> None:
    at = NOW + 10 * DAY
    windows = ready(beacon(), at=at)
    lag = -0.9 * DAY
    assert windows.resolve(sent(at, off_s=lag), at)
    finish(windows, at)
    later = at + 5 * PERIOD
    finish(windows, later)
    assert windows.resolve(sent(later, off_s=lag), later)


def test_an_identifier_played_back_again_and_again_dies_with_its_window() -> None:
    windows = ready(beacon())
    old = sent(NOW)
    heard = 0
    for minute in range(180):
        at = NOW + 60 * minute
        finish(windows, at)
        heard += windows.resolve(old, at) is not None
        assert windows.resolve(sent(at), at), "the beacon itself is known all the time"
    assert heard * 60 <= 3 * PERIOD


def test_a_withdrawn_beacon_is_a_stranger_at_once() -> None:
    windows = ready(beacon(1), beacon(2))
    windows.withdraw(beacon(1).identity)
    assert windows.resolve(sent(NOW, 1), NOW) is None
    assert windows.resolve(sent(NOW, 2), NOW)
    finish(windows, NOW + PERIOD)
    assert windows.resolve(sent(NOW + PERIOD, 1), NOW + PERIOD) is None


def test_enrolling_anew_replaces_the_clock() -> None:
    windows = ready(beacon())
    moved = BeaconKey(
        identity=beacon().identity,
        eid_key=secret(),
        rotation_exponent=K,
        clock_offset_s=1_000_000 + 10 * DAY - NOW,
        clock_read_at_s=NOW,
    )
    windows.enrol(moved)
    finish(windows, NOW)
    assert windows.resolve(sent(NOW, off_s=10 * DAY), NOW)
    assert windows.resolve(sent(NOW), NOW) is None


def test_a_wall_clock_that_was_set_finds_all_anew_and_forgets_what_was_learned() -> None:
    windows = ready(beacon(1), beacon(2), at=NOW - 40 * DAY)
    assert windows.resolve(sent(NOW, 1), NOW) is None
    windows.clock_jumped()
    finish(windows, NOW)
    assert windows.resolve(sent(NOW, 1), NOW)
    assert windows.resolve(sent(NOW, 2), NOW)


def test_no_slice_does_more_than_its_share() -> None:
    windows = EidWindows()
    for number in range(400):
        windows.enrol(beacon(number))
    slices = finish(windows, NOW)
    assert sum(slices) == 400 + len(windows)
    assert max(slices) <= AT_ONCE + 1
    later = finish(windows, NOW + PERIOD)
    assert sum(later) == 2 * 400, "one look and one identifier each"


def test_what_is_held_stays_bounded_however_often_beacons_rotate() -> None:
    windows = ready(*(beacon(n) for n in range(8)))
    for turn in range(150):
        at = NOW + turn * PERIOD
        finish(windows, at)
        for number in range(8):
            windows.resolve(sent(at, number), at)
    assert len(windows) <= 8 * 5


def test_a_fast_rotation_after_years_is_held_within_limits() -> None:
    windows = ready(
        *(beacon(n, exponent=4, read_at=NOW - 3000 * DAY) for n in range(2)),
        *(beacon(n) for n in range(2, POWER_LOSSES + 3)),
    )
    assert len(windows) <= 2 * (2 * MOST_WINDOWS + 2) + 5 * (POWER_LOSSES + 1)
