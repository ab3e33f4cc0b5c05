"""`store-sim walk`: seeded people on a floor plan, as JSON lines."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Annotated, Any
from uuid import UUID

import typer

from simulators.world.bodies import Body, somewhere_in
from simulators.world.chance import seeded
from simulators.world.crowd import add_crowd, add_phones, random_address
from simulators.world.faults import (
    Faults,
    NoSuchFault,
    air_faults,
    beacon_faults,
    ear_faults,
)
from simulators.world.payloads import Card
from simulators.world.plan import EXAMPLE, FloorPlan, load_plan
from simulators.world.world import World

STEP_S = 0.5
"""Between positions: at walking pace a person has moved half a metre."""

STAY_S = (4.0, 12.0)
"""How long somebody looks at a shelf before they go on."""

PASSING_CROWD = 40
"""Phones that come along with crowded air, beside what is heard as interference only."""

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
    fault: Annotated[
        list[str] | None,
        typer.Option(help="NAME or NAME:TARGET, of receivers, air and beacons (person-1, …)."),
    ] = None,
) -> None:
    """Walk seeded people on a floor plan; print where they are and who hears their beacons.

    Lines with `raw_adv` are adverts: `store-sim walk | grep raw_adv | edge-agent decode`.
    """
    start = time.monotonic()
    try:
        lines = stroll(
            load_plan(plan),
            people=people,
            phones=phones,
            seconds=seconds,
            seed=seed,
            faults=fault or (),
        )
    except NoSuchFault as err:
        typer.echo(f"store-sim walk: {err}", err=True)
        raise typer.Exit(2) from None
    for line in lines:
        if live:
            time.sleep(max(0.0, start + line["t"] - time.monotonic()))
        typer.echo(json.dumps(line))


def stroll(
    plan: FloorPlan,
    *,
    people: int,
    phones: int,
    seconds: float,
    seed: int,
    faults: Sequence[str] = (),
) -> Iterator[Mapping[str, Any]]:
    """Positions and adverts of `people` who wander from zone to zone; `t` in seconds.

    Raises:
        NoSuchFault: one of `faults` cannot happen here.
    """
    world = World(plan, seed)
    add_crowd(world, seeded(seed, "crowd"), phones=phones)
    walkers = [_Walker(world, number, seeded(seed, "walker", number)) for number in range(people)]
    _break(world, walkers, faults, seed)
    return _lines(world, walkers, seconds)


def _break(world: World, walkers: Sequence["_Walker"], wanted: Sequence[str], seed: int) -> None:
    """Bring faults about; the crowd that crowded air brings along is there only for that."""
    if not wanted:
        return
    crowd = add_phones(world, seeded(seed, "passing"), PASSING_CROWD)
    for each in crowd:
        each.silent = True
    beacons = {f"person-{number}": each.card for number, each in enumerate(walkers, 1)}
    faults = Faults(
        [
            *ear_faults(world),
            *air_faults(world, crowd),
            *beacon_faults(world, lambda: beacons),
        ]
    )
    for text in wanted:
        name, _, target = text.partition(":")
        for switch, at in faults.select(name, target or None):
            switch.turn(at, True)  # noqa: FBT003 - a switch's signature


def _lines(
    world: World, walkers: Sequence["_Walker"], seconds: float
) -> Iterator[Mapping[str, Any]]:
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
    """Somebody who looks at one zone after another.

    Attributes:
        card: their beacon, as the air knows it.
    """

    def __init__(self, world: World, number: int, random: Random) -> None:
        self._world = world
        self._random = random
        self._rests_until = 0.0
        self._sent = Card(CHAIN, 1, 100 + number)
        self._body: Body = world.body(somewhere_in(world.plan.zones[0], random))
        self.card = world.transmit(
            random_address(random),
            self._sent.compose,
            lambda: self._body.position,
            carrier=lambda: self._body,
        )

    def report(self) -> Mapping[str, Any]:
        x, y = self._body.position
        zone = self._world.plan.zone_at((x, y))
        return {
            "t": round(self._world.now, 3),
            "beacon": self._sent.identity,
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
