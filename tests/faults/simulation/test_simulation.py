"""Link and hub under a seeded network, and three planted bugs that must not go unseen.

A story that fails names itself: `python -m tests.faults.simulation --seed N` tells it in full.
"""

import pytest

from tests.faults.conftest import Publish
from tests.faults.simulation.planted import BUGS, Planted
from tests.faults.simulation.running import play
from tests.faults.simulation.world import Violation

STORIES = 200
"""In `make test`; parts of so many, so that several workers can share them."""

A_PART = 50

MANY = 10_000
"""In `make faults`."""

FOUND_AMONG = range(500, 1000)
"""Five hundred stories in which a planted bug must show; with the suite's own seed it takes 25."""


@pytest.mark.parametrize("first", range(0, STORIES, A_PART))
def test_everything_arrives_once_and_in_order_whatever_happens(first: int, seed: int) -> None:
    for number in range(first, first + A_PART):
        play(number, seed=seed)


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found_within_five_hundred_stories(bug: str, seed: int) -> None:
    with pytest.raises(Violation, match="again:"):
        _play_all(FOUND_AMONG, seed, BUGS[bug])


def _play_all(numbers: range, seed: int, planted: Planted) -> None:
    for number in numbers:
        play(number, seed=seed, **planted)


@pytest.mark.long
def test_ten_thousand_stories_hold(seed: int, publish: Publish) -> None:
    for number in range(STORIES, MANY):
        play(number, seed=seed)
    publish("simulation", stories=MANY, violations=0)
