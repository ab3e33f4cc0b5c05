"""How fast stores may hand over when many come back at once.

A store has one batch below `pickup` under way. With many stores at it, a pickup fact waits behind
as many batches, and at a broker whose queue is full it may be thrown away. So as soon as that wait
would be felt, the hub divides what it can commit among those who are draining.
"""

from collections import deque
from dataclasses import dataclass, field

from cloud_bridge.wire.batch import MOST_FACTS

WAIT_S = 1.0
"""Longest queue of others' batches that needs no rate: half of what a pickup fact may take on the
slowest line, and eighty stores at 40,000 facts a second."""

SHARE = 0.7
"""Of what the hub commits; the rest is for pickup, hellos, pages, and a database that has a worse
day than the last ten seconds."""

LEAST = 5.0
"""Facts a second: even a fleet of a hundred thousand moves on, a batch every minute or two."""

FULL = MOST_FACTS // 5
"""Facts in a batch from which on its store is draining: idle ones send a few at a time. A store
that holds to a rate sends smaller ones, half a second's worth: half of that is draining too."""

WINDOW_S = 10.0
"""What is looked back on: longer than a resend, shorter than an operator's patience."""


def rate(draining: int, capacity: float) -> float | None:
    """Facts a second that each store may hand over; None: no limit.

    Args:
        draining: stores that hand over a backlog.
        capacity: facts a second that all workers commit together; 0 when nothing was measured.
    """
    if capacity <= 0 or draining * MOST_FACTS <= capacity * WAIT_S:
        return None
    return max(LEAST, SHARE * capacity / draining)


@dataclass(slots=True)
class Pace:
    """What one worker has seen of late. Times are monotonic seconds, given.

    Attributes:
        workers: how many share the work; each sees every store and its part of the facts.
        capacity: facts a second that all of them commit while there are full batches to take.
    """

    workers: int = 1
    capacity: float = 0.0
    _draining: dict[str, tuple[float, float | None]] = field(default_factory=dict)  # since, rate
    _commits: deque[tuple[float, int, float]] = field(default_factory=deque)  # at, facts, busy
    _under_way: int = 0
    _busy_since: float = 0.0
    _busy_s: float = 0.0

    def begin(self, now: float) -> None:
        """A batch begins to be taken."""
        if self._under_way == 0:
            self._busy_since = now
        self._under_way += 1

    def end(self, store: str, facts: int, now: float) -> float | None:
        """A batch of so many facts was taken, or was not; what the store may hand over."""
        self._under_way -= 1
        self._busy_s += now - self._busy_since
        self._busy_since = now
        if facts >= FULL:
            self._commits.append((now, facts, self._busy_s))
        if facts:  # small batches tell what a message costs, not what a fact does
            self._busy_s = 0.0
        self._forget(now - WINDOW_S)
        self._measure()
        if not self._drains(store, facts):
            return None
        self._draining.pop(store, None)
        given = rate(len(self._draining) + 1, self.capacity)
        self._draining[store] = (now, given)
        return given

    def _drains(self, store: str, facts: int) -> bool:
        _, given = self._draining.get(store, (0.0, None))
        return facts >= (FULL if given is None else min(FULL, given / 4))

    def _measure(self) -> None:
        busy_s = sum(busy for _, _, busy in self._commits)
        if busy_s > 0:
            self.capacity = self.workers * sum(facts for _, facts, _ in self._commits) / busy_s

    def _forget(self, before: float) -> None:
        while self._commits and self._commits[0][0] < before:
            self._commits.popleft()
        while self._draining:
            store, (at, _) = next(iter(self._draining.items()))
            if at >= before:
                return
            del self._draining[store]
