"""Who may say that somebody left: receivers that heard them, and now others but not them."""

import math

import pytest

from cloud_bridge.wire.facts.presence import StoreLeft
from edge_agent.capabilities.presence.decide.estimator import TICK_S
from edge_agent.capabilities.presence.decide.tracker import Tracker
from edge_agent.capabilities.presence.model import Floor, Hearing, Policy, Receiver
from edge_agent.kernel.clock import Instant
from tests.capabilities.world import MORNING

POLICY = Policy()
NEAR, FAR, LAST, PHONE = "near", "far", "last", "beacon:shelf"
FLOOR = Floor(
    12.0,
    8.0,
    (),
    (
        Receiver(NEAR, (2.0, 2.0)),
        Receiver(FAR, (10.0, 2.0)),
        Receiver(LAST, (10.0, 6.0)),
        Receiver(PHONE, (6.0, 4.0), by_phone=True),
    ),
)


class Shop:
    """A tracker whose time passes tick by tick, and what it said of departures."""

    def __init__(self) -> None:
        self.tracker = Tracker(FLOOR, POLICY)
        self.at = 0.0
        self.left: list[StoreLeft] = []
        for receiver in (NEAR, FAR, LAST):
            self.tracker.receiver_is(receiver, Hearing.HEARING, "", -math.inf)

    def last(self, seconds: float, **rssi: float) -> None:
        """Let time pass, in which Anna is heard as given by the receivers' names."""
        for _ in range(round(seconds / TICK_S)):
            self.at += TICK_S
            for receiver, dbm in rssi.items():
                self.tracker.hear("anna", receiver.replace("_", ":"), dbm, self.at)
            now = MORNING.plus(self.at - MORNING.monotonic)
            self._tick(Instant(now.wall, self.at))

    def _tick(self, now: Instant) -> None:
        while batch := self.tracker.due(self.at, 10):
            for moved in self.tracker.advance(batch, now):
                self.left += [f.data for f in moved.facts if isinstance(f.data, StoreLeft)]


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_two_receivers_that_no_longer_hear_somebody_are_surer_than_one(shop: Shop) -> None:
    shop.last(10, near=-50, far=-70)
    shop.last(POLICY.gone_after_s + 1)
    assert [left.confidence for left in shop.left] == [0.99]


def test_a_witness_that_has_just_begun_to_hear_again_is_none(shop: Shop) -> None:
    shop.last(10, near=-50, far=-70)
    shop.tracker.receiver_is(FAR, Hearing.BLIND, "silent", shop.at)
    shop.last(POLICY.gone_after_s - 1)
    shop.tracker.receiver_is(FAR, Hearing.HEARING, "", shop.at)
    shop.last(2)
    assert [left.confidence for left in shop.left] == [0.9]


def test_nobody_leaves_on_the_word_of_a_receiver_that_had_lost_them_long_before(
    shop: Shop,
) -> None:
    shop.last(10, near=-40)
    shop.last(POLICY.gone_after_s + 5, last=-90)
    shop.tracker.receiver_is(LAST, Hearing.BLIND, "silent", shop.at)
    shop.last(POLICY.gone_after_s + 5)
    assert shop.left == []


def test_who_also_carried_a_phone_that_reports_leaves_as_everybody_does(shop: Shop) -> None:
    shop.last(10, near=-70, beacon_shelf=-40)
    shop.last(POLICY.gone_after_s + 1)
    assert len(shop.left) == 1
