"""How old a gateway's report is, told by a clock that nobody set."""

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.radio.sender_clock import LONGEST_WAIT_S, SenderClock


def test_a_report_that_waited_is_dated_back_by_what_it_surely_took_beyond_the_fastest() -> None:
    clock = SenderClock()
    for second in range(5):
        assert clock.age_s(500.0 + second, 1000.2 + second) == 0.0
    assert round(clock.age_s(505.0, 1009.2), 6) == 3.0


def test_a_stamp_of_whole_seconds_proves_no_delay_below_a_second() -> None:
    clock = SenderClock()
    assert clock.age_s(500.0, 1000.0) == 0.0
    assert clock.age_s(500.0, 1000.9) == 0.0
    assert 0.0 < clock.age_s(500.0, 1001.01) < 0.02


def test_a_clock_that_is_set_anew_is_no_delay_and_is_counted() -> None:
    clock = SenderClock()
    clock.age_s(500.0, 1000.0)
    assert clock.age_s(501.0, 1001.0 + LONGEST_WAIT_S + 1) == 0.0
    assert clock.steps == 1
    assert round(clock.age_s(502.0, 1002.0 + LONGEST_WAIT_S + 4), 6) == 2.0


@given(st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(0, 1e6)), max_size=80))
def test_whatever_a_clock_says_an_age_is_never_negative_and_never_long(
    stamps: list[tuple[float, float]],
) -> None:
    clock = SenderClock()
    assert all(0.0 <= clock.age_s(sent, at) <= LONGEST_WAIT_S for sent, at in stamps)
