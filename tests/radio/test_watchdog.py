from datetime import UTC, datetime

import pytest

from edge_agent.kernel.clock import Instant
from edge_agent.radio import Canary, Concern, Reason, ReceiverState, Step
from edge_agent.radio.canaries import CANARY_SILENT_AFTER, CANARY_SILENT_S
from edge_agent.radio.rssi_grain import Grain
from edge_agent.radio.watchdog import (
    ADAPTER_SILENCE_S,
    FIRST_SETTLING_S,
    LONGEST_SETTLING_S,
    REMEDIES,
    Watchdog,
)

START = Instant(datetime(2026, 11, 22, 9, tzinfo=UTC), 100.0)


def _watchdog() -> Watchdog:
    return Watchdog("ceiling", ADAPTER_SILENCE_S, START)


def test_a_receiver_is_starting_until_something_is_heard() -> None:
    watchdog = _watchdog()
    assert watchdog.health.state is ReceiverState.STARTING
    assert watchdog.health.last_heard is None
    health = watchdog.heard(START.plus(1))
    assert health is not None
    assert (health.state, health.since, health.last_heard) == (
        ReceiverState.HEARING,
        START.plus(1),
        START.plus(1),
    )


def test_further_packets_are_no_news_but_move_the_last_heard() -> None:
    watchdog = _watchdog()
    watchdog.heard(START.plus(1))
    assert watchdog.heard(START.plus(2)) is None
    assert watchdog.health.since == START.plus(1)
    assert watchdog.health.last_heard == START.plus(2)


def test_silence_is_counted_from_the_last_packet_and_from_each_new_scan() -> None:
    watchdog = _watchdog()
    almost = ADAPTER_SILENCE_S - 0.001
    assert not watchdog.overdue(START.plus(almost))
    assert watchdog.overdue(START.plus(ADAPTER_SILENCE_S))
    watchdog.heard(START.plus(10))
    assert not watchdog.overdue(START.plus(10 + almost))
    assert watchdog.overdue(START.plus(10 + ADAPTER_SILENCE_S))
    watchdog.listening(START.plus(100))
    assert not watchdog.overdue(START.plus(100 + almost))


def test_the_silence_is_longer_than_any_legal_advertising_interval_and_shorter_than_gone() -> None:
    longest_interval, shortest_gone = 10.24, 30.0
    assert longest_interval < ADAPTER_SILENCE_S < shortest_gone


def test_a_receiver_stays_blind_since_the_same_moment_until_a_packet() -> None:
    watchdog = _watchdog()
    health = watchdog.blind(Reason.SILENT, START.plus(20), "said bleak")
    assert health is not None
    assert (health.reason, health.detail) == (Reason.SILENT, "said bleak")
    assert watchdog.blind(Reason.SILENT, START.plus(40)) is None
    assert watchdog.health.since == START.plus(20)
    healed = watchdog.heard(START.plus(50))
    assert healed is not None
    assert healed.reason is None


def test_another_reason_is_news() -> None:
    watchdog = _watchdog()
    watchdog.blind(Reason.SILENT, START)
    health = watchdog.blind(Reason.UNPLUGGED, START.plus(1))
    assert health is not None
    assert (health.reason, health.since) == (Reason.UNPLUGGED, START.plus(1))


def test_attempts_are_counted_for_each_reason_until_it_hears() -> None:
    watchdog = _watchdog()
    assert watchdog.attempt == 0
    counted = []
    for reason in (Reason.NO_ANSWER, Reason.BUSY, Reason.NO_ANSWER, Reason.BUSY):
        watchdog.blind(reason, START)
        counted.append(watchdog.attempt)
    assert counted == [1, 1, 2, 2]
    watchdog.heard(START)
    assert watchdog.attempt == 0
    watchdog.blind(Reason.BUSY, START)
    assert watchdog.attempt == 1


def test_the_step_that_is_tried_and_what_came_of_it_is_told() -> None:
    watchdog = _watchdog()
    watchdog.blind(Reason.BUSY, START, "busy, said bleak")
    health = watchdog.tried(Step.POWER_CYCLE)
    assert (health.step, health.attempt, health.detail) == (
        Step.POWER_CYCLE,
        1,
        "busy, said bleak",
    )
    assert watchdog.tried(Step.POWER_CYCLE, "no right to").detail == "no right to"
    healed = watchdog.heard(START)
    assert healed is not None
    assert (healed.step, healed.attempt, healed.detail) == (None, 0, "")


def _flap(watchdog: Watchdog, at: float) -> float:
    """It turns blind at `at` and hears again each tenth of a second; how long until that counts."""
    watchdog.blind(Reason.SILENT, START.plus(at))
    for tenths in range(2000):
        if watchdog.heard(START.plus(at + tenths / 10)) is not None:
            return tenths / 10
    raise AssertionError


def test_one_that_flaps_must_hear_longer_each_time_before_that_is_believed() -> None:
    watchdog = _watchdog()
    watchdog.heard(START)
    waits, at = [], 1.0
    for _ in range(6):
        waits.append(_flap(watchdog, at))
        at += waits[-1] + 20
    expected = [0.0, 5.0, 10.0, 20.0, 40.0, 60.0]
    assert waits == pytest.approx(expected, abs=0.1)
    assert (expected[1], expected[-1]) == (FIRST_SETTLING_S, LONGEST_SETTLING_S)


def test_one_that_was_well_for_long_is_believed_at_once() -> None:
    watchdog = _watchdog()
    watchdog.heard(START)
    _flap(watchdog, 1)
    assert _flap(watchdog, 20) > 0
    assert _flap(watchdog, 1000) == 0


def test_a_silence_while_it_settles_begins_the_settling_anew() -> None:
    watchdog = _watchdog()
    watchdog.heard(START)
    _flap(watchdog, 1)
    watchdog.blind(Reason.SILENT, START.plus(20))
    assert watchdog.heard(START.plus(21)) is None
    watchdog.blind(Reason.SILENT, START.plus(40))
    assert watchdog.heard(START.plus(41)) is None
    assert watchdog.heard(START.plus(45.9)) is None
    assert watchdog.heard(START.plus(46)) is not None


@pytest.mark.parametrize(("every", "after"), [(1.0, CANARY_SILENT_S), (10.0, 100.0)])
def test_strangers_without_the_reference_beacon_are_a_concern_and_no_blindness(
    every: float, after: float
) -> None:
    assert after == max(CANARY_SILENT_S, CANARY_SILENT_AFTER * every)
    watchdog = _watchdog()
    watchdog.listening(START)
    watchdog.heard(START.plus(50))
    canary = Canary(START.plus(50).monotonic, every)
    assert watchdog.look(canary, Grain.FINE, START.plus(50 + after - 0.1)) is None
    health = watchdog.look(canary, Grain.FINE, START.plus(50 + after))
    assert health is not None
    assert (health.state, health.concern) == (ReceiverState.HEARING, Concern.REFERENCE_SILENT)
    assert health.detail == REMEDIES[Concern.REFERENCE_SILENT]
    assert watchdog.look(canary, Grain.FINE, START.plus(51 + after)) is None
    heard_at = START.plus(52 + after)
    healed = watchdog.look(Canary(heard_at.monotonic, every), Grain.FINE, heard_at)
    assert healed is not None
    assert (healed.concern, healed.detail) == (None, "")


def test_a_reference_beacon_that_was_never_heard_counts_from_the_start_of_the_scan() -> None:
    watchdog = _watchdog()
    watchdog.listening(START.plus(10))
    watchdog.heard(START.plus(11))
    never = Canary(None, 1.0)
    assert watchdog.look(never, Grain.UNKNOWN, START.plus(39)) is None
    assert watchdog.look(never, Grain.UNKNOWN, START.plus(40)) is not None


def test_coarse_rssi_is_a_concern_with_its_remedy() -> None:
    watchdog = _watchdog()
    watchdog.heard(START)
    health = watchdog.look(None, Grain.COARSE, START)
    assert health is not None
    assert health.concern is Concern.COARSE_RSSI
    assert "8 dB" in health.detail
    assert watchdog.look(None, Grain.FINE, START) is not None


def test_a_blind_receiver_has_no_concern_besides() -> None:
    watchdog = _watchdog()
    watchdog.blind(Reason.SILENT, START)
    assert watchdog.look(None, Grain.COARSE, START) is None
