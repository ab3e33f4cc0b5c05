"""`store-sim fault`: the switches of the demo that runs, from another terminal."""

from pathlib import Path
from typing import Annotated

import typer

from simulators.demo.lever import Directory, pull

fault = typer.Typer(help="Faults of the demo that runs, on and off.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="As `store-sim fault list` names it.")]
Target = Annotated[
    str | None, typer.Argument(help="Receiver or beacon; all that it can happen to when left out.")
]


@fault.command("list")
def list_all(directory: Directory = Path("var/demo")) -> None:
    """Every fault: what it can happen to, and what it is at now (marked with a star)."""
    for each in pull(directory, "GET", "faults", by="fault")["faults"]:
        typer.echo(f"{each['id']:26} {each['name']['en']} / {each['name']['ko']}")
        targets = [f"{'*' if target in each['on'] else ''}{target}" for target in each["targets"]]
        typer.echo(f"{'':26} {' '.join(targets)}")


@fault.command()
def on(name: Name, target: Target = None, directory: Directory = Path("var/demo")) -> None:
    """Bring a fault about."""
    pull(directory, "POST", f"faults/{name}", {"on": True, "target": target}, by="fault")


@fault.command()
def off(name: Name, target: Target = None, directory: Directory = Path("var/demo")) -> None:
    """End a fault."""
    pull(directory, "POST", f"faults/{name}", {"on": False, "target": target}, by="fault")
