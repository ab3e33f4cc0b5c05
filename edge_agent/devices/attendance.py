"""Which devices are there, by which route, and where their clocks stand. Pure; time comes in."""

from collections import deque
from dataclasses import dataclass, field

ABSENT_AFTER_S = 2.0
"""A device that was silent for this long is gone: four heartbeats of 500 ms, and above the 1.5 s
after which ZeroMQ itself gives a connection up, so that a reconnection is not an absence."""

_OFFSETS = 64
"""How many letters the clock estimate looks back, half a minute of heartbeats. Fewer would let
one slow letter shift it, more would let drift add up (100 ppm over 32 s is 3 ms)."""


class DeviceClock:
    """Where a device's monotonic clock stands, as seen from the agent.

    A letter stamped `sent_ms` and received at `at` proves that the device's clock had reached
    `sent_ms` by then. The best such proof is a lower bound of the device's present time, short
    by no more than the fastest letter's time on the way.
    """

    def __init__(self) -> None:
        self._offsets: deque[float] = deque(maxlen=_OFFSETS)

    def observe(self, sent_ms: int, at: float) -> None:
        """Take in one letter; `at` in seconds on the agent's monotonic clock."""
        self._offsets.append(sent_ms - at * 1000)

    def read(self, at: float) -> int:
        """Milliseconds on the device's clock at the agent's `at`, never ahead of the truth."""
        return int(at * 1000 + max(self._offsets))


@dataclass(slots=True)
class _Attendant:
    route: bytes
    session: str
    heard: float
    introduced: bool = False
    clock: DeviceClock = field(default_factory=DeviceClock)


class Attendance:
    """The roll of devices. A device counts as present from its introduction to its silence."""

    def __init__(self) -> None:
        self._roll: dict[str, _Attendant] = {}

    def heard(self, device: str, route: bytes, session: str, sent_ms: int, at: float) -> bool:
        """Note a letter; True when the device came anew and must introduce itself.

        A new route is a new connection, on which something may have been lost; a new session is
        a new program with a new clock.
        """
        known = self._roll.get(device)
        renewed = known is None or (known.route, known.session) != (route, session)
        if known is None or known.session != session:
            introduced = known is not None and known.introduced
            known = self._roll[device] = _Attendant(route, session, at, introduced)
        known.route = route
        known.heard = max(known.heard, at)
        known.clock.observe(sent_ms, at)
        return renewed

    def introduce(self, device: str) -> bool:
        """Count `device`, heard before, as present; True when it was not."""
        attendant = self._roll[device]
        arrived, attendant.introduced = not attendant.introduced, True
        return arrived

    def lapse(self, at: float) -> list[str]:
        """Strike off who has been silent for too long; returns those who had been present."""
        silent = [d for d, a in self._roll.items() if at - a.heard >= ABSENT_AFTER_S]
        return [device for device in silent if self._roll.pop(device).introduced]

    def present(self) -> frozenset[str]:
        """Everybody who is there now."""
        return frozenset(d for d, a in self._roll.items() if a.introduced)

    def address(self, device: str, at: float) -> tuple[bytes, str, int] | None:
        """Route, session and the device's clock in ms for a letter to `device` at `at`.

        None when it has never been heard, or not lately.
        """
        attendant = self._roll.get(device)
        if attendant is None:
            return None
        return attendant.route, attendant.session, attendant.clock.read(at)
