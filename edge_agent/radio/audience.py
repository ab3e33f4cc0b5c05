"""Who is told what the receivers hear, and how sightings leave the radio."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from device_profiles.beacons import Frame
from device_profiles.sighting import Sighting
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.radio.counters import Heard
from edge_agent.radio.watchdog import ReceiverHealth


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """What every receiver reports to; all of it on the event loop, none of it may block.

    Attributes:
        heard: called for each sighting, thousands of times a second.
        health_changed: called for each receiver at the start and at each change.
        counters: counted up in place.
    """

    clock: Clock
    heard: Callable[[Sighting], None]
    health_changed: Callable[[ReceiverHealth], None]
    counters: Heard

    def tell(self, health: ReceiverHealth | None) -> None:
        """Pass on a change of health, if there is one."""
        if health is not None:
            self.health_changed(health)

    def report(self, receiver: str, frames: Iterable[Frame], rssi: float, now: Instant) -> None:
        """One packet's frames: all are counted, those that name their beacon are sightings."""
        for frame in frames:
            self.counters.decoded[frame.FORMAT] += 1
            if frame.identity is not None:
                self.counters.sightings[receiver] += 1
                self.heard(Sighting(receiver, frame.identity, rssi, frame.power_1m, now.monotonic))
