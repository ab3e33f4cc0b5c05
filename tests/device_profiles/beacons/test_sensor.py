"""Sensors: a message counts once, and never a second time for whoever recorded it."""

from itertools import accumulate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from device_profiles.beacons import BTHome
from device_profiles.beacons.sensor import (
    PACKET_MEMORY_S,
    RESTART_SILENCE_S,
    RESTARTS_BELOW,
    WRAP_WITHIN,
    WRAPS_AT,
    Sensor,
    Verdict,
    take,
)

COUNTERS = st.integers(0, WRAPS_AT - 1)


def encrypted(counter: int) -> BTHome:
    return BTHome(
        supported=True,
        bthome_version=2,
        encrypted=True,
        trigger_based=False,
        decrypted=True,
        downgrade_rejected=False,
        measurements={},
        binary={},
        events={},
        encryption_counter=counter,
    )


def plain(packet_id: int) -> BTHome:
    return BTHome(
        supported=True,
        bthome_version=2,
        encrypted=False,
        trigger_based=False,
        decrypted=None,
        downgrade_rejected=False,
        measurements={"packet_id": packet_id},
        binary={},
        events={},
    )


def after(*counters: int) -> Sensor:
    sensor = Sensor()
    for counter in counters:
        sensor, _ = take(sensor, encrypted(counter), 0.0)
    return sensor


@given(COUNTERS, st.lists(st.integers(1, WRAP_WITHIN - 1), min_size=1, max_size=30))
def test_what_was_once_heard_is_never_news_again(first: int, steps: list[int]) -> None:
    heard = [counter % WRAPS_AT for counter in accumulate(steps, initial=first)]
    sensor = Sensor()
    for counter in heard:
        sensor, verdict = take(sensor, encrypted(counter), 0.0)
        assert verdict is Verdict.NEWS
    for counter in heard:
        sensor, verdict = take(sensor, encrypted(counter), 1.0)
        assert verdict is not Verdict.NEWS


@given(COUNTERS, COUNTERS)
@example(0, WRAPS_AT - WRAP_WITHIN)
def test_of_two_counters_only_one_order_is_believed(first: int, second: int) -> None:
    back = take(after(first, second), encrypted(first), 1.0)[1]
    assert back is not Verdict.NEWS


@pytest.mark.parametrize("counter", [0, 42, 99, 100, 4999])
def test_a_counter_below_the_last_is_a_replay_however_low(counter: int) -> None:
    sensor, verdict = take(after(5000), encrypted(counter), 1.0)
    assert verdict is Verdict.REPLAYED
    assert sensor == after(5000)


def test_the_same_message_again_is_a_repeat_and_no_attack() -> None:
    _, verdict = take(after(5000), encrypted(5000), 1.0)
    assert verdict is Verdict.REPEATED


def test_a_counter_that_goes_round_goes_on() -> None:
    sensor, verdict = take(after(WRAPS_AT - 1), encrypted(3), 1.0)
    assert verdict is Verdict.NEWS
    assert take(sensor, encrypted(2), 2.0)[1] is Verdict.REPLAYED


def test_going_round_does_not_open_the_whole_past() -> None:
    assert take(after(WRAPS_AT - 1), encrypted(WRAP_WITHIN), 1.0)[1] is Verdict.REPLAYED


def test_a_device_that_restarts_after_a_silence_is_believed_from_its_first_messages_on() -> None:
    sensor, verdict = take(after(5000), encrypted(7), RESTART_SILENCE_S)
    assert verdict is Verdict.NEWS
    assert take(sensor, encrypted(8), RESTART_SILENCE_S + 60)[1] is Verdict.NEWS
    assert take(sensor, encrypted(6), RESTART_SILENCE_S + 60)[1] is Verdict.REPLAYED


def test_after_a_silence_only_the_first_messages_are_believed() -> None:
    at = RESTART_SILENCE_S
    assert take(after(5000), encrypted(RESTARTS_BELOW), at)[1] is Verdict.REPLAYED


def test_whoever_replayed_after_a_silence_is_ended_by_the_device_itself() -> None:
    at = RESTART_SILENCE_S
    fooled, _ = take(after(5000), encrypted(7), at)
    told, verdict = take(fooled, encrypted(5001), at + 1)
    assert verdict is Verdict.NEWS
    assert take(told, encrypted(8), at + 2)[1] is Verdict.REPLAYED


def test_a_late_plain_message_is_told_from_a_new_one() -> None:
    sensor, _ = take(Sensor(), plain(9), 0.0)
    assert take(sensor, plain(9), 1.0)[1] is Verdict.REPEATED
    assert take(sensor, plain(8), 1.0)[1] is Verdict.REPEATED
    assert take(sensor, plain(10), 1.0)[1] is Verdict.NEWS
    assert take(sensor, plain(9), PACKET_MEMORY_S + 0.1)[1] is Verdict.NEWS


def test_a_packet_id_goes_round_too() -> None:
    sensor, _ = take(Sensor(), plain(250), 0.0)
    assert take(sensor, plain(3), 1.0)[1] is Verdict.NEWS
