"""The world: people and beacons on a floor plan, stepped through time.

Inside, time runs in ticks of `TICK_S` whatever the caller's rhythm is, and every transmitter has
a random stream of its own: the adverts of a seed depend on neither the machine nor on who else is
there.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

from simulators.world.air import Path, Propagation
from simulators.world.bodies import STROLL_MPS, Body
from simulators.world.chance import seeded
from simulators.world.paths import Ways
from simulators.world.payloads import Compose
from simulators.world.plan import FloorPlan, Point

TICK_S = 0.05
"""At 3 m/s a body moves 15 cm in one tick, far below what a radio can tell."""

ADVERT_JITTER_S = 0.010
"""The random delay that Bluetooth adds to each advertising interval (Core 5.4, vol 6 B 4.4.2.2)."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One receiver heard one advert.

    Attributes:
        at: second of the world's time.
        receiver: id in the plan.
        address: the radio address, with colons.
        rssi: dBm.
        ad: the AD structures, at most 31 bytes.
    """

    at: float
    receiver: str
    address: str
    rssi: int
    ad: bytes


@dataclass(slots=True)
class Transmitter:
    """Something that advertises. `where` is asked at each advert, so that it may be carried.

    Attributes:
        power_1m: dBm at 1 m as it really is.
        interval_s: between adverts, before the jitter.
        sent: adverts so far.
    """

    address: str
    where: Callable[[], Point | None]
    compose: Compose
    power_1m: float
    interval_s: float
    paths: list[Path]
    random: Random
    due: float
    sent: int = field(default=0)


class World:
    """See the module. `now` is the second up to which the world has been lived."""

    def __init__(self, plan: FloorPlan, seed: int, weather: Propagation | None = None) -> None:
        self.plan = plan
        self.ways = Ways(plan)
        self.now = 0.0
        self._seed = seed
        self._weather = weather or Propagation()
        self._bodies: list[Body] = []
        self._transmitters: list[Transmitter] = []

    @property
    def sent(self) -> int:
        """Adverts sent so far by all transmitters."""
        return sum(transmitter.sent for transmitter in self._transmitters)

    def body(self, at: Point, *, pace: float = STROLL_MPS) -> Body:
        """Put somebody on the floor; `pace` in m/s."""
        body = Body(self.ways, at, pace=pace)
        self._bodies.append(body)
        return body

    def transmit(
        self,
        address: str,
        compose: Compose,
        where: Callable[[], Point | None],
        *,
        power_1m: float = -59.0,
        interval_s: float = 0.15,
    ) -> None:
        """Let something advertise; it is silent while `where` answers None (out of the shop)."""
        random = seeded(self._seed, address)
        paths = [
            Path(
                receiver,
                self.plan.walls,
                self._weather,
                seeded(self._seed, address, receiver.id),
            )
            for receiver in self.plan.receivers
        ]
        due = self.now + random.random() * interval_s
        self._transmitters.append(
            Transmitter(address, where, compose, power_1m, interval_s, paths, random, due)
        )

    def step(self, now: float) -> list[Heard]:
        """Live on to second `now`; what the receivers heard meanwhile, in order."""
        heard: list[Heard] = []
        while self.now + TICK_S <= now + 1e-9:
            self.now += TICK_S
            for body in self._bodies:
                body.advance(TICK_S)
            for transmitter in self._transmitters:
                heard.extend(self._adverts(transmitter))
        heard.sort(key=lambda one: one.at)
        return heard

    def _adverts(self, transmitter: Transmitter) -> Iterable[Heard]:
        while transmitter.due <= self.now:
            at = transmitter.due
            transmitter.due += transmitter.interval_s + transmitter.random.random() * (
                ADVERT_JITTER_S
            )
            here = transmitter.where()
            if here is None:
                continue
            transmitter.sent += 1
            advert = transmitter.compose(at)
            for path in transmitter.paths:
                rssi = path.carry(here, transmitter.power_1m, at)
                if rssi is not None:
                    yield Heard(at, path.receiver.id, transmitter.address, rssi, advert)
