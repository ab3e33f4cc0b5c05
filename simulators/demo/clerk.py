"""The staff: pick, stage and hand over what the staff page asks for."""

import asyncio
from collections.abc import Callable, Iterable
from random import Random
from typing import Any

from simulators.demo.callers import CallRefused
from simulators.demo.live import Values
from simulators.demo.scene import Scene

PICKING_S = (0.6, 1.8)
"""To fetch what an order lists; a real clerk takes minutes, the story has none to spare."""

REACTION_S = (0.3, 0.9)
"""Before a clerk does what the page asks for."""

DOOR_WITHIN_S = 10.0
"""How long a clerk stands before a door that does not open."""

CUSTOMER_WITHIN_S = 30.0
"""From being noticed to standing at the desk: the pickup zone is a few steps across."""

ATTEMPTS = 2
"""A clerk tries a door again once, then leaves the order and calls for help."""


class Clerk:
    """Whoever works at the store, following the staff page."""

    def __init__(self, scene: Scene, random: Random, at_desk: Iterable[str]) -> None:
        """`at_desk`: the orders that are kept at the desk."""
        self._scene = scene
        self._random = random
        self._at_desk = frozenset(at_desk)

    async def prepare(self) -> None:
        """Pick and stage each order that comes in; runs for ever."""
        await self._each("accepted", self._prepare)

    async def receive(self) -> None:
        """See each arrival; hand over at the desk what lies there; runs for ever."""
        await self._each("arrived", self._receive)

    async def _each(self, state: str, deed: Callable[[dict[str, Any]], Any]) -> None:
        begun: set[str] = set()

        def fresh(values: Values) -> list[dict[str, Any]]:
            orders = values.get("orders", {}).get("orders", [])
            return [one for one in orders if one["state"] == state and one["order"] not in begun]

        async with asyncio.TaskGroup() as tasks:
            while True:
                for order in await self._scene.staff.until(fresh):
                    begun.add(order["order"])
                    tasks.create_task(deed(order), name=f"clerk {state} {order['order']}")

    async def _prepare(self, order: dict[str, Any]) -> None:
        number = order["order"]
        try:
            await self._react()
            await self._scene.desk.post(f"/v1/orders/{number}/pick")
            await asyncio.sleep(self._random.uniform(*PICKING_S))
            await self._scene.desk.post(f"/v1/orders/{number}/picked")
            self._note("picked", number)
            for _ in range(ATTEMPTS):
                if await self._stage(number):
                    return
        except CallRefused as err:
            self._note("refused", number, reason=str(err))

    async def _stage(self, number: str) -> bool:
        bank = "desk" if number in self._at_desk else self._scene.bank_id
        place = await self._scene.desk.post(f"/v1/orders/{number}/stage", {"bank": bank})
        if place.get("desk"):
            self._note("kept_at_desk", number)
            return True
        door = int(place["compartment"])
        try:
            async with asyncio.timeout(DOOR_WITHIN_S):
                await self._scene.door_open(door)
        except TimeoutError:
            self._note("door_stayed_shut", number, door=door)
            return False
        await self._react()
        self._scene.bank.put(door)
        self._note("bag_put_in", number, door=door)
        await self._react()
        self._scene.bank.close(door)
        return True

    async def _receive(self, order: dict[str, Any]) -> None:
        number = order["order"]
        self._note("arrival_seen", number, by=order["arrived_by"])
        if not (order["slot"] or {}).get("desk"):
            return
        try:
            async with asyncio.timeout(CUSTOMER_WITHIN_S):
                await self._scene.watch(lambda: number in self._scene.at_desk)
            await self._react()
            await self._scene.desk.post(f"/v1/orders/{number}/handover", {"proof": "staff"})
            self._note("handed_over_at_desk", number)
        except (TimeoutError, CallRefused) as err:
            self._note("refused", number, reason=str(err) or "the customer did not come")

    async def _react(self) -> None:
        await asyncio.sleep(self._random.uniform(*REACTION_S))

    def _note(self, event: str, order: str, **what: Any) -> None:  # noqa: ANN401 - JSON
        self._scene.journal.note(event, order=order, **what)
