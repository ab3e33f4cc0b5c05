"""Who is told what the receivers hear, and how sightings leave the radio."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from device_profiles.beacons import EddystoneEid, Frame
from device_profiles.sighting import Sighting
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.radio.counters import Heard, Ignored
from edge_agent.radio.identities import Identities
from edge_agent.radio.watchdog import ReceiverHealth

COPY = Ignored("another transmitter of an enrolled identity")
UNKNOWN_EID = Ignored("identifier of a stranger", EddystoneEid.FORMAT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """What every receiver reports to; all of it on the event loop, none of it may block.

    Attributes:
        heard: called for each sighting, thousands of times a second.
        health_changed: called for each receiver at the start and at each change.
        counters: counted up in place.
        identities: the beacons that the store knows.
    """

    clock: Clock
    heard: Callable[[Sighting], None]
    health_changed: Callable[[ReceiverHealth], None]
    counters: Heard
    identities: Identities = field(default_factory=Identities)

    def tell(self, health: ReceiverHealth | None) -> None:
        """Pass on a change of health, if there is one."""
        if health is not None:
            self.health_changed(health)

    def report(
        self,
        receiver: str,
        frames: Iterable[Frame],
        rssi: float,
        now: Instant,
        *,
        address: str | None = None,
    ) -> None:
        """One packet: its frames are counted, and whoever they or its address name is a sighting.

        `address` has colons between its bytes; where the receiver does not tell it, private
        addresses are not resolved. It is not kept.
        """
        power: int | None = None
        for frame in frames:
            self.counters.decoded[frame.FORMAT] += 1
            power = frame.power_1m
            identity = self.identities.of(frame, now)
            if identity is not None:
                sighting = Sighting(receiver, identity, rssi, power, now.monotonic)
                self._sighted(sighting, address, now)
            elif isinstance(frame, EddystoneEid):
                self.counters.ignored[UNKNOWN_EID] += 1
        if address is not None and (holder := self.identities.of_address(address)) is not None:
            self._sighted(Sighting(receiver, holder, rssi, power, now.monotonic), None, now)

    def _sighted(self, sighting: Sighting, address: str | None, now: Instant) -> None:
        if not self.identities.believed(sighting.identity, address, now):
            self.counters.ignored[COPY] += 1
            return
        self.counters.sightings[sighting.receiver] += 1
        self.heard(sighting)
