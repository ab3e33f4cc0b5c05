"""Receivers on the store's LAN that report over the store broker, in OpenMQTTGateway's format.

If that broker dies its receivers are blind, all at once and at once; a gateway that says nothing
for long is blind by itself.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from cloud_bridge.mqtt import Broker, BrokerError, Message, backoff, connect
from device_profiles.receivers import NoReport, Report, report_of
from edge_agent.kernel.clock import Instant
from edge_agent.radio.audience import Audience
from edge_agent.radio.counters import Ignored
from edge_agent.radio.watchdog import GATEWAY_SILENCE_S, Reason, Watchdog

TOPICS = "home/+/BTtoMQTT/#"

LONGEST_RETRY_S = 5.0
"""The broker is on the store's own LAN: back within seconds, and one client does not crowd it."""

STALE = Ignored("retained message")
FOREIGN_GATEWAY = Ignored("unknown gateway")


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


class StoreBrokerReceivers:
    """All gateways on the store broker, over one connection."""

    def __init__(
        self,
        receivers: Iterable[tuple[str, str]],
        *,
        broker: Broker,
        audience: Audience,
        policy: GatewayPolicy,
        random: Random,
    ) -> None:
        """`receivers` are pairs of receiver id and the gateway's name in its topics."""
        now = audience.clock.now()
        self._receivers = {gateway: receiver for receiver, gateway in receivers}
        self._watchdogs = {
            gateway: Watchdog(receiver, policy.silence, now)
            for gateway, receiver in self._receivers.items()
        }
        self._broker = broker
        self._audience = audience
        self._clock = audience.clock
        self._policy = policy
        self._random = random
        self._connected = False

    async def run(self) -> None:
        """Listen for ever, over as many connections as it takes."""
        for watchdog in self._watchdogs.values():
            self._audience.tell(watchdog.health)
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
            await connection.subscribe(TOPICS, qos=0)
            now = self._clock.now()
            for watchdog in self._watchdogs.values():
                watchdog.listening(now)
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
            for watchdog in self._watchdogs.values():
                if self._connected and watchdog.overdue(now):
                    self._audience.tell(watchdog.blind(Reason.SILENT, now))

    def _take(self, message: Message) -> None:
        message.ack()
        if message.retain:
            self._audience.counters.ignored[STALE] += 1
            return
        try:
            report = report_of(message.topic, message.payload)
        except NoReport as refusal:
            self._audience.counters.ignored[Ignored(refusal.reason)] += 1
            return
        watchdog = self._watchdogs.get(report.receiver)
        if watchdog is None:
            self._audience.counters.ignored[FOREIGN_GATEWAY] += 1
            return
        now = self._clock.now()
        self._audience.tell(watchdog.heard(now))
        self._report(report, now)

    def _report(self, report: Report, now: Instant) -> None:
        self._audience.counters.heard += 1
        if report.ignored is not None:
            self._audience.counters.ignored[_ignored(report.ignored)] += 1
        receiver = self._receivers[report.receiver]
        self._audience.report(receiver, report.frames, report.rssi, now)

    def _all_blind(self, now: Instant, detail: str) -> None:
        for watchdog in self._watchdogs.values():
            self._audience.tell(watchdog.blind(Reason.BROKER_LOST, now, detail))


def _ignored(reason: str) -> Ignored:
    """The parser says ``malformed <format>`` in one string."""
    word, _, rest = reason.partition(" ")
    return Ignored(word, rest) if word == "malformed" else Ignored(reason)
