"""`python -m bench [NAME...] [--runs N]`: run benchmarks, keep their results, redraw the table."""

from collections.abc import Callable
from typing import Annotated, Final, NamedTuple

import typer
from rich.console import Console
from rich.progress import track as follow

from bench.entries import adverts, facts, track
from bench.harness import Figure
from bench.report import Result, machine, save, write_page
from edge_agent.kernel.clock import SystemClock


class Entry(NamedTuple):
    """A benchmark: its title in the table and how it is measured, given the number of runs."""

    title: str
    measure: Callable[[int], list[Figure]]


ENTRIES: Final = {
    "adverts": Entry(adverts.TITLE, adverts.measure),
    "facts": Entry(facts.TITLE, facts.measure),
    "track": Entry(track.TITLE, track.measure),
}


def bench(
    names: Annotated[
        list[str] | None, typer.Argument(help=f"Which: {', '.join(ENTRIES)}; all when left out.")
    ] = None,
    runs: Annotated[int, typer.Option(min=1, help="Runs per contender; medians count.")] = 5,
) -> None:
    """Run benchmarks beside their peers and write bench/results and docs/performance.md."""
    for name in names or ENTRIES:
        if name not in ENTRIES:
            msg = f"{name!r} is none of {', '.join(ENTRIES)}"
            raise typer.BadParameter(msg)
    console = Console(stderr=True)
    for name in follow(names or list(ENTRIES), description="benchmarks", console=console):
        entry = ENTRIES[name]
        figures = entry.measure(runs)
        today = SystemClock().now().wall.date()
        save(Result(name, entry.title, today, runs, machine(), figures))
        for line in figures:
            console.print(
                f"{line.what}: {line.ours:,.0f} {line.unit}, {line.peer}: {line.theirs:,.0f}"
                f" ({line.ratio:.2g} times)"
            )
    write_page()


typer.run(bench)
