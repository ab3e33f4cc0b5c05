"""`store-sim fault`: the switches of the demo that runs, from another terminal."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, NoReturn

import httpx
import typer

from simulators.demo.directory import RunDirectory

PATIENCE_S = 15.0
"""Bringing a broker back takes some seconds."""

fault = typer.Typer(help="Faults of the demo that runs, on and off.", no_args_is_help=True)

Directory = Annotated[Path, typer.Option(help="The demo's --directory.")]
Name = Annotated[str, typer.Argument(help="As `store-sim fault list` names it.")]
Target = Annotated[
    str | None, typer.Argument(help="Receiver or beacon; all that it can happen to when left out.")
]


@fault.command("list")
def list_all(directory: Directory = Path("var/demo")) -> None:
    """Every fault: what it can happen to, and what it is at now (marked with a star)."""
    for each in _call(directory, "GET", "faults")["faults"]:
        typer.echo(f"{each['id']:26} {each['name']['en']} / {each['name']['ko']}")
        targets = [f"{'*' if target in each['on'] else ''}{target}" for target in each["targets"]]
        typer.echo(f"{'':26} {' '.join(targets)}")


@fault.command()
def on(name: Name, target: Target = None, directory: Directory = Path("var/demo")) -> None:
    """Bring a fault about."""
    _call(directory, "POST", f"faults/{name}", {"on": True, "target": target})


@fault.command()
def off(name: Name, target: Target = None, directory: Directory = Path("var/demo")) -> None:
    """End a fault."""
    _call(directory, "POST", f"faults/{name}", {"on": False, "target": target})


def _call(directory: Path, method: str, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
    """Ask the demo's control API; exits 1 with one line when that does not work."""
    run = RunDirectory(directory.resolve())
    try:
        simulator = tomllib.loads(run.settings.read_text(encoding="utf-8"))["simulator"]
        key = (run.root / simulator["key_file"]).read_text(encoding="utf-8").strip()
        answer = httpx.request(
            method,
            f"{simulator['url']}/sim/{path}",
            json=body,
            headers={"Authorization": f"Bearer {key}"},
            timeout=PATIENCE_S,
            trust_env=False,
        )
    except (OSError, httpx.TransportError) as err:
        _fail(f"no demo runs in {directory}: {err}")
    if answer.is_error:
        _fail(answer.json().get("detail", answer.text))
    return answer.json() if answer.content else None


def _fail(line: str) -> NoReturn:
    typer.echo(f"store-sim fault: {line}", err=True)
    raise typer.Exit(1)
