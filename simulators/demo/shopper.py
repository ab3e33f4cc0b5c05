"""A shopper acting out their errands: walks, looks at the phone, taps, pays, takes."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any, assert_never

from simulators.demo.callers import CallRefused
from simulators.demo.errands import Browse, Collect, Errand, Leave, Linger, Pay, TryOn
from simulators.demo.live import Values
from simulators.demo.persons import Person, Phone, cloud_gone, own_order
from simulators.demo.scene import Scene
from simulators.demo.story import Part
from simulators.world.plan import Point

NOTICED_WITHIN_S = 8.0
"""How long somebody waits at the pickup zone to be noticed before they tap "I'm here"."""

DOOR_WITHIN_S = 12.0
"""How long somebody stands before a door that was promised to open."""

HESITATION_S = (0.3, 1.0)
"""Before each thing that somebody does with their hands."""


class Shopper:
    """One person's part in the story."""

    def __init__(self, person: Person, scene: Scene, random: Random) -> None:
        self._person = person
        self._scene = scene
        self._random = random

    async def play(self, part: Part) -> None:
        """Come in and do one errand after another; what cannot be done is written down."""
        await self._scene.at(part.enters_at)
        self._person.enter(part.door)
        self._note("came_in", at=part.door)
        for errand in part.errands:
            name = type(errand).__name__.lower()
            self._person.activity = name
            try:
                await self._do(errand)
            except (TimeoutError, CallRefused) as err:
                self._note("gave_up", errand=name, reason=str(err) or "waited too long")
        self._note("left")

    async def follow_phone(self) -> None:
        """Keep the phone's page open; runs for ever."""
        await self._phone.view.follow()

    async def look_at_phone(self) -> None:
        """Write down each coupon that the phone shows; runs for ever."""
        known: set[str] = set()

        def fresh(values: Values) -> list[dict[str, Any]]:
            shown = values.get("coupons", {}).get("coupons", [])
            return [coupon for coupon in shown if coupon["code"] not in known]

        while True:
            for coupon in await self._phone.view.until(fresh):
                known.add(coupon["code"])
                self._note("phone_showed_coupon", code=coupon["code"], campaign=coupon["campaign"])

    @property
    def _phone(self) -> Phone:
        if self._person.phone is None:
            msg = f"{self._person.guest.id} was never enrolled"
            raise LookupError(msg)
        return self._person.phone

    async def _do(self, errand: Errand) -> None:
        match errand:
            case Browse():
                await self._browse(errand)
            case Linger():
                await self._go(errand.at)
                await asyncio.sleep(errand.seconds)
            case TryOn():
                await self._try_on(errand)
            case Pay():
                await self._pay(errand)
            case Collect():
                await self._collect(errand)
            case Leave():
                await self._go(errand.at)
                self._person.leave()
            case _:
                assert_never(errand)

    async def _browse(self, errand: Browse) -> None:
        await self._go(errand.at)
        self._note("stands_at_shelf", zone=errand.zone)
        async with asyncio.timeout(errand.patience_s):
            await self._until(lambda _: bool(self._phone.coupons()))

    async def _try_on(self, errand: TryOn) -> None:
        await self._go(errand.at)
        reader = self._scene.mirrors[errand.mirror]
        await reader.see(errand.gtins)
        self._note("before_mirror", mirror=errand.mirror, gtins=list(errand.gtins))
        await asyncio.sleep(errand.seconds)
        await reader.see([])

    async def _pay(self, errand: Pay) -> None:
        await self._go(errand.at)
        if errand.cloudless:
            await self._until(cloud_gone)
        await self._hesitate()
        receipt = f"R-{self._scene.store}-{self._person.guest.id}-{self._random.randrange(10**6)}"
        if self._phone.coupons():
            code = self._phone.coupons()[0]["code"]
            taken = await self._scene.till.redeem(code, _TILL, receipt)
            self._note("redeemed", code=code, receipt=receipt, discount=taken["discount"])
        await self._scene.till.sell(_TILL, receipt, errand.gtins)
        self._note("bought", receipt=receipt, gtins=list(errand.gtins))
        if errand.cloudless:
            self._scene.done.add("cloudless-pay")

    async def _collect(self, errand: Collect) -> None:
        order = await self._until(lambda seen: own_order(seen, "ready"))
        if errand.cloudless:
            await self._until(cloud_gone)
        await self._go(errand.at)
        await self._arrive(order["order"], button=errand.button)
        if (order["slot"] or {}).get("desk"):
            self._scene.at_desk.add(order["order"])
            await self._until(lambda seen: own_order(seen, "collected"))
            self._note("got_goods_at_desk", order=order["order"])
            return
        await self._hesitate()
        await self.take_from_locker(order["order"])
        if errand.cloudless:
            self._scene.done.add("cloudless-collect")

    async def _arrive(self, order: str, *, button: bool) -> None:
        if not button:
            try:
                async with asyncio.timeout(NOTICED_WITHIN_S):
                    await self._until(_arrival)
            except TimeoutError:
                self._note("was_not_noticed", order=order)
                button = True
        if button and not _arrival(self._phone.view.values):
            await self._phone.caller.post("/v1/me/arrive", {"order": order})
        await self._until(_arrival)
        self._note("arrival_shown", order=order)

    async def take_from_locker(self, order: str) -> None:
        """Show the pass, wait for the door, take the goods, close the door.

        Raises:
            TimeoutError: when the door stays shut.
            CallRefused: when the pass is not taken.
        """
        code = await self._until(lambda _: self._phone.newest_pass())
        place = await self._scene.terminal.post(
            "/v1/passes/scan", {"code": code, "at": self._scene.bank_id}
        )
        door = int(place["compartment"])
        self._note("pass_shown", order=order, door=door)
        async with asyncio.timeout(DOOR_WITHIN_S):
            await self._scene.door_open(door)
        await self._hesitate()
        self._scene.bank.take(door)
        self._note("goods_taken", order=order, door=door)
        await self._hesitate()
        self._scene.bank.close(door)
        await self._until(lambda seen: own_order(seen, "collected"))
        self._note("order_done", order=order)

    async def _go(self, to: Point) -> None:
        body = self._person.body
        if body is not None:
            body.walk(to)
            await self._scene.watch(lambda: not body.walking)

    async def _until(self, seen: Callable[[Values], Any]) -> Any:  # noqa: ANN401 - what `seen` gives
        return await self._phone.view.until(seen)

    async def _hesitate(self) -> None:
        await asyncio.sleep(self._random.uniform(*HESITATION_S))

    def _note(self, event: str, **what: Any) -> None:  # noqa: ANN401 - JSON
        self._scene.journal.note(event, person=self._person.guest.id, **what)


_TILL = "till-1"


def _arrival(values: Values) -> bool:
    orders = values.get("orders", {}).get("orders", [])
    return any(order["arrived_at"] for order in orders)
