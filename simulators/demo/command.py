"""`store-sim demo`: a whole store with one command."""

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from simulators.demo.failure import DemoFailure
from simulators.demo.ports import Ports
from simulators.demo.prepared import Options, Prepared, make_ready
from simulators.demo.sabotage import Sabotage
from simulators.demo.story import SHORTEST_S

INTERRUPTED = 130
"""What shells say of a program that Ctrl-C ended."""


def demo(
    *,
    headless: Annotated[
        bool, typer.Option("--headless", help="Act the story out without a person; then judge it.")
    ] = False,
    seconds: Annotated[
        float, typer.Option(min=SHORTEST_S, max=3600, help="Length of the headless story.")
    ] = 60.0,
    seed: Annotated[int, typer.Option(help="Another seed is another story.")] = 7,
    sabotage: Annotated[
        Sabotage | None, typer.Option(help="Spoil the story; the judge must find out.")
    ] = None,
    port_base: Annotated[
        int | None,
        typer.Option(min=0, max=65_000, help="Six ports in a row from here; 0 takes free ones."),
    ] = None,
    directory: Annotated[
        Path, typer.Option(help="Settings, databases and logs of the run; wiped at the start.")
    ] = Path("var/demo"),
    keep: Annotated[
        bool, typer.Option("--keep", help="Go on with the databases of the last run.")
    ] = False,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="Begin with a fault, NAME or NAME:TARGET; `store-sim fault list`."),
    ] = None,
) -> None:
    """Start a whole store: brokers, hub, agent, locker, shoppers.

    Prints the addresses of the five pages and the key that opens them; Ctrl-C stops everything.
    With --headless the same story is acted out without a person, and the last thing printed is
    one JSON object that says how it went; the exit status is 1 when it did not come out right.
    """
    ports = Ports.from_base(port_base)
    options = Options(headless, seconds, seed, sabotage, ports, directory, keep, tuple(fault or ()))
    try:
        prepared = make_ready(options)
        verdict = _run(prepared)
    except DemoFailure as err:
        _say(str(err))
        raise typer.Exit(1) from None
    if verdict is not None:
        typer.echo(json.dumps(verdict, ensure_ascii=False))
        raise typer.Exit(0 if verdict["ok"] else 1)


def _run(prepared: Prepared) -> Mapping[str, Any] | None:
    """Run to the end.

    Raises:
        DemoFailure: the first thing that went wrong for a reason that can be told.
        typer.Exit: when a headless run was interrupted.
    """
    from simulators.demo.demo import run_demo  # noqa: PLC0415 - `--help` need not wait 2 s for it

    try:
        return asyncio.run(run_demo(prepared, _say))
    except asyncio.CancelledError:
        _say("stopped")
        raise typer.Exit(INTERRUPTED if prepared.options.headless else 0) from None
    except BaseExceptionGroup as group:
        told = next((err for err in _leaves(group) if isinstance(err, DemoFailure)), None)
        if told is None:
            raise
        raise told from None


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error


def _say(line: str) -> None:
    typer.echo(f"store-sim demo: {line}", err=True)
    sys.stderr.flush()
