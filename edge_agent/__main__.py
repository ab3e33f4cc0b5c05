"""`edge-agent`: the programs of the gateway. Each command imports only what it needs."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="edge-agent",
    help="The store's own computer: hears beacons, offers coupons, opens lockers, drives mirrors.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
adapter = typer.Typer(
    help="Device adapters: one process per bank or reader.", no_args_is_help=True
)
app.add_typer(adapter, name="adapter")

SettingsFile = Annotated[
    Path, typer.Option("--settings", "-s", help="The store's settings, such as store.toml.")
]


@app.command()
def run(settings: SettingsFile) -> None:
    """Run the agent until SIGTERM or Ctrl-C."""
    from edge_agent.app import main as run_agent
    from edge_agent.logs import configure

    loaded, catalogue = _load(settings)
    configure(loaded.state.log_format)
    sys.exit(run_agent(loaded, catalogue))


@app.command()
def check(settings: SettingsFile) -> None:
    """Check the settings: name file, line and remedy for each mistake."""
    loaded, catalogue = _load(settings)
    typer.echo(
        f"{settings}: fine. Store {loaded.store.id}: {len(loaded.zones)} zones, "
        f"{len(loaded.receivers)} receivers, {len(loaded.lockers)} lockers, "
        f"{len(loaded.mirrors)} mirrors, {len(catalogue.articles)} articles."
    )


@app.command()
def decode(
    file: Annotated[
        Path | None,
        typer.Argument(help="JSON lines to read; standard input when left out."),
    ] = None,
) -> None:
    """Decode advertisements: one JSON object in, one out, per line."""
    from edge_agent.decode import decode as decode_lines

    decode_lines(file)


def _load(file: Path):  # type: ignore[no-untyped-def]
    from edge_agent.check import BadSettings, load

    try:
        return load(file)
    except BadSettings as err:
        for mistake in err.mistakes:
            typer.echo(str(mistake), err=True)
        raise typer.Exit(2) from None


def main() -> None:
    """Entry point of the console script."""
    logging.captureWarnings(capture=True)
    app()


if __name__ == "__main__":
    main()
