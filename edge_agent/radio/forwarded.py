"""The leader's end: what other gateways of ours hear becomes sightings here, where the keys are.

Their clocks are told by the device bus; an advert counts from when it was heard, and one that was
too long on its way does not count at all.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress

from edge_agent.devices.messages import Adverts, HeardAdvert, RadioState
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.radio.audience import Audience
from edge_agent.radio.watchdog import Reason, ReceiverState, Watchdog

DEADLINE_S = 5.0
"""Older adverts are dropped: the shopper has walked six metres since. The device bus gives a silent
gateway up after two seconds; what ZeroMQ delivers after that comes from another time."""

MOST_WAITING = 256
"""Letters between the bus and the radio; the bus itself holds as many per gateway."""

LONGEST_SILENCE_S = 30.0
"""A gateway repeats how its radios are each ten seconds; after three it counts as offline."""

_REASONS = {reason.value: reason for reason in Reason}

AgeOf = Callable[[str, int], float | None]
"""Seconds since a device's clock showed so many milliseconds (`DeviceBus.age_s`)."""


class ForwardedReceivers:
    """The radios of other gateways. `offer` and `attend` are for the device bus, and never wait."""

    def __init__(
        self, receivers: Iterable[tuple[str, str]], *, clock: Clock, age_of: AgeOf
    ) -> None:
        """`receivers` are pairs of receiver id and its gateway's name on the device bus."""
        now = clock.now()
        self._clock = clock
        self._age_of = age_of
        self._devices = dict(receivers)
        self._watchdogs = {
            receiver: Watchdog(receiver, LONGEST_SILENCE_S, now) for receiver in self._devices
        }
        self._letters: asyncio.Queue[tuple[str, Adverts | RadioState]] = asyncio.Queue(MOST_WAITING)
        self._absent: set[str] = set()
        self._lost: dict[str, int] = {}
        self._overrun = 0

    @property
    def empty(self) -> bool:
        """Whether the store has none."""
        return not self._devices

    def offer(self, device: str, message: Adverts | RadioState) -> None:
        """Take a letter of `device`; the oldest waiting one gives way when there are too many."""
        if self._letters.full():
            with suppress(asyncio.QueueEmpty):
                self._letters.get_nowait()
                self._overrun += 1
        self._letters.put_nowait((device, message))

    def attend(self, device: str, *, present: bool) -> None:
        """Note that a device came to the bus or was silent for two seconds."""
        (self._absent.discard if present else self._absent.add)(device)

    async def run(self, audience: Audience) -> None:
        """Turn letters into sightings until cancelled."""
        for watchdog in self._watchdogs.values():
            audience.tell(watchdog.health)
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    device, message = await self._letters.get()
                self._take(device, message, audience)
            self._look(audience)

    def _look(self, audience: Audience) -> None:
        now = self._clock.now()
        for receiver, watchdog in self._watchdogs.items():
            if self._devices[receiver] in self._absent or watchdog.overdue(now):
                audience.tell(watchdog.blind(Reason.OFFLINE, now))
        if self._overrun:
            audience.counters.troubles["device bus", "letters lost"] += self._overrun
            self._overrun = 0

    def _take(self, device: str, message: Adverts | RadioState, audience: Audience) -> None:
        if self._devices.get(message.receiver) != device:
            audience.counters.troubles[device, "unknown receiver"] += 1
            return
        if isinstance(message, RadioState):
            self._state(message, audience)
        else:
            self._adverts(device, message, audience)

    def _state(self, message: RadioState, audience: Audience) -> None:
        """What the gateway says of its radio, in its own words where we know them."""
        now = self._clock.now()
        watchdog = self._watchdogs[message.receiver]
        watchdog.listening(now)
        if message.state == ReceiverState.HEARING:
            audience.tell(watchdog.heard(now))
        elif message.state == ReceiverState.BLIND:
            reason = _REASONS.get(message.reason or "", Reason.REFUSED)
            audience.tell(watchdog.blind(reason, now, message.detail))

    def _adverts(self, device: str, message: Adverts, audience: Audience) -> None:
        now, counters = self._clock.now(), audience.counters
        lost_before = self._lost.get(message.receiver, 0)
        if message.lost > lost_before:
            counters.troubles[message.receiver, "lost there"] += message.lost - lost_before
        self._lost[message.receiver] = message.lost
        fresh = False
        for advert in message.heard:
            age_s = self._age_of(device, advert.heard_ms)
            if age_s is None or age_s > DEADLINE_S:
                counters.troubles[message.receiver, "too late"] += 1
                continue
            fresh = True
            self._report(message.receiver, advert, audience, now.plus(-age_s))
        if fresh:
            audience.tell(self._watchdogs[message.receiver].heard(now))

    def _report(
        self, receiver: str, advert: HeardAdvert, audience: Audience, heard_at: Instant
    ) -> None:
        audience.counters.heard += 1
        audience.report(receiver, advert.frames, advert.rssi, heard_at, address=advert.address)
