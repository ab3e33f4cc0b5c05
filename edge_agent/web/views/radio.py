"""How well the store hears, for the console; never an address."""

from collections.abc import Mapping, Sequence

from edge_agent.kernel.clock import Clock
from edge_agent.radio import Heard, ReceiverHealth
from edge_agent.web.views.shapes import IgnoredShape, ReceiverShape

RATE_OVER_S = 2.0
"""Sightings per second are counted over this long: short enough to see a radio fall silent."""


class RadioView:
    """Turns running counters into the console's `radio` value."""

    def __init__(self, heard: Heard, clock: Clock) -> None:
        self._heard = heard
        self._clock = clock
        self._health: dict[str, ReceiverHealth] = {}
        self._counted: Mapping[str, int] = {}
        self._rates: dict[str, float] = {}
        self._since = clock.now().monotonic

    def health_changed(self, health: ReceiverHealth) -> None:
        """Note a receiver's health."""
        self._health[health.receiver] = health

    def content(self) -> Mapping[str, object]:
        """The value, as of now."""
        return {
            "receivers": self.receivers(),
            "heard": self._heard.heard,
            "decoded": dict(self._heard.decoded),
            "ignored": [
                IgnoredShape(reason=one.reason, format=one.format, count=count)
                for one, count in self._heard.ignored.most_common()
            ],
            "strangers": self._strangers(),
        }

    def _strangers(self) -> Mapping[str, object]:
        now = self._clock.now()
        strangers = self._heard.strangers
        hours = [{"from": hour.start, "count": hour.transmitters} for hour in strangers.hours(now)]
        return {"today": strangers.today(now), "hours": hours}

    def _measure(self) -> None:
        elapsed = self._clock.now().monotonic - self._since
        if elapsed < RATE_OVER_S:
            return
        counts = dict(self._heard.sightings)
        self._rates = {
            receiver: round((count - self._counted.get(receiver, 0)) / elapsed, 1)
            for receiver, count in counts.items()
        }
        self._counted, self._since = counts, self._clock.now().monotonic

    def receivers(self) -> Sequence[ReceiverShape]:
        """Each receiver's health and rate, as of now."""
        self._measure()
        return [
            ReceiverShape(
                id=receiver,
                state=health.state.value,
                reason=health.reason.value if health.reason else None,
                since=health.since.wall,
                rate=self._rates.get(receiver, 0.0),
                heard_age_s=self._age(health),
                detail=health.detail,
                concern=health.concern.value if health.concern else None,
                step=health.step.value if health.step else None,
                attempt=health.attempt,
                troubles={
                    what: count
                    for (one, what), count in sorted(self._heard.troubles.items())
                    if one == receiver
                },
            )
            for receiver, health in sorted(self._health.items())
        ]

    def _age(self, health: ReceiverHealth) -> float | None:
        """Seconds since the last packet, as exact as the receiver's kind lets it be known."""
        last = health.last_heard.monotonic if health.last_heard else None
        at = self._heard.heard_at.get(health.receiver, last)
        return None if at is None else round(self._clock.now().monotonic - at, 1)
