"""The levers of the demo that runs, pulled from another terminal."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn

import httpx
import typer

from simulators.demo.directory import RunDirectory

PATIENCE_S = 15.0
"""Bringing a broker back takes some seconds."""

Directory = Annotated[Path, typer.Option(help="The demo's --directory.")]


def pull(
    directory: Path, method: str, path: str, body: Mapping[str, Any] | None = None, *, by: str
) -> Any:  # noqa: ANN401 - JSON
    """Ask the demo's control API; exits 1 with one line, by the name `by`, when it refuses."""
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
        _fail(f"{by}: no demo runs in {directory}: {err}")
    if answer.is_error:
        _fail(f"{by}: {answer.json().get('detail', answer.text)}")
    return answer.json() if answer.content else None


def _fail(line: str) -> NoReturn:
    typer.echo(f"store-sim {line}", err=True)
    raise typer.Exit(1)
