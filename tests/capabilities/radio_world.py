"""A shop floor with six receivers, and the air over it: path loss, slow shadows, fast fading."""

import math
from collections.abc import Iterable
from random import Random

from device_profiles.sighting import Sighting
from edge_agent.capabilities.presence.decide.estimator import TICK_S
from edge_agent.capabilities.presence.model import (
    Floor,
    Hearing,
    Point,
    Policy,
    Receiver,
    Zone,
)
from edge_agent.capabilities.presence.service import Presence
from edge_agent.storage import Storage
from edge_agent.storage.reads import Reads
from tests.capabilities.world import StillClock

FLOOR = Floor(
    24.0,
    14.0,
    zones=(
        Zone("entrance", ((0, 9.5), (5, 9.5), (5, 14), (0, 14)), 10.0),
        Zone("shoes", ((0, 0), (7, 0), (7, 5), (0, 5)), 5.0),
        Zone("denim", ((8, 0), (14.5, 0), (14.5, 5.5), (8, 5.5)), 5.0),
        Zone("fitting", ((15, 0), (24, 0), (24, 4.5), (15, 4.5)), 5.0),
        Zone("tills", ((8, 9.5), (15, 9.5), (15, 14), (8, 14)), 10.0),
        Zone("pickup", ((17.5, 8.5), (24, 8.5), (24, 14), (17.5, 14)), 3.0),
    ),
    receivers=(
        Receiver("ceiling-shoes", (3.5, 3.0)),
        Receiver("ceiling-denim", (11.0, 3.0)),
        Receiver("ceiling-middle", (12.0, 9.0)),
        Receiver("entrance-omg", (2.5, 12.0)),
        Receiver("fitting-omg", (19.5, 3.0)),
        Receiver("pickup-omg", (21.0, 11.0)),
    ),
)
POLICY = Policy()
PACKETS_PER_S = 4


class People:
    """Who has agreed to be located: their beacon is their name with ``ibeacon:`` before it."""

    def __init__(self, *names: str) -> None:
        self.agreed = set(names)

    def shopper_of(self, beacon: str) -> str | None:
        name = beacon.removeprefix("ibeacon:")
        return name if name in self.agreed else None

    def location(self, _reads: Reads, shopper: str) -> bool:
        return shopper in self.agreed


class Air:
    """The radio of the floor. `deaf` shifts what one receiver hears by so many dB."""

    def __init__(self, seed: int = 7, deaf: dict[str, float] | None = None) -> None:
        self.random = Random(seed)  # noqa: S311 - the noise of a test
        self.deaf = deaf or {}
        self.dead: set[str] = set()
        self.shadow: dict[tuple[str, str], float] = {}

    def packets(self, who: str, place: Point, at: float) -> Iterable[Sighting]:
        for receiver in FLOOR.receivers:
            metres = math.hypot(math.dist(place, receiver.position), 1.5)
            key = (who, receiver.id)
            shadow = 0.9 * self.shadow.get(key, 0.0) + self.random.gauss(0.0, 1.1)
            self.shadow[key] = shadow
            fading = self.random.gauss(0.0, 3.0)
            rssi = -59 - 24 * math.log10(metres) + shadow + fading - self.deaf.get(receiver.id, 0.0)
            if receiver.id not in self.dead and rssi > -94 and self.random.random() > 0.1:
                yield Sighting(receiver.id, f"ibeacon:{who}", round(rssi), -59, at)


class Day:
    """Presence over a real database; time passes tick by tick."""

    def __init__(
        self, storage: Storage, clock: StillClock, people: People, air: Air | None = None
    ) -> None:
        self.clock = clock
        self.air = air or Air()
        self.presence = Presence(storage, clock, POLICY, FLOOR, directory=people, consents=people)
        for receiver in FLOOR.receivers:
            self.presence.receiver_health(receiver.id, Hearing.HEARING)

    async def stand(self, seconds: float, **places: Point) -> None:
        """Let everybody stand where they are named to be, for so long."""
        step = 1 / PACKETS_PER_S
        for _ in range(round(seconds / TICK_S)):
            for _ in range(round(TICK_S / step)):
                self.clock.advance(step)
                for who, place in places.items():
                    for sighting in self.air.packets(who, place, self.clock.now().monotonic):
                        self.presence.heard(sighting)
            await self.presence.tick()

    async def walk(self, who: str, start: Point, end: Point, speed: float = 1.2) -> None:
        """Walk straight on at `speed` m/s."""
        ticks = max(1, round(math.dist(start, end) / speed / TICK_S))
        for tick in range(ticks):
            share = (tick + 1) / ticks
            place = (
                start[0] + share * (end[0] - start[0]),
                start[1] + share * (end[1] - start[1]),
            )
            await self.stand(TICK_S, **{who: place})

    def zone_of(self, who: str) -> str | None:
        return next(seen.zone for seen in self.presence.positions().shoppers if seen.shopper == who)
