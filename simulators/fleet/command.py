"""`store-sim fleet`: many stores at one hub."""

import asyncio
import resource
from typing import Annotated

import msgspec
import typer

from cloud_bridge.mqtt import Broker
from cloud_bridge.wire.topics import DEFAULT_ROOT
from simulators.fleet.fleet import Fleet, Plan, Report, store_names

FILES_BESIDE = 64
"""Open files that are no store's connection."""

WINDOW = 10
"""Messages of one store that the broker may owe an answer for; a store has three at most."""


def fleet(
    *,
    stores: Annotated[int, typer.Option(min=1, max=9999, help="How many.")] = 10,
    host: Annotated[str, typer.Option(help="The cloud broker.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 1883,
    mqtt5: Annotated[bool, typer.Option(help="MQTT 5; else 3.1.1.")] = True,
    root: Annotated[str, typer.Option(help="First levels of every topic.")] = DEFAULT_ROOT,
    backlog: Annotated[
        int, typer.Option(min=0, help="Facts that wait in each store at the beginning.")
    ] = 1000,
    rate: Annotated[
        float, typer.Option(min=0, max=1000, help="Facts a second and store; a shop's is 0.4.")
    ] = 0.4,
    outage: Annotated[float, typer.Option(min=0, help="Then cut all off for so long (s).")] = 0.0,
    returning: Annotated[
        float, typer.Option("--return", min=0, help="They come back within so long (s).")
    ] = 120.0,
    seconds: Annotated[float, typer.Option(min=1, help="Give up after so long.")] = 600.0,
    seed: Annotated[int, typer.Option(help="The same seed is the same fleet.")] = 1,
    names: Annotated[bool, typer.Option("--names", help="Only say what they are called.")] = False,
) -> None:
    """Stores that speak the contract, each off a log of its own; a JSON line for each second.

    The hub must serve them: `--names` prints the ids for `stores` of hub.toml. Ends with 1 when the
    hub has not got everything by the end.
    """
    if names:
        typer.echo(msgspec.json.encode(store_names(stores)).decode())
        return
    _raise_limit(stores)
    broker = Broker(host=host, port=port, mqtt5=mqtt5, window=WINDOW)
    plan = Plan(
        stores=stores,
        backlog=backlog,
        rate=rate,
        outage_s=outage,
        return_s=returning,
        seconds=seconds,
        seed=seed,
        root=root,
    )
    if not asyncio.run(Fleet(plan, broker, _tell).run()):
        typer.echo(
            f"not drained within {seconds:g} s; where nothing was acknowledged: is a hub at the"
            f" broker {host}:{port}, and does it name these stores (`--names`)?",
            err=True,
        )
        raise typer.Exit(1)


def _tell(report: Report) -> None:
    typer.echo(msgspec.json.encode(report).decode())


def _raise_limit(stores: int) -> None:
    """Each store has a socket; the usual soft limit is 1,024 files."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = stores + FILES_BESIDE
    if hard != resource.RLIM_INFINITY and wanted > hard:
        typer.echo(f"{stores} stores need {wanted} open files, {hard} are allowed", err=True)
        raise typer.Exit(2)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(wanted, 1024), hard))
