"""How much goes up at once: what the line carries in half a second, and what the hub allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_bridge.link.pace import BULK_S, FIRST_BYTES, LEAST_BYTES, LEAST_RATE, Allowance, Line
from cloud_bridge.wire.batch import MOST_FACTS, MOST_WIRE_BYTES


def driven(line: Line, *, bytes_per_s: float, latency_s: float, batches: int) -> list[float]:
    """The seconds that each of `batches` full batches took of a line like this."""
    taken = []
    for _ in range(batches):
        size = line.bulk()
        taken.append(size / bytes_per_s)
        line.measured(size, latency_s + taken[-1])
    return taken


@pytest.mark.parametrize("latency_s", [0.0, 0.05, 2.0])
@pytest.mark.parametrize("bytes_per_s", [2_000, 5_000, 50_000])
def test_a_batch_takes_half_a_second_of_a_slow_line_however_far_the_hub_is(
    bytes_per_s: float, latency_s: float
) -> None:
    line = Line()
    driven(line, bytes_per_s=bytes_per_s, latency_s=latency_s, batches=20)
    taken = driven(line, bytes_per_s=bytes_per_s, latency_s=latency_s, batches=200)
    assert max(taken) <= BULK_S + 2 * LEAST_BYTES / bytes_per_s
    assert sum(taken) / len(taken) >= BULK_S / 2


def test_a_fast_line_is_filled_after_five_answers() -> None:
    line = Line()
    assert line.bulk() == FIRST_BYTES
    driven(line, bytes_per_s=10**7, latency_s=2.0, batches=5)
    assert line.bulk() == MOST_WIRE_BYTES


def test_a_route_that_became_slower_or_farther_is_believed() -> None:
    line = Line()
    driven(line, bytes_per_s=10**7, latency_s=0.01, batches=20)
    driven(line, bytes_per_s=5_000, latency_s=0.01, batches=20)
    assert line.bulk() <= 5_000 * BULK_S * 1.2
    driven(line, bytes_per_s=10**7, latency_s=2.0, batches=60)
    assert line.bulk() == MOST_WIRE_BYTES


@given(st.lists(st.tuples(st.integers(1, MOST_WIRE_BYTES), st.floats(0, 1e4)), max_size=80))
def test_whatever_was_measured_a_batch_keeps_its_bounds(trips: list[tuple[int, float]]) -> None:
    line = Line()
    for size, seconds in trips:
        line.measured(size, seconds)
        assert LEAST_BYTES <= line.bulk() <= MOST_WIRE_BYTES
        assert LEAST_BYTES <= line.pickup() <= MOST_WIRE_BYTES


def test_nothing_is_limited_until_the_hub_says_so() -> None:
    allowance = Allowance()
    assert (allowance.most(0.0), allowance.due_at()) == (MOST_FACTS, None)


@pytest.mark.parametrize("rate", [0.0, 3.0, 40.0, 5_000.0])
def test_in_the_long_run_no_more_goes_than_the_hub_allows(rate: float) -> None:
    allowance, now, gone = Allowance(), 0.0, 0
    allowance.set(rate, now)
    while now < 100.0:
        most = allowance.most(now)
        allowance.spend(most, now)
        gone += most
        due = allowance.due_at()
        assert due is None or due > now
        now = now + 0.05 if due is None else due
    allowed = max(rate, LEAST_RATE)
    assert 0.9 * min(allowed, MOST_FACTS / 0.05) * 100 <= gone <= allowed * 101 + 1


def test_a_limit_that_is_lifted_is_gone_at_once() -> None:
    allowance = Allowance()
    allowance.set(1.0, 0.0)
    assert allowance.most(0.0) == 0
    allowance.set(None, 0.0)
    assert allowance.most(0.0) == MOST_FACTS
