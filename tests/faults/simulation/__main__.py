"""`python -m tests.faults.simulation --seed N`: one story again, with all that happens in it."""

import time
from typing import Annotated

import typer

from tests.faults.seeds import SEED
from tests.faults.simulation.planted import BUGS
from tests.faults.simulation.running import play
from tests.faults.simulation.world import Violation


def main(
    seed: Annotated[int, typer.Option(help="the story, or the first of several")],
    stories: Annotated[int, typer.Option(help="how many; only one is told in full")] = 1,
    suite: Annotated[int, typer.Option(help="the seed of the fault suite")] = SEED,
    bug: Annotated[str, typer.Option(help=f"planted: {', '.join(BUGS)}")] = "",
) -> None:
    """Play stories; exit 1 at the first broken promise."""
    begun = time.perf_counter()
    trace = _print if stories == 1 else None
    for number in range(seed, seed + stories):
        try:
            play(number, seed=suite, trace=trace, **BUGS.get(bug, {}))
        except Violation as err:
            print(f"story {number}: {err}")  # noqa: T201 - a program's output
            raise typer.Exit(1) from None
    took = time.perf_counter() - begun
    print(f"{stories} stories hold, {took / stories * 1000:.1f} ms each")  # noqa: T201 - as above


def _print(at: float, line: str) -> None:
    print(f"{at:9.3f}  {line}")  # noqa: T201 - a program's output


if __name__ == "__main__":
    typer.run(main)
