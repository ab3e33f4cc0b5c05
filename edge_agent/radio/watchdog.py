"""Blind is not gone: what is known about each receiver's own hearing. Pure.

A receiver that hears nothing says nothing about the beacons near it. Only packets are evidence of
hearing; a scan that started well is not (facts: bluez#1554, #1126, bleak#2021).
"""

from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum

from edge_agent.kernel.clock import Instant
from edge_agent.radio.canaries import Canary
from edge_agent.radio.rssi_grain import Grain

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


RELAPSE_S = 300.0
"""A receiver that is blind again this soon flaps: it counts as hearing again only when it has heard
for a while, so that nobody is told of each turn."""

FIRST_SETTLING_S, LONGEST_SETTLING_S = 5.0, 60.0
"""How long a relapsed receiver must hear before that is believed: doubled by each relapse. Longer
than a minute would hide a receiver that is well."""


class ReceiverState(StrEnum):
    """Whether a receiver's silence means anything."""

    STARTING = "starting"
    HEARING = "hearing"
    BLIND = "blind"


class Reason(StrEnum):
    """Why a receiver is blind."""

    SILENT = "silent"
    """Nothing at all is heard."""

    DEAF = "deaf"
    """The same, and a reference beacon hangs near it."""

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


class Concern(StrEnum):
    """What is wrong with a receiver that hears."""

    REFERENCE_SILENT = "reference_silent"
    """Strangers are heard, and the reference beacon near it is not."""

    COARSE_RSSI = "coarse_rssi"
    """Only changes of 8 dB and more arrive."""


REMEDIES = {
    Concern.REFERENCE_SILENT: "look at the reference beacon's battery and the receiver's antenna",
    Concern.COARSE_RSSI: "BlueZ hides RSSI changes below 8 dB: restart bluetooth.service, end other"
    " programs that scan on this adapter, and check `bluetoothctl --version` against the list of"
    " tried ones in docs/operations/radio.md",
}
"""What a technician can do about each."""


class Step(StrEnum):
    """What is being tried to make an adapter hear again."""

    NEW_SCAN = "new_scan"
    POWER_CYCLE = "power_cycle"
    RESTART_BLUETOOTHD = "restart_bluetoothd"
    RENEW_BLEAK = "renew_bleak"
    GIVEN_UP = "given_up"
    """The ladder is at its end, or its next step would disturb an adapter that hears."""


@dataclass(frozen=True, slots=True)
class ReceiverHealth:
    """What one receiver's hearing is, and since when.

    Attributes:
        reason: set exactly while it is blind.
        detail: what the radio's own software said or the remedy, for the technician.
        since: when `state` and `reason` became what they are.
        last_heard: the last packet of any transmitter; None before the first.
        step: what was tried last; None while it hears, and for receivers that mend themselves.
        attempt: which attempt for this reason, from 1; 0 while it hears.
        concern: only while it hears.
    """

    receiver: str
    state: ReceiverState
    reason: Reason | None
    since: Instant
    last_heard: Instant | None = None
    detail: str = ""
    step: Step | None = None
    attempt: int = 0
    concern: Concern | None = None


class Watchdog:
    """One receiver's health, kept from what happens to it."""

    def __init__(self, receiver: str, silence_s: float, now: Instant) -> None:
        """`silence_s` without a packet is deafness; counting begins `now`."""
        self._silence_s = silence_s
        self._listening_since = now
        self._last_heard: Instant | None = None
        self._attempts: Counter[Reason] = Counter()
        self._health = ReceiverHealth(receiver, ReceiverState.STARTING, None, now)
        self._settling_s = 0.0
        self._settling_since: float | None = None
        self._recovered_at = float("-inf")

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
        if self._settling_since is None:
            self._settling_since = now.monotonic
        if now.monotonic - self._settling_since < self._settling_s:
            return None
        if self._health.state is ReceiverState.BLIND:
            self._recovered_at = now.monotonic
        self._attempts.clear()
        return self._become(ReceiverState.HEARING, None, now, "")

    def blind(self, reason: Reason, now: Instant, detail: str = "") -> ReceiverHealth | None:
        """It cannot hear; returns the new health when that is news."""
        if self._health.state is ReceiverState.HEARING:
            self._settle(now)
        self._settling_since = None
        self._attempts[reason] += 1
        if self._health.reason is reason:
            return None
        return self._become(ReceiverState.BLIND, reason, now, detail)

    def tried(self, step: Step, detail: str = "") -> ReceiverHealth:
        """A step of recovery is taken, with what came of it; returns the health that says so."""
        self._health = replace(
            self._health, step=step, attempt=self.attempt, detail=detail or self._health.detail
        )
        return self.health

    def look(self, canary: Canary | None, grain: Grain, now: Instant) -> ReceiverHealth | None:
        """Judge a receiver that hears; returns the new health when the concern is another one."""
        if self._health.state is not ReceiverState.HEARING:
            return None
        concern = None
        if canary is not None and canary.silent(self._listening_since.monotonic, now.monotonic):
            concern = Concern.REFERENCE_SILENT
        elif grain is Grain.COARSE:
            concern = Concern.COARSE_RSSI
        if concern is self._health.concern:
            return None
        detail = REMEDIES[concern] if concern else ""
        self._health = replace(self._health, concern=concern, detail=detail)
        return self.health

    def overdue(self, now: Instant) -> bool:
        """Whether nothing has been heard for too long while listening."""
        last = self._listening_since.monotonic
        if self._last_heard is not None:
            last = max(last, self._last_heard.monotonic)
        return now.monotonic - last >= self._silence_s

    @property
    def attempt(self) -> int:
        """How often it failed for the present reason since it last heard, from 1; 0 if it hears."""
        reason = self._health.reason
        return self._attempts[reason] if reason else 0

    def _settle(self, now: Instant) -> None:
        """Blind again: soon after the last time, hearing must last longer to be believed."""
        relapsed = now.monotonic - self._recovered_at < RELAPSE_S
        longer = max(FIRST_SETTLING_S, 2 * self._settling_s)
        self._settling_s = min(longer, LONGEST_SETTLING_S) if relapsed else 0.0

    def _become(
        self, state: ReceiverState, reason: Reason | None, now: Instant, detail: str
    ) -> ReceiverHealth:
        self._health = ReceiverHealth(
            self._health.receiver, state, reason, now, self._last_heard, detail
        )
        return self._health
