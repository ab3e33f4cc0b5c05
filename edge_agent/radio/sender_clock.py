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
"""The resolution of ``unixtime``, which cuts off what is below: a delay of up to this much is no
delay, and of a longer one this much may be the stamp's. What is left of it is proven."""

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
        """Seconds that a message stamped `sent_s` was surely on its way beyond the fastest."""
        behind = at - sent_s
        fastest = min(self._behind, default=behind)
        if abs(behind - fastest) > LONGEST_WAIT_S:
            self.steps += 1
            self._behind.clear()
            fastest = behind
        self._behind.append(behind)
        return max(0.0, behind - fastest - self._resolution_s)
