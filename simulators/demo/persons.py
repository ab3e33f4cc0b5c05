"""Somebody in the demo: a body with a beacon card, and a phone once they have joined."""

from typing import Any

from simulators.demo.callers import Caller
from simulators.demo.cast import Guest
from simulators.demo.live import LiveView, Values
from simulators.world.bodies import Body
from simulators.world.plan import Point
from simulators.world.world import World


class Phone:
    """The shopper page in somebody's hand: what it shows, and what they can tap."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.view: LiveView = caller.view("/v1/live/shopper")

    def coupons(self) -> list[dict[str, Any]]:
        """The coupons that can still be redeemed, newest first as the page has them."""
        shown = self.view.values.get("coupons", {}).get("coupons", [])
        return [coupon for coupon in shown if coupon["state"] == "offered"]

    def newest_pass(self) -> str | None:
        """The pickup pass on the screen, if there is one."""
        orders = self.view.values.get("orders", {}).get("orders", [])
        return next((order["pass"] for order in orders if order.get("pass")), None)


class Person:
    """A guest, alive.

    Attributes:
        shopper: their pseudonym in the store, once enrolled.
        activity: what they are doing, in a word, for the console.
        card: their beacon, as the air knows it.
    """

    def __init__(self, guest: Guest, world: World) -> None:
        self.guest = guest
        self.shopper: str | None = None
        self.phone: Phone | None = None
        self.activity = "away"
        self.body: Body | None = None
        self._world = world
        self.card = world.transmit(
            guest.address,
            guest.card.compose,
            self.where,
            carrier=lambda: self.body,
            power_1m=guest.card.power_1m,
        )

    def where(self) -> Point | None:
        """Where their card is; None while they are not in the store."""
        return self.body.position if self.body is not None else None

    def enter(self, at: Point) -> Body:
        """Come in, once."""
        if self.body is None:
            self.body = self._world.body(at, pace=self.guest.pace)
        return self.body

    def leave(self) -> None:
        """Go, and take the card along."""
        if self.body is not None:
            self._world.leave(self.body)
        self.body = None
        self.activity = "away"


def own_order(values: Values, *states: str) -> dict[str, Any] | None:
    """The newest order on a page that is in one of `states`."""
    for order in values.get("orders", {}).get("orders", []):
        if order["state"] in states:
            return dict(order)
    return None


def cloud_gone(values: Values) -> bool:
    """Whether the page's badge says that the cloud is out of reach."""
    return bool(values.get("link", {}).get("cloud", "online") != "online")
