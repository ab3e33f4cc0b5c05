"""Receivers on the store's LAN that report over the store broker, each in its maker's format.

If that broker dies its receivers are blind, all at once and at once; one that says nothing for
long is blind by itself, and one whose Last Will has come is blind at once. What they send is
stamped on arrival; a sender's own clock, where it tells one, only shows how long a report waited.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random

from cloud_bridge.mqtt import Broker, BrokerError, Message, backoff, connect
from device_profiles.receivers import Kind, Liveness, NoReport, Report, liveness_of, report_of
from edge_agent.kernel.clock import Instant
from edge_agent.radio.audience import Audience
from edge_agent.radio.counters import Ignored
from edge_agent.radio.sender_clock import SenderClock
from edge_agent.radio.watchdog import GATEWAY_SILENCE_S, Reason, Watchdog

TOPICS: Mapping[str, tuple[str, ...]] = {
    "omg": ("home/+/BTtoMQTT/#", "home/+/presence/#", "home/+/LWT"),
    "espresense": ("espresense/devices/+/+", "espresense/rooms/+/status"),
}
"""What is subscribed where the store has a receiver of the kind."""

LONGEST_RETRY_S = 5.0
"""The broker is on the store's own LAN: back within seconds, and one client does not crowd it."""

WORTH_COUNTING_S = 1.0
"""A report that waited longer is one that a person should hear of; Wi-Fi alone takes tenths."""

STALE = Ignored("retained message")
FOREIGN_RECEIVER = Ignored("unknown gateway")
ECHO = Ignored("said again on another topic")
"""Theengs Gateway sends each report to its presence topic too, byte for byte."""


@dataclass(frozen=True, slots=True)
class GatewayPolicy:
    """How long gateways may be silent, and what depends on it (seconds).

    Attributes:
        silence: without a report until a gateway counts as blind.
        retry: the longest wait before a new connection, full jitter.
        check: between looks at the silence; the error of `silence`.
    """

    silence: float = GATEWAY_SILENCE_S
    retry: float = LONGEST_RETRY_S
    check: float = 1.0


@dataclass(slots=True)
class _Remote:
    """One receiver on the broker.

    Attributes:
        id: the receiver's id in the store.
        online: by its own last word; None before it has said any.
        last: its last report's topic and payload, each as a hash that differs in each process.
    """

    id: str
    watchdog: Watchdog
    online: bool | None = None
    last: tuple[int, int] = (0, 0)
    clock: SenderClock = field(default_factory=SenderClock)


class StoreBrokerReceivers:
    """All receivers on the store broker, over one connection."""

    def __init__(
        self,
        receivers: Iterable[tuple[str, Kind, str]],
        *,
        broker: Broker,
        audience: Audience,
        policy: GatewayPolicy,
        random: Random,
    ) -> None:
        """`receivers` are the receiver's id, its kind, and its name in its maker's topics."""
        now = audience.clock.now()
        self._remotes = {
            (kind, name): _Remote(receiver, Watchdog(receiver, policy.silence, now))
            for receiver, kind, name in receivers
        }
        kinds = sorted({kind for kind, _ in self._remotes})
        self._topics = [topic for kind in kinds for topic in TOPICS[kind]]
        self._broker = broker
        self._audience = audience
        self._clock = audience.clock
        self._policy = policy
        self._random = random
        self._connected = False

    async def run(self) -> None:
        """Listen for ever, over as many connections as it takes."""
        for remote in self._remotes.values():
            self._audience.tell(remote.watchdog.health)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch_silence(), name="store-broker-silence")
            tasks.create_task(self._stay_connected(), name="store-broker-receivers")

    async def _stay_connected(self) -> None:
        attempt = 0
        while True:
            began = self._clock.now()
            try:
                await self._listen()
            except BrokerError as err:
                now = self._clock.now()
                self._all_blind(now, str(err))
                stood = now.monotonic - began.monotonic > self._policy.retry
                attempt = 0 if stood else attempt + 1
                await asyncio.sleep(backoff(attempt, self._random, self._policy.retry))

    async def _listen(self) -> None:
        """One connection, from first to last; raises `BrokerError` at its end."""
        async with connect(self._broker) as connection:
            await connection.subscribe(*self._topics, qos=0)
            now = self._clock.now()
            for remote in self._remotes.values():
                remote.watchdog.listening(now)
            self._connected = True
            try:
                async for message in connection.messages:
                    self._take(message)
            finally:
                self._connected = False

    async def _watch_silence(self) -> None:
        while True:
            await asyncio.sleep(self._policy.check)
            now = self._clock.now()
            for remote in self._remotes.values():
                if self._connected and remote.online is not False and remote.watchdog.overdue(now):
                    self._audience.tell(remote.watchdog.blind(Reason.SILENT, now))

    def _take(self, message: Message) -> None:
        message.ack()
        liveness = liveness_of(message.topic, message.payload)
        if liveness is not None:
            self._came_or_went(liveness)
        elif message.retain:
            self._audience.counters.ignored[STALE] += 1
        else:
            self._take_report(message)

    def _came_or_went(self, liveness: Liveness) -> None:
        """A last word counts when it is retained too: it is how things stand.

        A gateway that only says again that it is online has heard nothing.
        """
        remote = self._remotes.get((liveness.kind, liveness.receiver))
        if remote is None:
            return
        before, remote.online = remote.online, liveness.online
        now = self._clock.now()
        if not liveness.online:
            self._audience.tell(remote.watchdog.blind(Reason.OFFLINE, now))
        elif not before:
            remote.watchdog.listening(now)

    def _take_report(self, message: Message) -> None:
        try:
            report = report_of(message.topic, message.payload)
        except NoReport as refusal:
            self._audience.counters.ignored[Ignored(refusal.reason)] += 1
            return
        remote = self._remotes.get((report.kind, report.receiver))
        if remote is None:
            self._audience.counters.ignored[FOREIGN_RECEIVER] += 1
            return
        before, remote.last = remote.last, (hash(message.topic), hash(message.payload))
        if before[0] != remote.last[0] and before[1] == remote.last[1]:
            self._audience.counters.ignored[ECHO] += 1
            return
        now = self._clock.now()
        remote.online = True
        self._audience.tell(remote.watchdog.heard(now))
        self._report(remote, report, now)

    def _report(self, remote: _Remote, report: Report, now: Instant) -> None:
        counters = self._audience.counters
        counters.heard += 1
        if report.ignored is not None:
            counters.ignored[_ignored(report.ignored)] += 1
        heard_at = now.plus(-self._age_s(remote, report, now))
        self._audience.report(
            remote.id, report.frames, report.rssi, heard_at, address=report.address
        )

    def _age_s(self, remote: _Remote, report: Report, now: Instant) -> float:
        if report.sent_s is None:
            return 0.0
        troubles, steps = self._audience.counters.troubles, remote.clock.steps
        age_s = remote.clock.age_s(report.sent_s, now.monotonic)
        if age_s > WORTH_COUNTING_S:
            troubles[remote.id, "late report"] += 1
        if remote.clock.steps > steps:
            troubles[remote.id, "clock set"] += 1
        return age_s

    def _all_blind(self, now: Instant, detail: str) -> None:
        for remote in self._remotes.values():
            self._audience.tell(remote.watchdog.blind(Reason.BROKER_LOST, now, detail))


def _ignored(reason: str) -> Ignored:
    """The parser says ``malformed <format>`` in one string."""
    word, _, rest = reason.partition(" ")
    return Ignored(word, rest) if word == "malformed" else Ignored(reason)
