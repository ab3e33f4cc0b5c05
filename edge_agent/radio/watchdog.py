"""Blind is not gone: what is known about each receiver's own hearing. Pure.

A receiver that hears nothing says nothing about the beacons near it. Only packets are evidence of
hearing; a scan that started well is not (facts: bluez#1554, #1126, bleak#2021).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from edge_agent.kernel.clock import Instant

ADAPTER_SILENCE_S = 15.0
"""Seconds without a packet until an adapter counts as blind.

The longest legal interval between advertisements is 10.24 s (Core 5.4, vol 6 part B, 4.4.2.2) and
a controller that filters duplicates reports each transmitter once per 10.3 s scan; longer than
both, shorter than the 30 s after which presence would call a shopper gone. A store hangs one
beacon of its own where a receiver may otherwise hear none, or that receiver is restarted in vain.
"""

GATEWAY_SILENCE_S = 120.0
"""The same for a gateway on the store broker: OpenMQTTGateway scans 10 s in each 55.5 s unless it
is told to scan all the time; two rounds may pass."""


class ReceiverState(StrEnum):
    """Whether a receiver's silence means anything."""

    STARTING = "starting"
    HEARING = "hearing"
    BLIND = "blind"


class Reason(StrEnum):
    """Why a receiver is blind."""

    SILENT = "silent"
    POWERED_OFF = "powered_off"
    UNPLUGGED = "unplugged"
    NOT_DISCOVERING = "not_discovering"
    BLUETOOTHD_GONE = "bluetoothd_gone"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REFUSED = "refused"
    BUS_LOST = "bus_lost"
    BROKER_LOST = "broker_lost"
    OFFLINE = "offline"
    """By its own last word: a gateway's Last Will, a node's status, a device off the bus."""
    UNREACHABLE = "unreachable"
    WRONG_KEY = "wrong_key"
    OTHER_SUBSCRIBER = "other_subscriber"
    """It gives its packets to one listener only, and that is somebody else."""


@dataclass(frozen=True, slots=True)
class ReceiverHealth:
    """What one receiver's hearing is, and since when.

    Attributes:
        reason: set exactly while it is blind.
        detail: what the radio's own software said, for the technician.
        since: when `state` and `reason` became what they are.
        last_heard: the last packet of any transmitter; None before the first.
    """

    receiver: str
    state: ReceiverState
    reason: Reason | None
    since: Instant
    last_heard: Instant | None = None
    detail: str = ""


POWER_CYCLE_AFTER: Mapping[Reason, int] = {
    Reason.BUSY: 2,
    Reason.NOT_DISCOVERING: 2,
    Reason.SILENT: 4,
}
"""Failures in a row, for the same reason and with no packet between, after which only a power
cycle may help. BUSY: bluetoothd holds a scan of ours that it began after we had given up waiting.
SILENT: its "discovering" flag is stuck (bluez#807); a minute, for an empty store is silent too."""


class Watchdog:
    """One receiver's health, kept from what happens to it."""

    def __init__(self, receiver: str, silence_s: float, now: Instant) -> None:
        """`silence_s` without a packet is deafness; counting begins `now`."""
        self._silence_s = silence_s
        self._listening_since = now
        self._last_heard: Instant | None = None
        self._failures = 0
        self._health = ReceiverHealth(receiver, ReceiverState.STARTING, None, now)

    @property
    def health(self) -> ReceiverHealth:
        """The present state."""
        return replace(self._health, last_heard=self._last_heard)

    def listening(self, now: Instant) -> None:
        """A scan or subscription began: the silence is counted from here."""
        self._listening_since = now

    def heard(self, now: Instant) -> ReceiverHealth | None:
        """A packet came in; returns the new health when that changed it."""
        self._last_heard = now
        if self._health.state is ReceiverState.HEARING:
            return None
        return self._become(ReceiverState.HEARING, None, now, "")

    def blind(self, reason: Reason, now: Instant, detail: str = "") -> ReceiverHealth | None:
        """It cannot hear; returns the new health when that is news."""
        if self._health.reason is reason:
            self._failures += 1
            return None
        self._failures = 1
        return self._become(ReceiverState.BLIND, reason, now, detail)

    def overdue(self, now: Instant) -> bool:
        """Whether nothing has been heard for too long while listening."""
        last = self._listening_since.monotonic
        if self._last_heard is not None:
            last = max(last, self._last_heard.monotonic)
        return now.monotonic - last >= self._silence_s

    def needs_power_cycle(self) -> bool:
        """Whether starting again has been in vain often enough."""
        reason = self._health.reason
        after = POWER_CYCLE_AFTER.get(reason) if reason else None
        return after is not None and self._failures % after == 0

    def _become(
        self, state: ReceiverState, reason: Reason | None, now: Instant, detail: str
    ) -> ReceiverHealth:
        self._health = ReceiverHealth(
            self._health.receiver, state, reason, now, self._last_heard, detail
        )
        return self._health
