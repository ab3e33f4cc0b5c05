"""How a seed becomes a story. Pure: the same seed, length and store give the same story."""

from collections.abc import Mapping, Sequence
from typing import Any

from simulators.demo.cast import Guest, draw_guests
from simulators.demo.errands import Browse, Collect, Errand, Leave, Linger, Pay, TryOn
from simulators.demo.story import Article, Offer, OrderPlan, Outage, Part, Story
from simulators.world.bodies import somewhere_in
from simulators.world.chance import seeded
from simulators.world.paths import Ways
from simulators.world.plan import FloorPlan, Point

Tables = Mapping[str, Any]
"""The tables of a TOML file."""

WALK_IN_S = 55.0
"""In a shorter story people are half way already when it begins."""

SHELF_TO_TILL_S = 21.0
"""What it takes to walk to a shelf, to be offered a coupon there and to go on to the till."""

PATIENCE_S = 18.0
"""At a shelf: the dwell time, and that again should the agent be killed and start over."""

ROOM_FOR_A_DESK_ORDER_S = 55.0
"""A shorter story has no time for a third order."""

EXTRA_GUEST_S = 45.0
"""For each further stretch of this length one more guest may come in."""

MOST_EXTRA_GUESTS = 3

OUTAGE_BEGINS, OUTAGE_LASTS, OUTAGE_ENDS = (0.36, 0.44), (0.18, 0.25), 0.78
"""Shares of the story: begin and length are drawn between two, the last is the latest end."""


def tell(
    plan: FloorPlan, catalogue: Tables, material: Tables, *, seed: int, seconds: float
) -> Story:
    """The story of `seed`, `seconds` long.

    Args:
        plan: of the store.
        catalogue: `catalogue.toml`.
        material: `story.toml`, and the `campaigns` of `store.toml`.
        seed: another one gives other people, paths, goods and moments.
        seconds: at least `story.SHORTEST_S`.
    """
    return _Telling(plan, catalogue, material, seed, seconds).story()


def articles_of(catalogue: Tables) -> tuple[Article, ...]:
    """The articles in `catalogue.toml`."""
    return tuple(
        Article(table["gtin"], table["style"], table["name"], table["size"], table["zone"])
        for table in catalogue["articles"]
    )


class _Telling:
    """One telling; each kind of draw has a random stream of its own."""

    def __init__(
        self, plan: FloorPlan, catalogue: Tables, material: Tables, seed: int, seconds: float
    ) -> None:
        self._plan = plan
        self._ways = Ways(plan)
        self._seed = seed
        self._seconds = seconds
        self._material = material
        self._random = seeded(seed, "story")
        self._articles = articles_of(catalogue)
        self._shelves = [offer["zone"] for offer in material["campaigns"]]
        self._outage = self._draw_outage()
        self._numbers = iter(self._random.sample(range(1000, 10_000), _MOST_ORDERS))

    def story(self) -> Story:
        extras = self._random.randint(0, min(MOST_EXTRA_GUESTS, int(self._seconds / EXTRA_GUEST_S)))
        desk = self._seconds >= ROOM_FOR_A_DESK_ORDER_S
        consenting, refusing = draw_guests(
            self._material["names"],
            seeded(self._seed, "cast"),
            consenting=3 + desk + extras,
            refusing=1,
        )
        early, stoic, collector, *others = consenting
        parts = [
            self._early_buyer(early),
            self._stoic_buyer(stoic),
            self._collector(collector, cloudless=True),
            *(self._refuser(guest) for guest in refusing),
        ]
        orders = [self._order(collector, at=self._random.uniform(0.5, 1.5), desk=False)]
        if desk:
            parts.append(self._collector(others[0], cloudless=False))
            orders.append(self._order(others[0], at=self._random.uniform(3.0, 8.0), desk=True))
            others = others[1:]
        parts += [self._stroller(guest) for guest in others]
        return Story(
            seed=self._seed,
            seconds=self._seconds,
            parts=tuple(parts),
            counts={article.gtin: self._random.randint(3, 9) for article in self._articles},
            offers=tuple(self._offer(table) for table in self._material["campaigns"]),
            orders=tuple(orders),
            outage=self._outage,
        )

    def _draw_outage(self) -> Outage:
        begins = self._seconds * self._random.uniform(*OUTAGE_BEGINS)
        lasts = self._seconds * self._random.uniform(*OUTAGE_LASTS)
        return Outage(begins, begins + lasts, self._seconds * OUTAGE_ENDS)

    def _early_buyer(self, guest: Guest) -> Part:
        """Looks at the shoes beside the mirror first, and pays as soon as there is a coupon."""
        zone = self._shelves[0]
        goods = self._pick(zone, 1)
        return self._part(
            guest, 0.5, self._browse(zone), self._try_on(goods), self._pay(goods), self._leave()
        )

    def _stoic_buyer(self, guest: Guest) -> Part:
        """Is at the till with a coupon when the cloud is gone."""
        zone = self._random.choice(self._shelves)
        goods = self._pick(zone, self._random.randint(1, 2))
        enters = max(0.5, self._outage.begins - SHELF_TO_TILL_S)
        return self._part(
            guest, enters, self._browse(zone), self._pay(goods, cloudless=True), self._leave()
        )

    def _collector(self, guest: Guest, *, cloudless: bool) -> Part:
        """Comes for an order; without the cloud, or whenever it is ready."""
        spot = self._spot(self._plan.of_kind("pickup")[0].id)
        collect = Collect(spot, cloudless, button=self._random.random() < _SHARE_OF_BUTTONS)
        nearby = Linger(self._spot(self._plan.of_kind("till")[0].id), self._random.uniform(0, 2))
        enters = self._random.uniform(0.5, 3.0)
        return self._part(guest, enters, nearby, collect, self._leave())

    def _refuser(self, guest: Guest) -> Part:
        """Let nobody locate them: stands at the shelf like the others, and is offered nothing."""
        zone = self._random.choice(self._shelves)
        stay = max(9.0, 0.25 * self._seconds)
        enters = self._random.uniform(0.5, 0.1 * self._seconds)
        return self._part(guest, enters, Linger(self._spot(zone), stay), self._leave())

    def _stroller(self, guest: Guest) -> Part:
        enters = self._random.uniform(0.0, 0.3) * self._seconds
        zones = self._random.sample([zone.id for zone in self._plan.zones], 2)
        steps = [Linger(self._spot(zone), self._random.uniform(3.0, 8.0)) for zone in zones]
        return self._part(guest, enters, *steps, self._leave())

    def _part(self, guest: Guest, enters_at: float, *errands: Errand) -> Part:
        return Part(guest, round(enters_at, 2), self._door(errands[0].at), errands)

    def _door(self, goal: Point) -> Point:
        """Where somebody who wants to go to `goal` stands when their part begins."""
        if self._seconds >= WALK_IN_S:
            return self._spot(self._plan.of_kind("entrance")[0].id)
        middle = self._plan.width_m / 2.4, self._plan.height_m * 0.55
        return self._ways.reachable(
            (
                (middle[0] + goal[0]) / 2 + self._random.uniform(-0.5, 0.5),
                (middle[1] + goal[1]) / 2 + self._random.uniform(-0.5, 0.5),
            )
        )

    def _browse(self, zone: str) -> Browse:
        patience = max(PATIENCE_S, 0.3 * self._seconds)
        return Browse(zone, self._spot(zone), patience)

    def _try_on(self, goods: Sequence[Article]) -> TryOn:
        mirror = next(each for each in self._plan.mirrors if each.zone == self._shelves[0])
        spot = self._spot(mirror.zone)
        return TryOn(mirror.id, spot, tuple(one.gtin for one in goods), 0.04 * self._seconds)

    def _pay(self, goods: Sequence[Article], *, cloudless: bool = False) -> Pay:
        till = self._plan.of_kind("till")[0].id
        return Pay(self._spot(till), tuple(one.gtin for one in goods), cloudless)

    def _leave(self) -> Leave:
        return Leave(self._spot(self._plan.of_kind("entrance")[0].id))

    def _spot(self, zone: str) -> Point:
        return somewhere_in(self._plan.zone(zone), self._random, margin_m=1.3)

    def _pick(self, zone: str, count: int) -> list[Article]:
        return self._random.sample([one for one in self._articles if one.zone == zone], count)

    def _order(self, guest: Guest, *, at: float, desk: bool) -> OrderPlan:
        articles = self._random.sample(self._articles, self._random.randint(1, 2))
        return OrderPlan(
            order=f"W-{next(self._numbers)}",
            at=round(at, 2),
            guest=guest.id,
            lines=tuple((article, self._random.randint(1, 2)) for article in articles),
            phone_last4=f"{self._random.randint(0, 9999):04d}",
            desk=desk,
        )

    def _offer(self, table: Tables) -> Offer:
        gtins = [one.gtin for one in self._articles if one.style in table["styles"]]
        return Offer(
            id=table["id"],
            zone=table["zone"],
            gtins=tuple(gtins),
            discount=self._random.choice(table["discounts"]),
            title=table["title"],
            text=table["text"],
        )


_SHARE_OF_BUTTONS = 0.3
_MOST_ORDERS = 2
