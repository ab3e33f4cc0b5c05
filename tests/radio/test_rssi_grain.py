from itertools import cycle
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.radio.rssi_grain import FEWEST_REPEATS, TRANSMITTERS, WINDOW, Grain, RssiGrain


def _after(reports: list[tuple[int, int]]) -> Grain:
    grain = RssiGrain()
    for transmitter, rssi in reports:
        grain.report(transmitter, rssi)
    return grain.grain


def test_nothing_is_known_before_much_was_heard() -> None:
    assert _after([(1, -60), (1, -70), (2, -60)]) is Grain.UNKNOWN


def test_one_change_below_8_db_shows_that_they_arrive() -> None:
    assert _after([(1, -60), (1, -63)]) is Grain.FINE


@pytest.mark.parametrize("step", [8, 12])
def test_only_jumps_of_three_transmitters_are_coarse(step: int) -> None:
    jumps = [
        (number, rssi)
        for rssi, _ in zip(cycle((-60, -60 - step)), range(10))
        for number in range(3)
    ]
    assert _after(jumps) is Grain.COARSE
    assert _after([(0, rssi) for number, rssi in jumps * 3 if number == 0]) is Grain.UNKNOWN


def test_three_transmitters_that_never_waver_are_coarse() -> None:
    assert _after([(number % 3, -60) for number in range(FEWEST_REPEATS + 3)]) is Grain.COARSE


def test_a_fading_radio_is_fine_and_stays_so() -> None:
    random = Random(3)  # noqa: S311 - noise, not a secret
    fading = [(report % 5, round(random.gauss(-70, 3))) for report in range(4 * WINDOW)]
    assert _after(fading) is Grain.FINE


JUMPING = [(report % 3, (-60, -70)[report // 3 % 2]) for report in range(2 * WINDOW)]
WAVERING = [(report % 3, -60 - report % 4) for report in range(2 * WINDOW)]


def test_what_was_coarse_is_fine_again_when_small_changes_arrive() -> None:
    assert _after(JUMPING[:100]) is Grain.COARSE
    assert _after(JUMPING[:100] + WAVERING) is Grain.FINE


def test_what_turns_coarse_is_found_out_within_two_windows() -> None:
    assert _after(WAVERING[:10] + JUMPING) is Grain.COARSE


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(-127, 20)), max_size=300))
def test_it_follows_a_bounded_number_of_transmitters(reports: list[tuple[int, int]]) -> None:
    grain = RssiGrain()
    for transmitter, rssi in reports:
        grain.report(transmitter, rssi)
    assert len(grain._last) <= TRANSMITTERS
