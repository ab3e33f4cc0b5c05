"""How old a message is, from its sender's own clock, which nobody has set right. Pure.

A message stamped `sent_s` that arrives at `at` proves an upper bound of the difference between
both clocks. The least of the recent ones comes from the fastest message; what another message
took beyond that, it spent in somebody's queue.
"""

from collections import deque

RECENT = 64
"""Messages that the estimate looks back on: a minute of a gateway that reports once a second.
Crystals drift 100 ppm, 6 ms a minute, far below what a stamp of whole seconds can show."""

WHOLE_SECOND = 1.0
"""The resolution of ``unixtime``: what looks younger than this may not have waited at all."""

LONGEST_WAIT_S = 30.0
"""A delay beyond this is no delay: QoS 0 through a store's broker waits for a TCP retransmission
or a Wi-Fi roaming of some seconds, and a gateway's clock jumps by NTP. The estimate starts anew."""


class SenderClock:
    """The estimate for one sender.

    Attributes:
        steps: how often the sender's clock was set anew while we listened.
    """

    def __init__(self, resolution_s: float = WHOLE_SECOND) -> None:
        self.steps = 0
        self._resolution_s = resolution_s
        self._behind: deque[float] = deque(maxlen=RECENT)

    def age_s(self, sent_s: float, at: float) -> float:
        """Seconds that a message stamped `sent_s` was on its way beyond the fastest, at `at`."""
        behind = at - sent_s
        fastest = min(self._behind, default=behind)
        if abs(behind - fastest) > LONGEST_WAIT_S:
            self.steps += 1
            self._behind.clear()
            fastest = behind
        self._behind.append(behind)
        late = behind - fastest
        return late if late > self._resolution_s else 0.0
