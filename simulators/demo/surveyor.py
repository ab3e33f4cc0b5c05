"""Somebody with a beacon in the hand who stands where `edge-agent survey` wants them."""

from simulators.demo.cast import CHAIN
from simulators.world.bodies import Body
from simulators.world.payloads import Card
from simulators.world.plan import Point
from simulators.world.world import World

CARD = Card(CHAIN, 2, 1)
"""Shoppers' cards have major 1: nobody joins with this one by chance."""

ADDRESS = "C2:75:72:76:65:79"
"""A random static one, as cards have."""


class Surveyor:
    """In the store, and on the air, from the first place they are sent to."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._body: Body | None = None

    def stand(self, at: Point) -> Point:
        """Be there at once; the answer is the free place nearest to `at`."""
        before, self._body = self._body, self._world.body(at)
        if before is not None:
            self._world.leave(before)
            return self._body.position
        self._world.transmit(
            ADDRESS,
            CARD.compose,
            self._where,
            carrier=lambda: self._body,
            power_1m=CARD.power_1m,
        )
        return self._body.position

    def _where(self) -> Point | None:
        return self._body.position if self._body is not None else None
