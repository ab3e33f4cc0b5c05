"""How much may go up at once: what the line carries, and what the hub allows. Pure."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from cloud_bridge.wire.batch import MOST_FACTS, MOST_WIRE_BYTES

BULK_S: Final = 0.5
"""What a batch below `pickup` may take of the line: the longest that a pickup waits behind it."""

PICKUP_S: Final = 2.0
"""What a batch of `pickup` may take: it is there before `uplink.RESEND_S` sends it again."""

FIRST_BYTES: Final = 2048
"""Of the first batch of a connection: half a second of a 4 kB/s line. It doubles with each answer,
so a fast line is filled after five."""

LEAST_BYTES: Final = 512
"""Some five facts. Less is no quicker: an MQTT header, TCP and TLS take 120 bytes of each batch."""

TRIPS_KEPT: Final = 32
"""Among which the quickest is found: a route that became slower is believed after so many."""

PROBE_EVERY: Final = 12
"""A small batch among so many large ones, while these take long, keeps the quickest trip known: it
costs 1/12 of a slow line's batches. Without it a slow line is taken for a far one. Less than
`TRIPS_KEPT` by so much that two are always kept."""


@dataclass(slots=True)
class Line:
    """The line to the hub and back, measured by batches and their acknowledgements.

    A trip takes the latency of network and hub, and the time that the line needs for the bytes. The
    quickest trip stands for the former, so that a far hub gets large batches all the same.

    Attributes:
        limit: wire bytes that a batch below `pickup` may have.
    """

    limit: int = FIRST_BYTES
    _trips: deque[float] = field(default_factory=lambda: deque(maxlen=TRIPS_KEPT))
    _since_probe: int = 0

    def measured(self, size: int, seconds: float) -> None:
        """`size` bytes were acknowledged `seconds` after they went out."""
        self._trips.append(seconds)
        self._since_probe = 0 if size <= LEAST_BYTES or seconds <= BULK_S else self._since_probe + 1
        transfer = max(seconds - min(self._trips), 1e-6)
        fits = int(size * BULK_S / transfer)
        if fits < self.limit or 2 * size >= self.limit:
            self.limit = max(LEAST_BYTES, min(fits, 2 * self.limit, MOST_WIRE_BYTES))

    def bulk(self) -> int:
        """Wire bytes that the next batch below `pickup` may have."""
        return LEAST_BYTES if self._since_probe >= PROBE_EVERY else self.limit

    def pickup(self) -> int:
        """Wire bytes that the next batch of `pickup` may have."""
        return min(int(self.limit * PICKUP_S / BULK_S), MOST_WIRE_BYTES)


LEAST_RATE: Final = 1.0
"""Facts a second: a hub that says 0 wants to hear less, not to lose a store for ever."""


@dataclass(slots=True)
class Allowance:
    """The hub's rate as a token bucket, a token a fact; full it holds what a second brings."""

    _rate: float | None = None
    _tokens: float = 0.0
    _counted_at: float = 0.0

    def set(self, rate: float | None, now: float) -> None:
        """The hub's word of now; None sets no limit."""
        self._count(now)
        self._rate = None if rate is None else max(rate, LEAST_RATE)

    def most(self, now: float) -> int:
        """Facts that may go now, at most a batch; 0 while it is not worth one."""
        if self._rate is None:
            return MOST_FACTS
        self._count(now)
        return min(MOST_FACTS, int(self._tokens)) if self._tokens >= self._worth else 0

    def spend(self, facts: int, now: float) -> None:
        """So many go."""
        self._count(now)
        self._tokens = max(0.0, self._tokens - facts)

    def due_at(self) -> float | None:
        """When it is worth a batch again; None when it is, or nothing is limited."""
        if self._rate is None or self._tokens >= self._worth:
            return None
        return self._counted_at + (self._worth - self._tokens) / self._rate + _ROUNDING_S

    @property
    def _worth(self) -> float:
        """Tokens that are worth a batch: of half a second, so that no fact travels alone."""
        return max(1.0, min(MOST_FACTS, (self._rate or 0.0) / 2))

    def _count(self, now: float) -> None:
        rate = self._rate or 0.0
        earned = rate * max(0.0, now - self._counted_at)
        self._tokens = min(self._tokens + earned, max(1.0, rate))
        self._counted_at = now


_ROUNDING_S: Final = 1e-3
"""Beyond what floating point loses of a token, and no wait at all."""
