"""The world: people and beacons on a floor plan, stepped through time.

Inside, time runs in ticks of `TICK_S` whatever the caller's rhythm is, and every transmitter has
a random stream of its own at each receiver: the strength of a seed's adverts depends on neither the
machine nor on who else is there; whether one is drowned by another does.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from random import Random

from simulators.world.air import Path
from simulators.world.bodies import STROLL_MPS, Body
from simulators.world.chance import seeded
from simulators.world.ears import Arrival, Ear
from simulators.world.paths import Ways
from simulators.world.payloads import Compose
from simulators.world.plan import FloorPlan, Point
from simulators.world.propagation import Propagation
from simulators.world.site import Site

TICK_S = 0.05
"""At 3 m/s a body moves 15 cm in one tick, far below what a radio can tell."""

ADVERT_JITTER_S = 0.010
"""The random delay that Bluetooth adds to each advertising interval (Core 5.4, vol 6 B 4.4.2.2)."""

OVERHEAD_BYTES = 16
"""Preamble, access address, header, advertiser's address and checksum; at 1 Mbit/s a 31-byte
advert is 376 us on air."""

SAG_DB = 8.0
"""What a coin cell at its end takes from a beacon's power."""

SAGGING_INTERVAL = 3.0
"""Times as rarely a beacon with a low battery advertises: it saves what is left."""

Where = Callable[[], Point | None]
Carrier = Callable[[], Body | None]
Address = Callable[[float], str]
"""The radio address at a second of the world's time, with colons."""


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
        carrier: whose body is around it; None for what nobody carries.
        power_1m: dBm at 1 m as it really is.
        interval_s: between adverts, before the jitter.
        sent: adverts so far.
        low_battery: sends weakly and rarely.
        silent: sends nothing.
    """

    address: Address
    where: Where
    compose: Compose
    carrier: Carrier
    power_1m: float
    interval_s: float
    paths: dict[str, Path]
    random: Random
    due: float
    sent: int = field(default=0)
    low_battery: bool = field(default=False)
    silent: bool = field(default=False)

    def next_due(self) -> float:
        """The moment of this advert; sets that of the next."""
        at = self.due
        interval = self.interval_s * (SAGGING_INTERVAL if self.low_battery else 1)
        self.due += interval + self.random.random() * ADVERT_JITTER_S
        return at

    @property
    def dbm_1m(self) -> float:
        """Its power at 1 m as its battery allows."""
        return self.power_1m - SAG_DB * self.low_battery


@dataclass(frozen=True, slots=True)
class _Event:
    """One advert, sent on all three channels."""

    at: float
    transmitter: Transmitter
    here: Point
    ad: bytes

    @property
    def air_s(self) -> float:
        """Seconds on air of one of its packets."""
        return (OVERHEAD_BYTES + len(self.ad)) * 8e-6


class World:
    """See the module.

    Attributes:
        now: the second up to which the world has been lived.
        seed: of everything that is drawn in it.
        ears: the receivers' radios by id, with their defects.
    """

    def __init__(self, plan: FloorPlan, seed: int, weather: Propagation | None = None) -> None:
        self.plan = plan
        self.ways = Ways(plan)
        self.now = 0.0
        self.seed = seed
        self._weather = weather or Propagation()
        self._site = Site(plan, self._weather, seed)
        self.ears = {
            receiver.id: Ear(receiver, seeded(seed, "ear", receiver.id))
            for receiver in plan.receivers
        }
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

    def leave(self, body: Body) -> None:
        """Take somebody off the floor."""
        self._bodies.remove(body)

    def transmit(
        self,
        address: str | Address,
        compose: Compose,
        where: Where,
        *,
        carrier: Carrier = lambda: None,
        power_1m: float = -59.0,
        interval_s: float = 0.15,
    ) -> Transmitter:
        """Let something advertise; it is silent while `where` answers None (out of the shop).

        `address` may change with time; what it is at second 0 names the random stream.
        """
        at_second = address if callable(address) else lambda _at: address
        name = at_second(0.0)
        random = seeded(self.seed, name)
        paths = {
            receiver: Path(view, self._weather, seeded(self.seed, name, receiver))
            for receiver, view in self._site.views.items()
        }
        due = self.now + random.random() * interval_s
        transmitter = Transmitter(
            at_second, where, compose, carrier, power_1m, interval_s, paths, random, due
        )
        self._transmitters.append(transmitter)
        return transmitter

    def step(self, now: float) -> list[Heard]:
        """Live on to second `now`; what the receivers heard meanwhile, in order."""
        heard: list[Heard] = []
        while self.now + TICK_S <= now + 1e-9:
            self.now += TICK_S
            for body in self._bodies:
                body.advance(TICK_S)
            events = sorted(self._events(), key=attrgetter("at"))
            for receiver, ear in self.ears.items():
                heard.extend(self._receive(receiver, ear, events))
        heard.sort(key=attrgetter("at"))
        return heard

    def _events(self) -> list[_Event]:
        """The adverts that are due in this tick."""
        events = []
        for transmitter in self._transmitters:
            while transmitter.due <= self.now:
                at = transmitter.next_due()
                here = None if transmitter.silent else transmitter.where()
                if here is not None:
                    transmitter.sent += 1
                    events.append(_Event(at, transmitter, here, transmitter.compose(at)))
        return events

    def _receive(self, receiver: str, ear: Ear, events: list[_Event]) -> list[Heard]:
        arrivals = [
            arrival
            for event in events
            if (arrival := self._arrive(receiver, ear, event)) is not None
        ]
        arrivals.sort(key=attrgetter("at"))
        return [
            Heard(
                one.item.at,
                receiver,
                one.item.transmitter.address(one.item.at),
                ear.rssi(one.dbm),
                one.item.ad,
            )
            for one in ear.sort_out(arrivals)
            if not one.lost
        ]

    def _arrive(self, receiver: str, ear: Ear, event: _Event) -> Arrival[_Event] | None:
        tuned = ear.hears(event.at)
        if tuned is None:
            return None
        channel, moment = tuned
        path = event.transmitter.paths[receiver]
        dbm = (
            event.transmitter.dbm_1m
            + path.level(event.here, channel, event.at)
            - path.shadow(event.here, event.transmitter.carrier(), self._bodies)
            + ear.gain(event.here, event.at)
        )
        lost = path.misses(ear.drowned_share(event.air_s))
        return Arrival(moment, event.air_s, dbm, lost, event)
