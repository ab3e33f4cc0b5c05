"""What a hub lets stores hand over when many come back at once."""

import pytest

from cloud_bridge.hub.pace import FULL, LEAST, SHARE, WINDOW_S, Pace, rate


@pytest.mark.parametrize(
    ("draining", "capacity", "expected"),
    [
        (1, 0.0, None),
        (80, 40_000.0, None),
        (100, 40_000.0, SHARE * 400),
        (1000, 40_000.0, SHARE * 40),
        (100_000, 40_000.0, LEAST),
    ],
)
def test_the_rate_divides_what_the_hub_commits_among_those_who_drain(
    draining: int, capacity: float, expected: float | None
) -> None:
    assert rate(draining, capacity) == expected


def test_capacity_is_measured_while_there_is_something_to_do() -> None:
    pace = Pace()
    pace.begin(0.0)
    pace.begin(0.05)
    pace.end("a", 500, 0.1)
    pace.end("b", 500, 0.2)
    pace.begin(5.0)
    pace.end("a", 500, 5.1)
    assert pace.capacity == pytest.approx(1500 / 0.3)


def test_idle_stores_set_no_rate_and_those_that_are_done_are_forgotten() -> None:
    pace = Pace()
    for number in range(200):
        pace.begin(number * 0.01)
        pace.end(f"idle-{number}", FULL - 1, number * 0.01 + 0.01)
    pace.begin(3.0)
    assert pace.end("backlog", 500, 3.01) is None
    limits = []
    for number in range(200):
        pace.begin(4 + number * 0.01)
        limits.append(pace.end(f"backlog-{number}", 500, 4 + number * 0.01 + 0.01))
    last = limits[-1]
    assert last is not None
    pace.begin(6.1)
    assert pace.end("backlog-199", int(last / 4) + 1, 6.11) is not None, "it holds to its rate"
    pace.begin(6.2)
    assert pace.end("backlog-199", 1, 6.21) is None, "it has nothing left"
    pace.begin(6 + WINDOW_S)
    assert pace.end("backlog-0", 500, 6.01 + WINDOW_S) is None


def test_a_batch_that_was_not_taken_counts_as_time_and_not_as_facts() -> None:
    pace = Pace()
    pace.begin(0.0)
    assert pace.end("a", 0, 0.1) is None
    pace.begin(0.1)
    pace.end("a", 500, 0.2)
    assert pace.capacity == pytest.approx(500 / 0.2)
