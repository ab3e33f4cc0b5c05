"""One virtual clock, one source of chance, and a network that keeps no promise.

Until `CALM_AT` messages are lost, doubled, held up and thereby shuffled, and nothing gets through
for a while; from there on everything arrives, so that in the end everything must have come about.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

CALM_AT = 60.0
"""Seconds of trouble: several resends, hellos and reconnections, one after the other."""

END_AT = 200.0
"""Long enough after it for a fenced gateway's question, a full back-off and the last resend."""

START = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Violation(AssertionError):
    """A promise was broken."""


@dataclass(frozen=True)
class Weather:
    """How bad the network is; each seed has its own."""

    lost: float
    doubled: float
    delay_s: float
    cuts: tuple[tuple[float, float], ...]
    crash: float

    @classmethod
    def of(cls, random: Random) -> "Weather":
        cuts = tuple(
            (begin, begin + random.expovariate(1 / 8))
            for begin in (random.uniform(0, CALM_AT) for _ in range(random.randrange(3)))
        )
        return cls(
            lost=random.choice((0.0, 0.05, 0.3)),
            doubled=random.choice((0.0, 0.1, 0.3)),
            delay_s=random.choice((0.02, 0.3, 2.0)),
            cuts=cuts,
            crash=random.choice((0.0, 0.01, 0.05)),
        )


@dataclass
class World:
    """What happens when. `trace` is called with the time and a line, where somebody looks on."""

    random: Random
    trace: Callable[[float, str], None] | None = None
    now: float = 0.0
    _later: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _count: int = 0
    _mail: int = 0

    def __post_init__(self) -> None:
        self.weather = Weather.of(self.random)

    @property
    def calm(self) -> bool:
        return self.now >= CALM_AT

    @property
    def wall(self) -> datetime:
        return START + timedelta(seconds=self.now)

    def at(self, when: float, action: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._later, (max(when, self.now), self._count, action))

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        self.at(self.now + seconds, action)

    def chance(self, probability: float) -> bool:
        """Whether trouble of this probability strikes; never in the calm."""
        return not self.calm and self.random.random() < probability

    def send(self, what: str, deliver: Callable[[], None]) -> None:
        """Over the network: perhaps not at all, perhaps twice, perhaps late."""
        if self.calm:
            self.after(0.02, deliver)
            return
        cut = any(begin <= self.now < end for begin, end in self.weather.cuts)
        if cut or self.random.random() < self.weather.lost:
            self.tell(f"lost: {what}")
            return
        mail = self._mail
        for _ in range(1 + (self.random.random() < self.weather.doubled)):
            delay = self.random.expovariate(1 / self.weather.delay_s)
            self.after(delay, lambda: deliver() if mail == self._mail else None)

    def forget(self) -> None:
        """The broker loses all that it holds."""
        self.tell("broker: forgets everything")
        self._mail += 1

    def tell(self, line: str) -> None:
        if self.trace is not None:
            self.trace(self.now, line)

    def run(self) -> None:
        while self._later:
            when, _, action = heapq.heappop(self._later)
            if when > END_AT:
                return
            self.now = when
            action()
