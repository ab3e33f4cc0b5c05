"""The story of a seed: who comes, where they go, what they want, what goes wrong and when.

Pure. It says what people mean to do; what then happens is the store's doing, and people react to
what they see.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from simulators.demo.cast import Guest
from simulators.demo.errands import Errand
from simulators.world.plan import Point

SHORTEST_S = 40.0
"""Below this nobody could walk to a shelf, wait for a coupon and pay before the end."""

QUIET_END_S = 3.0
"""The story is told this long before its end, so that the cloud can catch up."""


@dataclass(frozen=True, slots=True)
class Article:
    """Of the catalogue: what the story needs."""

    gtin: str
    style: str
    name: Mapping[str, str]
    size: str
    zone: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A campaign as the retailer publishes it; `discount` in the minor unit of the currency."""

    id: str
    zone: str
    gtins: tuple[str, ...]
    discount: int
    title: Mapping[str, str]
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """An order to be placed at second `at` of the story; one for the desk gets no compartment."""

    order: str
    at: float
    guest: str
    lines: tuple[tuple[Article, int], ...]
    phone_last4: str
    desk: bool


@dataclass(frozen=True, slots=True)
class Outage:
    """When the cloud broker dies, and when it comes back at the earliest and at the latest."""

    begins: float
    earliest_end: float
    latest_end: float


@dataclass(frozen=True, slots=True)
class Part:
    """One guest's part: when and where they come in, and what they mean to do."""

    guest: Guest
    enters_at: float
    door: Point
    errands: tuple[Errand, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that was drawn. Seconds count from the moment at which the store is open."""

    seed: int
    seconds: float
    parts: tuple[Part, ...]
    counts: Mapping[str, int]
    offers: tuple[Offer, ...]
    orders: tuple[OrderPlan, ...]
    outage: Outage

    @property
    def curtain(self) -> float:
        """The second by which everybody has done what they came for."""
        return self.seconds - QUIET_END_S
