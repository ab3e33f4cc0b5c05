"""Who is told what the receivers hear, and how sightings leave the radio."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from device_profiles.beacons import EddystoneEid, Frame
from device_profiles.sighting import Sighting
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.radio.counters import Heard, Ignored
from edge_agent.radio.identities import Identities
from edge_agent.radio.own import TELEMETRY
from edge_agent.radio.watchdog import ReceiverHealth

COPY = Ignored("another transmitter of an enrolled identity")
UNKNOWN_EID = Ignored("identifier of a stranger", EddystoneEid.FORMAT)


def nobody(_identity: str, _frame: Frame, _now: Instant) -> str | None:
    """Nobody listens to telemetry."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """What every receiver reports to; all of it on the event loop, none of it may block.

    Attributes:
        heard: called for each sighting, thousands of times a second.
        health_changed: called for each receiver at the start and at each change.
        counters: counted up in place.
        identities: the beacons that the store knows.
        told: called for each telemetry frame of the store's own beacons, with the identity; says
            why it was not believed, in words to count by.
    """

    clock: Clock
    heard: Callable[[Sighting], None]
    health_changed: Callable[[ReceiverHealth], None]
    counters: Heard
    identities: Identities = field(default_factory=Identities)
    told: Callable[[str, Frame, Instant], str | None] = nobody

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
        counters, identities = self.counters, self.identities
        counters.heard_at[receiver] = now.monotonic
        named = None if address is None else identities.of_address(address)
        if named is not None:
            sighting = Sighting(receiver, named, rssi, None, now.monotonic)
            named = named if self._sighted(sighting, address, now) else None
        by_address = named
        telling: list[Frame] = []
        for frame in frames:
            counters.decoded[frame.FORMAT] += 1
            identity = identities.of(frame, now)
            if identity is not None:
                sighting = Sighting(receiver, identity, rssi, frame.power_1m, now.monotonic)
                if self._sighted(sighting, address, now):
                    named = identity
            elif isinstance(frame, TELEMETRY):
                telling.append(frame)
            elif isinstance(frame, EddystoneEid):
                counters.ignored[UNKNOWN_EID] += 1
        for frame in telling:
            self._telling(frame, named, address, now)
        self._note(by_address or named, address, now)

    def _note(self, named: str | None, address: str | None, now: Instant) -> None:
        """Count a packet's transmitter, unless the store knows it."""
        transmitter = address or named
        if transmitter is not None and (named is None or named not in self.identities):
            self.counters.strangers.count(transmitter, now)

    def _telling(self, frame: Frame, named: str | None, address: str | None, now: Instant) -> None:
        told = self.identities.telemetry(frame, named, address, now)
        if told is not None and (reason := self.told(*told, now)) is not None:
            self.counters.ignored[Ignored(reason, frame.FORMAT)] += 1

    def _sighted(self, sighting: Sighting, address: str | None, now: Instant) -> bool:
        if not self.identities.believed(sighting.identity, address, now):
            self.counters.ignored[COPY] += 1
            return False
        self.counters.sightings[sighting.receiver] += 1
        self.heard(sighting)
        return True
