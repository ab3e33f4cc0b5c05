from datetime import UTC, datetime

import pytest

from edge_agent.kernel.clock import Instant
from edge_agent.radio import Reason, ReceiverState
from edge_agent.radio.watchdog import ADAPTER_SILENCE_S, POWER_CYCLE_AFTER, Watchdog

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


@pytest.mark.parametrize("reason", Reason)
def test_only_failures_in_a_row_that_power_may_heal_ask_for_a_power_cycle(reason: Reason) -> None:
    watchdog = _watchdog()
    asked = []
    for attempt in range(1, 9):
        watchdog.blind(reason, START)
        if watchdog.needs_power_cycle():
            asked.append(attempt)
    after = POWER_CYCLE_AFTER.get(reason, 9)
    assert asked == list(range(after, 9, after))


def test_a_packet_between_two_failures_begins_the_count_anew() -> None:
    watchdog = _watchdog()
    watchdog.blind(Reason.BUSY, START)
    watchdog.heard(START)
    watchdog.blind(Reason.BUSY, START)
    assert not watchdog.needs_power_cycle()
