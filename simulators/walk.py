"""`store-sim walk`: seeded people on a floor plan, as JSON lines."""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Annotated, Any
from uuid import UUID

import typer

from simulators.world.bodies import Body, somewhere_in
from simulators.world.chance import seeded
from simulators.world.crowd import add_crowd, random_address
from simulators.world.payloads import Card
from simulators.world.plan import EXAMPLE, FloorPlan, load_plan
from simulators.world.world import World

STEP_S = 0.5
"""Between positions: at walking pace a person has moved half a metre."""

STAY_S = (4.0, 12.0)
"""How long somebody looks at a shelf before they go on."""

CHAIN = UUID("6f2a7c1e-7a0b-4c55-9d0e-3b1f6a52c0de")
"""The UUID that all cards of the simulated chain share, as real chains do."""


def walk(
    *,
    plan: Annotated[Path, typer.Option(help="A store.toml with a floor plan.")] = EXAMPLE,
    people: Annotated[int, typer.Option(min=1, max=500, help="How many walk.")] = 3,
    phones: Annotated[int, typer.Option(min=0, max=500, help="Passers-by with phones.")] = 4,
    seconds: Annotated[float, typer.Option(min=0, help="How long, in the plan's time.")] = 30.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same lines.")] = 1,
    live: Annotated[bool, typer.Option("--live", help="Print at the pace of time.")] = False,
) -> None:
    """Walk seeded people on a floor plan; print where they are and who hears their beacons.

    Lines with `raw_adv` are adverts: `store-sim walk | grep raw_adv | edge-agent decode`.
    """
    start = time.monotonic()
    for line in stroll(load_plan(plan), people=people, phones=phones, seconds=seconds, seed=seed):
        if live:
            time.sleep(max(0.0, start + line["t"] - time.monotonic()))
        typer.echo(json.dumps(line))


def stroll(
    plan: FloorPlan, *, people: int, phones: int, seconds: float, seed: int
) -> Iterator[Mapping[str, Any]]:
    """Positions and adverts of `people` who wander from zone to zone; `t` in seconds."""
    world = World(plan, seed)
    add_crowd(world, seeded(seed, "crowd"), phones=phones)
    walkers = [_Walker(world, number, seeded(seed, "walker", number)) for number in range(people)]
    for tick in range(1, round(seconds / STEP_S) + 1):
        for heard in world.step(tick * STEP_S):
            yield {
                "t": round(heard.at, 3),
                "receiver": heard.receiver,
                "address": heard.address,
                "rssi": heard.rssi,
                "raw_adv": heard.ad.hex(),
            }
        for walker in walkers:
            yield walker.report()
            walker.go_on()


class _Walker:
    """Somebody who looks at one zone after another."""

    def __init__(self, world: World, number: int, random: Random) -> None:
        self._world = world
        self._random = random
        self._rests_until = 0.0
        self._card = Card(CHAIN, 1, 100 + number)
        self._body: Body = world.body(somewhere_in(world.plan.zones[0], random))
        world.transmit(
            random_address(random),
            self._card.compose,
            lambda: self._body.position,
            carrier=lambda: self._body,
        )

    def report(self) -> Mapping[str, Any]:
        x, y = self._body.position
        zone = self._world.plan.zone_at((x, y))
        return {
            "t": round(self._world.now, 3),
            "beacon": self._card.identity,
            "x": round(x, 2),
            "y": round(y, 2),
            "zone": zone.id if zone else None,
        }

    def go_on(self) -> None:
        if self._body.walking:
            self._rests_until = self._world.now + self._random.uniform(*STAY_S)
        elif self._world.now >= self._rests_until:
            zone = self._random.choice(self._world.plan.zones)
            self._body.walk(somewhere_in(zone, self._random))
