"""The far end of a radio of ours: what it hears leaves in batches for the gateway that leads.

Nothing is decided or kept here, and no key of a beacon is known: frames that rotate and addresses
that change go as they are, over the encrypted device bus. Whoever is no beacon and has no private
address stays where it was heard.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

import msgspec
from typing_extensions import override

from device_profiles.beacons import Frame
from device_profiles.beacons.address import is_resolvable, octets
from edge_agent.devices.messages import (
    LETTER_BYTES,
    MOST_ADVERTS,
    Adverts,
    HeardAdvert,
    RadioState,
)
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.radio.audience import Audience
from edge_agent.radio.counters import Heard
from edge_agent.radio.watchdog import ReceiverHealth

MOST_WAITING = 2048
"""Adverts that wait for the leader, of all radios: two seconds of a crowded store. The oldest give
way, because presence has use for the newest only."""

ENVELOPE_BYTES = 256
"""Of a letter, around its message."""


class Forwarder:
    """Collects what the local radios hear, and how well, until it is sent."""

    def __init__(self, clock: Clock) -> None:
        self.counters = Heard()
        self._clock = clock
        self._waiting: deque[tuple[str, HeardAdvert]] = deque()
        self._healths: dict[str, ReceiverHealth] = {}
        self._news: set[str] = set()
        self._lost: Counter[str] = Counter()
        self._packets: Counter[str] = Counter()

    def audience(self) -> Audience:
        """What the radios report to."""
        return _Far(
            clock=self._clock,
            heard=lambda _: None,
            health_changed=self._health_changed,
            counters=self.counters,
            forwarder=self,
        )

    def take(self, receiver: str, advert: HeardAdvert) -> None:
        """Have an advert sent with the next batches; drops the oldest when too many wait."""
        self._waiting.append((receiver, advert))
        if len(self._waiting) > MOST_WAITING:
            dropped, _ = self._waiting.popleft()
            self._lost[dropped] += 1

    def count(self, receiver: str) -> None:
        """Note a packet of anybody."""
        self._packets[receiver] += 1

    def batches(self) -> Iterator[Adverts]:
        """All that waits, in letters that the bus takes; it waits no longer."""
        waiting, self._waiting = self._waiting, deque()
        for receiver in sorted({receiver for receiver, _ in waiting}):
            of_one = iter([advert for name, advert in waiting if name == receiver])
            while batch := tuple(islice(of_one, MOST_ADVERTS)):
                yield from self._fitting(receiver, batch)

    def states(self, *, everything: bool) -> Iterator[RadioState]:
        """How well each radio hears, where that is news; it is none any longer."""
        told = set(self._healths) if everything else self._news
        self._news = set()
        for receiver in sorted(told):
            health = self._healths[receiver]
            yield RadioState(
                receiver=receiver,
                state=health.state.value,
                reason=health.reason.value if health.reason else None,
                detail=health.detail[:1024],
                packets=self._packets[receiver],
            )

    def missed(self, batch: Adverts) -> None:
        """Note that a batch could not be sent; what it held is too old for the next try."""
        self._lost[batch.receiver] += len(batch.heard)

    def _fitting(self, receiver: str, heard: tuple[HeardAdvert, ...]) -> Iterator[Adverts]:
        batch = Adverts(receiver, heard, self._lost[receiver])
        if len(msgspec.json.encode(batch)) <= LETTER_BYTES - ENVELOPE_BYTES:
            yield batch
        elif len(heard) == 1:
            self._lost[receiver] += 1
        else:
            middle = len(heard) // 2
            yield from self._fitting(receiver, heard[:middle])
            yield from self._fitting(receiver, heard[middle:])

    def _health_changed(self, health: ReceiverHealth) -> None:
        self._healths[health.receiver] = replace(health)
        self._news.add(health.receiver)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Far(Audience):
    """An audience that knows no beacon and passes everything on."""

    forwarder: Forwarder = field(repr=False)

    @override
    def report(
        self,
        receiver: str,
        frames: Iterable[Frame],
        rssi: float,
        now: Instant,
        *,
        address: str | None = None,
    ) -> None:
        heard = tuple(frames)
        self.forwarder.count(receiver)
        if address is None or not (heard or _is_private(address)):
            return
        for frame in heard:
            self.counters.decoded[frame.FORMAT] += 1
        self.counters.sightings[receiver] += 1
        stamp_ms = int(now.monotonic * 1000)
        advert = HeardAdvert(stamp_ms, address, round(rssi), heard)  # type: ignore[arg-type]
        self.forwarder.take(receiver, advert)


def _is_private(address: str) -> bool:
    raw = octets(address)
    return raw is not None and is_resolvable(raw)
