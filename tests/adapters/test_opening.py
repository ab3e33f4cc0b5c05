from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_profiles.lockers.profile import load
from edge_agent.adapters.opening import PULSES, SILENCE_S, End, Look, Opening, Pulse, decide
from edge_agent.devices.messages import Door, Outcome

TIMING = load("kerong_cu16").timing
CONFIRM, COOL_DOWN = TIMING.confirm, TIMING.cool_down


def once_pulsed(pulses: int = 1, not_after: float = 1e9) -> Opening:
    return Opening(not_after, pulses, pulsed_at=100.0)


@pytest.mark.parametrize("door", Door)
def test_the_first_pulse_is_given_whatever_the_sensor_says(door: Door) -> None:
    assert decide(Opening(not_after=10.0), door, now=9.9, timing=TIMING) == Pulse()


def test_a_late_command_moves_nothing() -> None:
    step = decide(Opening(not_after=10.0), Door.CLOSED, now=10.01, timing=TIMING)
    assert isinstance(step, End)
    assert step.outcome is Outcome.LATE


def test_a_door_that_opens_after_a_pulse_is_done() -> None:
    step = decide(once_pulsed(), Door.OPEN, now=100.1, timing=TIMING)
    assert step == End(Outcome.DONE)


def test_a_closed_door_gets_its_time_and_the_coil_its_rest() -> None:
    opening = once_pulsed()
    assert decide(opening, Door.CLOSED, now=100 + CONFIRM, timing=TIMING) == Look()
    assert decide(opening, Door.CLOSED, now=100 + COOL_DOWN, timing=TIMING) == Pulse()


def test_a_door_that_holds_three_times_did_not_open() -> None:
    opening = once_pulsed(PULSES)
    assert decide(opening, Door.CLOSED, now=99 + CONFIRM, timing=TIMING) == Look()
    step = decide(opening, Door.CLOSED, now=100 + CONFIRM, timing=TIMING)
    assert step == End(Outcome.FAILED, "did not open")


def test_no_pulse_is_repeated_after_the_deadline() -> None:
    opening = once_pulsed(not_after=101.0)
    step = decide(opening, Door.CLOSED, now=100 + CONFIRM, timing=TIMING)
    assert step == End(Outcome.FAILED, "did not open in time")


def test_no_pulse_is_repeated_blindly() -> None:
    waiting = decide(once_pulsed(), Door.UNKNOWN, now=100 + CONFIRM, timing=TIMING)
    assert waiting == Look()
    step = decide(once_pulsed(), Door.UNKNOWN, now=100 + SILENCE_S, timing=TIMING)
    assert isinstance(step, End)
    assert step.outcome is Outcome.FAILED
    assert "does not answer" in step.reason


@given(
    not_after=st.floats(0, 30),
    doors=st.lists(st.sampled_from(Door), max_size=40),
    pause=st.floats(0.01, 5),
)
def test_every_opening_ends_within_three_pulses_none_of_them_late(
    not_after: float, doors: list[Door], pause: float
) -> None:
    opening, now = Opening(not_after), 0.0
    given_at: list[float] = []
    step: End | Look | Pulse = Look()
    for door in doors + [Door.CLOSED] * 1000:
        step = decide(opening, door, now=now, timing=TIMING)
        if isinstance(step, End):
            break
        if isinstance(step, Pulse):
            given_at.append(now)
            opening = opening.pulsed(now)
        now += pause
    assert isinstance(step, End)
    assert len(given_at) <= PULSES
    assert all(at <= not_after for at in given_at)
    assert all(b - a >= COOL_DOWN for a, b in pairwise(given_at))
