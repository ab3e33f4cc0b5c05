"""`store-sim phone`: join a store, then walk and say which of its beacons are heard."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import httpx
import typer

from simulators.phone.client import Entry, Phone, Refused
from simulators.phone.mall import Floor, NoSuchWalk
from simulators.phone.stroll import NothingToHear, stroll
from simulators.phone.tables import tables
from simulators.world.plan import EXAMPLE, load_plan

KEPT_S = 10.0
"""What a phone keeps while the store is out of reach: older entries are of no use to it."""

Step = tuple[float, Sequence[Entry], tuple[float, float] | None]

phone = typer.Typer(
    help="A shopper's phone that hears the store's fixed beacons.", no_args_is_help=True
)

Join = Annotated[str, typer.Option(help="A one-time code: an invitation, or a shopper's own.")]
Agent = Annotated[str, typer.Option(help="The agent's address.")]
Data = Annotated[Path, typer.Option(help="The directory of ble_mall.", exists=True)]
Pace = Annotated[float, typer.Option(min=0.1, max=20, help="Times as fast as it was walked.")]


@phone.command("stroll")
def stroll_command(
    join: Join,
    agent: Agent = "http://127.0.0.1:8080",
    plan: Annotated[Path, typer.Option(help="A store.toml with reference beacons.")] = EXAMPLE,
    seconds: Annotated[int, typer.Option(min=1, help="How long.")] = 60,
    seed: Annotated[int, typer.Option(help="The same seed walks the same way.")] = 1,
) -> None:
    """Carry a phone through the simulated store; a JSON line for each second."""
    _run(join, agent, stroll(load_plan(plan), seconds=seconds, seed=seed), pace=1.0)


@phone.command("mall")
def mall(
    *,
    join: Join,
    data: Data,
    agent: Agent = "http://127.0.0.1:8080",
    site: str = "site1",
    floor: str = "F1",
    path: Annotated[str, typer.Option(help="A walk; the longest of the floor when left out.")] = "",
    pace: Pace = 1.0,
) -> None:
    """Say again what a surveyor's phone heard in a mall; a JSON line for each second."""
    recorded = _floor(data, site, floor)
    _run(join, agent, recorded.walk(path or recorded.paths[0]), pace=pace)


@phone.command("site")
def site_command(data: Data, site: str = "site1", floor: str = "F1") -> None:
    """Print a mall's floor as [floor], [[zones]] and [[beacons]] for a store.toml."""
    for line in tables(_floor(data, site, floor)):
        typer.echo(line)


def _floor(data: Path, site: str, floor: str) -> Floor:
    try:
        return Floor(data, site, floor)
    except (OSError, NoSuchWalk) as err:
        _say(str(err))
        raise typer.Exit(2) from None


def _run(join: str, agent: str, steps: Iterable[Step], *, pace: float) -> None:
    try:
        asyncio.run(_carry(join, agent, steps, pace))
    except (Refused, NoSuchWalk, NothingToHear) as err:
        _say(str(err))
        raise typer.Exit(1) from None
    except httpx.TransportError as err:
        _say(f"no agent at {agent} ({str(err) or type(err).__name__})")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


async def _carry(join: str, agent: str, steps: Iterable[Step], pace: float) -> None:
    async with httpx.AsyncClient(base_url=agent) as client:
        carried = await Phone.join(client, join)
        loop = asyncio.get_running_loop()
        start, due, kept = loop.time(), 0.0, list[Entry]()
        for second, heard, place in steps:
            await asyncio.sleep(max(0.0, start + second / pace - loop.time()))
            kept = [one for one in [*kept, *heard] if second - one.at <= KEPT_S]
            told: dict[str, object] = {"t": second, "heard": len(heard)}
            if place is not None:
                told |= {"x": round(place[0], 2), "y": round(place[1], 2)}
            if second / pace >= due:
                used, wait_s = await _say_it(carried, kept, second)
                due = second / pace + wait_s
                told["used"] = used
                kept = [] if used is not None else kept
            typer.echo(json.dumps(told))


async def _say_it(carried: Phone, heard: Sequence[Entry], now: float) -> tuple[int | None, float]:
    """How many entries were of use, None when the store is away; seconds until the next try."""
    try:
        return await carried.say(heard, now)
    except httpx.TransportError:
        return None, 1.0


def _say(line: str) -> None:
    typer.echo(f"store-sim phone: {line}", err=True)
