"""People who wander while a visitor watches, and hands at the locker."""

import asyncio
from random import Random
from typing import Final

from simulators.demo.persons import Person
from simulators.demo.scene import Scene
from simulators.locker.diary import Entry
from simulators.locker.doors import Position
from simulators.world.bodies import HURRY_MPS, somewhere_in
from simulators.world.plan import Point

LOOK_S: Final = (6.0, 16.0)
"""How long somebody looks at what is where they stand."""

STAY_WHERE_SENT_S: Final = 40.0
"""Somebody who was sent stays long enough for the visitor to see what follows."""

HANDS_S: Final = 2.5
"""Between a door springing open and a hand in it, and again until it is closed: to be watched."""

_WAITING_DOORS = 32


class Wanderer:
    """One person on the floor, between the visitor's wishes and their own."""

    def __init__(self, person: Person, scene: Scene, random: Random) -> None:
        self.person = person
        self._scene = scene
        self._random = random
        self._sent = asyncio.Event()

    async def wander(self) -> None:
        """Go from zone to zone for ever; being sent comes first."""
        world = self._scene.premises.world
        entrance = world.plan.of_kind("entrance")[0]
        body = self.person.enter(somewhere_in(entrance, self._random))
        while True:
            zone = self._random.choice(world.plan.zones)
            self.person.activity = f"to {zone.id}"
            body.walk(somewhere_in(zone, self._random, margin_m=1.3))
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
