"""The survey that the demo's store opens with, as its retailer's engineer would have made it."""

import json
import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from simulators.demo.surveyor import ADDRESS, CARD
from simulators.world.bodies import Body
from simulators.world.plan import FloorPlan, Point
from simulators.world.world import World

SPACING_M: Final = 2.6
"""Between places: the 45 of the demo's floor are a quarter of an hour for one person."""

MARGIN_M: Final = 1.4
"""From the walls to the first places."""

QUARTERS: Final = 4
QUARTER_S: Final = 2.5
"""At each place they turn once around, so that the map knows no side of a body."""


def survey(plan: FloorPlan, seed: int) -> str:
    """Lines for `presence.survey` of `store.toml`: the store of this plan and seed, empty."""
    world = World(plan, seed)
    body = world.body((MARGIN_M, MARGIN_M))
    world.transmit(
        ADDRESS,
        CARD.compose,
        lambda: body.position,
        carrier=lambda: body,
        power_1m=CARD.power_1m,
    )
    lines = [
        {"x": round(body.position[0], 2), "y": round(body.position[1], 2)} | heard
        for place in _places(plan)
        for heard in _stand(world, body, place)
    ]
    return "".join(f"{json.dumps(line)}\n" for line in lines)


def _places(plan: FloorPlan) -> Iterator[Point]:
    columns = int((plan.width_m - 2 * MARGIN_M) // SPACING_M) + 1
    rows = int((plan.height_m - 2 * MARGIN_M) // SPACING_M) + 1
    for row in range(rows):
        for column in range(columns):
            yield (MARGIN_M + column * SPACING_M, MARGIN_M + row * SPACING_M)


def _stand(world: World, body: Body, place: Point) -> Iterator[dict[str, object]]:
    body.position = world.ways.reachable(place)
    levels: dict[str, list[int]] = defaultdict(list)
    for quarter in range(QUARTERS):
        body.heading = quarter * math.tau / QUARTERS
        for heard in world.step(world.now + QUARTER_S):
            levels[heard.receiver].append(heard.rssi)
    for receiver, rssi in sorted(levels.items()):
        yield {"receiver": receiver, "rssi": rssi}
