"""`store-sim stand`: the demo's surveyor, sent to a place for `edge-agent survey`."""

from pathlib import Path
from typing import Annotated

import typer

from simulators.demo.lever import Directory, pull


def stand(
    x: Annotated[float, typer.Argument(min=0, help="Metres from the plan's left edge.")],
    y: Annotated[float, typer.Argument(min=0, help="Metres from the plan's top edge.")],
    directory: Directory = Path("var/demo"),
) -> None:
    """Have the demo's surveyor stand at X Y, at once, with the beacon of radio.env in the hand.

    Prints where they stand: the nearest place that no wall or shelf takes.
    """
    place = pull(directory, "POST", "surveyor", {"x": x, "y": y}, by="stand")
    typer.echo(f"{place['x']} {place['y']}")
