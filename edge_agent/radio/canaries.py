"""Reference beacons as canaries: fixed transmitters of the store's own that must always be heard.

Nothing heard in an empty store may be the truth; nothing heard of a beacon that hangs beside the
receiver never is.
"""

from dataclasses import dataclass
from typing import Protocol

CANARY_SILENT_AFTER = 10
"""Missed intervals of a reference beacon until its silence counts; a person who stands before it
takes some in a row."""

CANARY_SILENT_S = 30.0
"""The least silence that counts: two rounds of a controller that reports each transmitter once per
scan of 10.3 s, and a third for luck."""


@dataclass(frozen=True, slots=True)
class Canary:
    """What is known of the reference beacons near one receiver; of several, the last heard.

    Attributes:
        heard_at: monotonic seconds; None when this receiver never heard one.
        every_s: how often it is expected to be heard.
    """

    heard_at: float | None
    every_s: float

    def silent(self, since: float, now: float) -> bool:
        """Whether it ought to have been heard by `now` by a radio that listens `since`."""
        last = since if self.heard_at is None else max(since, self.heard_at)
        return now - last >= max(CANARY_SILENT_S, CANARY_SILENT_AFTER * self.every_s)


class Canaries(Protocol):
    """Knows which reference beacons hang near which receiver."""

    def near(self, receiver: str) -> Canary | None:
        """What `receiver` heard of its own; None when there is no reference beacon near."""
        ...


class NoCanaries:
    """A store without reference beacons."""

    def near(self, _receiver: str) -> Canary | None:
        """None for every receiver."""
        return None
