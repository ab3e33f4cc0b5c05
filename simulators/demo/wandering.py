"""People who wander while a visitor watches, and hands at the locker."""

import asyncio
import math
from collections.abc import Iterator, Sequence
from itertools import count, islice, pairwise
from operator import itemgetter
from random import Random
from typing import Final

from simulators.demo.persons import Person
from simulators.demo.scene import Scene
from simulators.locker.diary import Entry
from simulators.locker.doors import Position
from simulators.world.bodies import HURRY_MPS, somewhere_in
from simulators.world.plan import Point, Zone
from simulators.world.world import World

LOOK_S: Final = (6.0, 16.0)
"""How long somebody looks at what is where they stand."""

STAY_WHERE_SENT_S: Final = 40.0
"""Somebody who was sent stays long enough for the visitor to see what follows."""

HANDS_S: Final = 2.5
"""Between a door springing open and a hand in it, and again until it is closed: to be watched."""

STROLLS: Final = 8
"""Places that are weighed at most: the ways to them cost 30 ms each, of everybody's time."""

KEEP_OFF_M: Final = 3.5
"""From zones that answer a visit: what six receivers believe is 2.5 m beside the truth, in the
middle of many, and 5 m at one time in ten."""

ANSWERING_KINDS: Final = frozenset({"shelf", "pickup"})
"""Zones where standing has an effect, which the visitor is to cause: a coupon, an arrival."""

_STEP_M: Final = 0.5
_WAITING_DOORS = 32


class Wanderer:
    """One person on the floor, between the visitor's wishes and their own."""

    def __init__(self, person: Person, scene: Scene, random: Random) -> None:
        self.person = person
        self._scene = scene
        self._random = random
        self._sent = asyncio.Event()

    async def wander(self) -> None:
        """Stroll where nothing comes of it, for ever; being sent comes first."""
        world = self._scene.premises.world
        entrance = world.plan.of_kind("entrance")[0]
        body = self.person.enter(somewhere_in(entrance, self._random))
        while True:
            self.person.activity = "strolling"
            body.walk(stroll(world, body.position, self._random))
            await self._stand(self._random.uniform(*LOOK_S))
            while self._sent.is_set():
                self._sent.clear()
                await self._stand(STAY_WHERE_SENT_S)

    def send(self, to: Point) -> None:
        """Have them walk to `to` at once, fast, and stay there a while."""
        body = self.person.enter(to)
        self.person.activity = "sent"
        body.walk(to, speed=HURRY_MPS)
        self._sent.set()

    async def arrived(self) -> None:
        """Wait until they stand where they were sent."""
        body = self.person.body
        if body is not None:
            await self._scene.watch(lambda: not body.walking)

    async def _stand(self, seconds: float) -> None:
        """Finish the way, then stay; shorter when they are sent away."""
        await self.arrived()
        try:
            async with asyncio.timeout(seconds):
                await self._sent.wait()
        except TimeoutError:
            return


def stroll(world: World, start: Point, random: Random) -> Point:
    """A place to which the way from `start` leads through no answering zone, or through least."""
    zones = [zone for zone in world.plan.zones if zone.kind in ANSWERING_KINDS]

    def touched(goal: Point) -> int:
        way = [start, *world.ways.between(start, goal)]
        return sum(_near(zones, at) for here, there in pairwise(way) for at in _along(here, there))

    plan = world.plan
    places = ((random.uniform(0, plan.width_m), random.uniform(0, plan.height_m)) for _ in count())
    free = (place for place in places if not _near(zones, place))
    least = start, math.inf
    for goal in islice(free, STROLLS):
        least = min(least, (goal, touched(goal)), key=itemgetter(1))
        if not least[1]:
            break
    return least[0]


def _near(zones: Sequence[Zone], at: Point) -> bool:
    """Whether `at` lies in one of `zones`, or less than `KEEP_OFF_M` from its bounding box."""
    x, y = at
    return any(
        left - KEEP_OFF_M < x < right + KEEP_OFF_M and top - KEEP_OFF_M < y < bottom + KEEP_OFF_M
        for left, top, right, bottom in (zone.box for zone in zones)
    )


def _along(here: Point, there: Point) -> Iterator[Point]:
    """Points at most `_STEP_M` apart on the line, its end included."""
    steps = math.ceil(math.dist(here, there) / _STEP_M)
    for step in range(1, steps + 1):
        share = step / steps
        yield here[0] + share * (there[0] - here[0]), here[1] + share * (there[1] - here[1])


class Hands:
    """Whoever stands before a compartment that opens: a clerk with a bag, or who collects it."""

    def __init__(self, scene: Scene, *, pause_s: float = HANDS_S) -> None:
        self._scene = scene
        self._pause_s = pause_s
        self._opened: asyncio.Queue[int] = asyncio.Queue(_WAITING_DOORS)
        scene.bank.watch(self._moved)

    async def work(self) -> None:
        """Put goods into what opens empty, take them from what opens full; runs for ever."""
        while True:
            door = await self._opened.get()
            await asyncio.sleep(self._pause_s)
            if self._scene.bank.position(door) is Position.SHUT:
                continue
            if self._scene.bank.occupied(door):
                self._scene.bank.take(door)
                self._scene.journal.note("goods_taken", door=door)
            else:
                self._scene.bank.put(door)
                self._scene.journal.note("bag_put_in", door=door)
            await asyncio.sleep(self._pause_s)
            self._scene.bank.close(door)

    def _moved(self, entry: Entry) -> None:
        if entry.event == "unlatched" and not self._opened.full():
            self._opened.put_nowait(entry.door)
