"""What a visitor can do to the simulated store, and what they see of its truth."""

from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any

from simulators.demo.faults import all_faults
from simulators.demo.household import Household
from simulators.demo.journal import wall_time
from simulators.demo.live import Values
from simulators.demo.observer import caught_up
from simulators.demo.scene import Scene
from simulators.demo.story import Article
from simulators.demo.strip import Strip
from simulators.demo.surveyor import Surveyor
from simulators.demo.wandering import Wanderer
from simulators.world.plan import Point

COLLECT_WITHIN = timedelta(days=2)


class NothingToShow(LookupError):
    """The phone shows no pass."""


class Stage:
    """The switches and the truth; behind the control API.

    Attributes:
        strip: what the visitor has done.
        switches: all faults.
        surveyor: can be sent about for a survey.
    """

    def __init__(
        self,
        scene: Scene,
        household: Household,
        wanderers: Mapping[str, Wanderer],
        articles: tuple[Article, ...],
        random: Random,
    ) -> None:
        self.strip = Strip()
        self.surveyor = Surveyor(scene.premises.world)
        self.switches = all_faults(scene.premises, household, lambda: scene.people)
        self._scene = scene
        self._household = household
        self._wanderers = wanderers
        self._articles = articles
        self._random = random
        self._sent: dict[str, frozenset[str]] = {}

    def truth(self) -> dict[str, Any]:
        """Where everybody really is."""
        return {
            "at": wall_time().isoformat(),
            "speed": 1.0,
            "people": [
                self._describe(wanderer)
                for wanderer in self._wanderers.values()
                if wanderer.person.body is not None
            ],
        }

    def faults(self) -> dict[str, Any]:
        """What is broken on purpose."""
        jammed = sorted(self._scene.bank.faults.jammed)
        return {
            "cloud": _up(self._household.cloud_broker.pid),
            "store_broker": _up(self._household.store_broker.pid),
            "doors": [
                {"bank": self._scene.bank_id, "compartment": door, "jammed": True}
                for door in jammed
            ],
        }

    def walk(self, person: str, to: Point) -> None:
        """Send somebody; `KeyError` for nobody's id."""
        wanderer = self._wanderers[person]
        wanderer.send(to)
        zone = self._scene.premises.world.plan.zone_at(to)
        if zone is not None and zone.kind == "shelf":
            self.strip.tick("send")
            held = _coupons(self._scene.console.values, wanderer.person.shopper)
            self._sent[wanderer.person.shopper or ""] = frozenset(held)

    async def phone(self, person: str) -> str:
        """A fresh join code for somebody's phone."""
        return await self._scene.desk.join_code(
            "shopper", self._wanderers[person].person.shopper or ""
        )

    async def order(self, person: str) -> str:
        """Somebody orders from the retailer's own shop; the order's number."""
        who = self._wanderers[person].person
        chosen = self._random.sample(self._articles, self._random.randint(1, 2))
        return await self._scene.hub.place(
            self._scene.store,
            {
                "lines": [
                    {
                        "gtin": article.gtin,
                        "quantity": 1,
                        "name": dict(article.name),
                        "size": article.size,
                    }
                    for article in chosen
                ],
                "shopper": who.shopper,
                "collector": who.guest.full_name,
                "phone_last4": f"{self._random.randrange(10_000):04d}",
                "language": who.guest.language,
                "collect_by": (wall_time() + COLLECT_WITHIN).isoformat(),
            },
        )

    async def show_pass(self, person: str) -> Mapping[str, Any]:
        """Somebody walks to where their order lies and shows the newest pass on their phone.

        Raises:
            NothingToShow: the phone shows none.
            CallRefused: the pass is not taken.
        """
        wanderer = self._wanderers[person]
        code = wanderer.person.phone.newest_pass() if wanderer.person.phone else None
        if code is None:
            text = "this person's phone shows no pass"
            raise NothingToShow(text)
        plan = self._scene.premises.world.plan
        wanderer.send(plan.lockers[self._scene.bank_id])
        await wanderer.arrived()
        body = {"code": code, "at": self._scene.bank_id}
        return dict(await self._scene.terminal.post("/v1/passes/scan", body))

    async def cloud(self, *, up: bool) -> None:
        """Kill the cloud broker, or bring it back empty."""
        if up:
            await self._household.restore_cloud()
            self._scene.journal.note("cloud_back")
            return
        await self._household.cloud_broker.kill()
        self._scene.journal.note("cloud_died")
        self.strip.tick("cut")

    async def store_broker(self, *, up: bool) -> None:
        """Kill the store's own broker, or start it again."""
        if up:
            await self._household.store_broker.start()
        else:
            await self._household.store_broker.kill()

    def jam(self, bank: str, door: int, *, jammed: bool) -> None:
        """Jam a latch or free it; `KeyError` for a bank that is not there."""
        if bank != self._scene.bank_id:
            raise KeyError(bank)
        if jammed:
            self._scene.bank.faults.jam(door)
        else:
            self._scene.bank.faults.repair(door)

    async def pair_mirror(self, mirror: str) -> str:
        """A join code for a mirror's screen; `KeyError` for one that is not there."""
        return await self._scene.desk.join_code("device", self._scene.mirrors[mirror].mirror)

    async def mirror_items(self, mirror: str, gtins: list[str]) -> None:
        """Lay goods before a mirror; none: the room is left."""
        await self._scene.mirrors[mirror].see(gtins)

    async def tick_coupon(self) -> None:
        """Tick off the coupon once somebody has a new one whom the visitor sent to a shelf."""
        await self._scene.console.until(
            lambda seen: any(
                _coupons(seen, shopper) - before for shopper, before in self._sent.items()
            )
        )
        self.strip.tick("coupon")

    async def tick_handover(self) -> None:
        """Tick off the first order that is collected from now on."""
        await self._scene.console.until(lambda seen: "orders" in seen)
        before = _collected(self._scene.console.values)
        await self._scene.console.until(lambda seen: _collected(seen) - before)
        self.strip.tick("handover")

    async def tick_restore(self) -> None:
        """Tick off the restored cloud: cut, back, and nothing waits any more."""
        await self._scene.console.until(
            lambda seen: self.strip.done("cut") and seen["link"]["cloud"] != "online"
        )
        await self._scene.console.until(lambda seen: seen["link"]["cloud"] == "online")
        await caught_up(self._scene)
        self.strip.tick("restore")

    def _describe(self, wanderer: Wanderer) -> dict[str, Any]:
        person = wanderer.person
        x, y = person.where() or (0.0, 0.0)
        return {
            "id": person.guest.id,
            "name": dict(person.guest.name),
            "shopper": person.shopper,
            "x": round(x, 2),
            "y": round(y, 2),
            "consented": person.guest.location,
            "colour": person.guest.colour,
            "activity": person.activity,
        }


def _up(pid: int | None) -> str:
    return "up" if pid is not None else "down"


def _coupons(seen: Values, shopper: str | None) -> set[str]:
    """The codes of one shopper's coupons on the console."""
    return {each["code"] for each in _listed(seen, "coupons") if each["shopper"] == shopper}


def _collected(seen: Values) -> set[str]:
    return {each["order"] for each in _listed(seen, "orders") if each["state"] == "collected"}


def _listed(seen: Values, name: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = seen.get(name, {}).get(name, [])
    return listed
