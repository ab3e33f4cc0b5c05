"""`python -m bench [NAME...] [--runs N]`: run benchmarks, keep their results, redraw the table."""

from collections.abc import Callable
from typing import Annotated, Final, NamedTuple

import typer
from rich.console import Console
from rich.progress import track as follow

from bench.accuracy.run import accuracy
from bench.entries import (
    adverts,
    facts,
    flash,
    fleet,
    fuzz,
    idle,
    latency,
    link,
    overload,
    radio,
    sync,
    track,
    week,
)
from bench.harness import Effort, Figure, Measure
from bench.report import Result, machine, save, write_page
from edge_agent.kernel.clock import SystemClock


class Entry(NamedTuple):
    """A benchmark: its title in the table and how it is measured."""

    title: str
    measure: Callable[[Effort], list[Figure]] | Callable[[Effort], list[Measure]]


ENTRIES: Final = {
    "adverts": Entry(adverts.TITLE, adverts.measure),
    "facts": Entry(facts.TITLE, facts.measure),
    "flash": Entry(flash.TITLE, flash.measure),
    "track": Entry(track.TITLE, track.measure),
    "radio": Entry(radio.TITLE, radio.measure),
    "latency": Entry(latency.TITLE, latency.measure),
    "overload": Entry(overload.TITLE, overload.measure),
    "week": Entry(week.TITLE, week.measure),
    "fuzz": Entry(fuzz.TITLE, fuzz.measure),
    "sync": Entry(sync.TITLE, sync.measure),
    "link": Entry(link.TITLE, link.measure),
    "idle": Entry(idle.TITLE, idle.measure),
    "fleet": Entry(fleet.TITLE, fleet.measure),
}


def bench(
    names: Annotated[
        list[str] | None,
        typer.Argument(help=f"Which: {', '.join(ENTRIES)}; all when left out; or accuracy."),
    ] = None,
    runs: Annotated[int, typer.Option(min=1, help="Runs per contender; medians count.")] = 5,
    *,
    full: Annotated[
        bool, typer.Option("--full", help="Long loads whole: five minutes, ten million adverts.")
    ] = False,
) -> None:
    """Run benchmarks beside their peers and write bench/results and docs/performance.md."""
    if names == ["accuracy"]:
        accuracy()
        return
    for name in names or ENTRIES:
        if name not in ENTRIES:
            msg = f"{name!r} is none of {', '.join(ENTRIES)}"
            raise typer.BadParameter(msg)
    console = Console(stderr=True)
    for name in follow(names or list(ENTRIES), description="benchmarks", console=console):
        entry = ENTRIES[name]
        found = entry.measure(Effort(runs, full))
        figures = [each for each in found if isinstance(each, Figure)]
        measures = [each for each in found if isinstance(each, Measure)]
        today = SystemClock().now().wall.date()
        save(Result(name, entry.title, today, runs, machine(), figures, measures, full))
        for line in found:
            console.print(_told(line))
    write_page()


def _told(line: Figure | Measure) -> str:
    if isinstance(line, Measure):
        return f"{line.what}: {line.value:,.4g} {line.unit} ({line.to_reach})"
    return (
        f"{line.what}: {line.ours:,.0f} {line.unit}, {line.peer}: {line.theirs:,.0f}"
        f" ({line.ratio:.2g} times)"
    )


typer.run(bench)
