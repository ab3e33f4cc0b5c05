"""`edge-agent`: the programs of the gateway."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from edge_agent.check import BadSettings, load
from edge_agent.decode import decode
from edge_agent.facts_command import command as facts_command
from edge_agent.settings import Catalogue, Locker, Settings

DATABASE = "agent.sqlite"
"""The file in the state directory."""

app = typer.Typer(
    name="edge-agent",
    help="The store's own computer: hears beacons, offers coupons, opens lockers, drives mirrors.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
adapters = typer.Typer(help="Device adapters: one process per bank.", no_args_is_help=True)
app.add_typer(adapters, name="adapter")

SettingsFile = Annotated[
    Path, typer.Option("--settings", "-s", help="The store's settings, such as store.toml.")
]
SiteFile = Annotated[
    Path, typer.Option("--site", help="Receivers and zones: a site file, or store.toml.")
]
SurveyFile = Annotated[
    Path | None, typer.Option("--survey", help="What `edge-agent survey` recorded there.")
]


@app.command()
def run(settings: SettingsFile) -> None:
    """Run the agent until SIGTERM or Ctrl-C."""
    from edge_agent.app import main as run_agent  # noqa: PLC0415 - half a second of imports
    from edge_agent.logs import configure  # noqa: PLC0415 - needed by two commands of five

    loaded, catalogue = _load(settings)
    configure(loaded.state.log_format)
    sys.exit(run_agent(loaded, catalogue, database=loaded.state.directory / DATABASE))


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
def locate(site: SiteFile, survey: SurveyFile = None) -> None:
    """Replay sightings through the live estimator: JSON lines in, JSON lines out.

    In, on the standard input, plain or gzip: {"t", "receiver", "beacon", "rssi"} and, where the
    beacon states it, "power". Out: {"t", "beacon", "zone", "x", "y", "confidence"} twice a second
    while a beacon is there, in time order, each as soon as its time has come. What cannot be read
    is refused by line number on the standard error.
    """
    from edge_agent.locate import locate as replay  # noqa: PLC0415 - numpy

    replay(site, survey)


@adapters.command("locker")
def locker(
    settings: SettingsFile,
    bank: Annotated[str, typer.Option(help="The bank's id in the settings, such as A.")],
    *,
    enrol: Annotated[
        bool, typer.Option("--enrol", help="Make the bank's keys, say where, and stop.")
    ] = False,
) -> None:
    """Drive a bank of lockers: read its sensors, open doors for the agent, each command once.

    Run it once with --enrol before the first start.
    """
    from edge_agent.adapters.locker import locker as drive  # noqa: PLC0415 - ZeroMQ, serial
    from edge_agent.logs import configure  # noqa: PLC0415 - needed by two commands of five

    loaded, _ = _load(settings)
    configure(loaded.state.log_format)
    found = _bank(loaded, bank)
    drive(
        bank=found.id,
        serial=str(found.serial),
        bus=loaded.device_bus.listen,
        keys=loaded.device_bus.keys,
        state=loaded.state.directory,
        family=found.family,
        boards=found.boards,
        profile=found.profile,
        make_keys=enrol,
    )


def _bank(settings: Settings, bank: str) -> Locker:
    for one in settings.lockers:
        if one.id == bank:
            return one
    known = ", ".join(one.id for one in settings.lockers) or "none"
    typer.echo(f"bank {bank!r} is not in [[lockers]]; there are: {known}", err=True)
    raise typer.Exit(2)


def _load(file: Path) -> tuple[Settings, Catalogue]:
    try:
        return load(file)
    except BadSettings as err:
        for mistake in err.mistakes:
            typer.echo(str(mistake), err=True)
        raise typer.Exit(2) from None


def _database_of(file: Path) -> Path:
    settings, _ = _load(file)
    return settings.state.directory / DATABASE


app.command("decode")(decode)
app.command("facts")(facts_command(_database_of))


def main() -> None:
    """Entry point of the console script."""
    logging.captureWarnings(capture=True)
    app()


if __name__ == "__main__":
    main()
