"""`edge-agent`: the programs of the gateway."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from edge_agent.backup.command import backup_command, restore_command
from edge_agent.check import BadSettings, load_table
from edge_agent.configuration.starting import effective
from edge_agent.decode import decode
from edge_agent.facts_command import command as facts_command
from edge_agent.parked_command import commands as parked
from edge_agent.provisioning.command import add_commands as add_identity
from edge_agent.receipt_command import commands as receipts
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


class Role(StrEnum):
    """What this gateway is in its store."""

    LEADER = "leader"
    RECEIVER = "receiver"


@app.command()
def run(
    settings: SettingsFile,
    role: Annotated[
        Role, typer.Option(help="leader: the store's; receiver: lends its radios to the leader.")
    ] = Role.LEADER,
) -> None:
    """Run the agent until SIGTERM or Ctrl-C.

    The settings of a receiver are a file of their own: docs/how-to/receivers.md.
    """
    if role is Role.RECEIVER:
        _lend(settings)
    from edge_agent.app import main as run_agent  # noqa: PLC0415 - half a second of imports
    from edge_agent.configuration import starting  # noqa: PLC0415 - beside its one use
    from edge_agent.logs import configure  # noqa: PLC0415 - needed by two commands of five

    with _mistakes():
        start = starting.settings_to_start(settings)
    configure(start.settings.state.log_format)
    status = run_agent(start, database=_database_in(start.settings))
    if status == starting.RESTART:
        starting.start_anew()
    sys.exit(status)


def _lend(settings: Path) -> NoReturn:
    from edge_agent import receiver_role  # noqa: PLC0415 - ZeroMQ and bleak
    from edge_agent.logs import configure  # noqa: PLC0415 - needed by few commands

    with _mistakes():
        loaded = load_table(settings, receiver_role.ReceiverSettings)
    configure(loaded.log_format)
    sys.exit(receiver_role.main(loaded))


@app.command()
def receivers(
    settings: SettingsFile,
    *,
    once: Annotated[bool, typer.Option("--once", help="Show it once and stop.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON line each time.")] = False,
) -> None:
    """Show how well each receiver of the running agent hears, live."""
    from edge_agent.kernel.clock import SystemClock  # noqa: PLC0415 - beside its one use
    from edge_agent.receivers_command import receivers as show  # noqa: PLC0415 - httpx, rich

    loaded, _ = _load(settings)
    sys.exit(show(loaded, once=once, as_json=as_json, clock=SystemClock()))


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


@app.command()
def tune(
    recordings: Annotated[
        list[Path],
        typer.Argument(help="Files, or folders of *.sightings.jsonl.gz, with *.truth.* beside."),
    ],
    site: SiteFile,
    survey: SurveyFile = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Say what a site's settings cost on its own recordings, and which receiver is least worth.

    Each recording is replayed under each setting; truth, where it lies beside a recording, says
    how often the zone was right.
    """
    from edge_agent.tune import tune as try_settings  # noqa: PLC0415 - numpy

    try_settings(site, survey, recordings, as_json=as_json)


@app.command()
def survey(
    settings: SettingsFile,
    beacon: Annotated[
        str, typer.Option(help="Identity of the beacon in the hand, as `edge-agent decode` says.")
    ],
    *,
    listen: Annotated[
        str, typer.Option(help="host:port of the page; 0.0.0.0:8090 for a phone on the Wi-Fi.")
    ] = "127.0.0.1:8090",
    out: Annotated[Path, typer.Option(help="The survey's file.")] = Path("survey.jsonl.gz"),
    spacing: Annotated[
        float, typer.Option(min=0.5, max=10.0, help="Metres between suggested spots.")
    ] = 2.2,
    seconds: Annotated[
        float, typer.Option(min=1.0, max=1800.0, help="How long each spot is recorded.")
    ] = 60.0,
) -> None:
    """Record what each receiver hears of a beacon, spot by spot, with a phone as the guide.

    Every finished spot is on the disk at once; run it again to go on.
    """
    from edge_agent.kernel.errors import AisleError  # noqa: PLC0415 - beside its one use
    from edge_agent.survey.command import survey as record  # noqa: PLC0415 - half a second

    loaded, _ = _load(settings)
    try:
        record(
            loaded,
            beacon=beacon.strip().lower(),
            listen_at=listen,
            out=out,
            spacing_m=spacing,
            seconds=seconds,
        )
    except AisleError as err:
        typer.echo(str(err), err=True)
        raise typer.Exit(2) from None


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


@adapters.command("receiver")
def receiver(
    settings: SettingsFile,
    device: Annotated[str, typer.Option(help="The other gateway, as [[receivers]] names it.")],
) -> None:
    """Make the keys of another gateway that lends its radios, and say what to carry to it."""
    from edge_agent.devices.keys import KeyProblem, enrol  # noqa: PLC0415 - ZeroMQ

    loaded, _ = _load(settings)
    known = {one.device for one in loaded.receivers if one.kind == "gateway"}
    if device not in known:
        text = f"no [[receivers]] of kind gateway names device {device!r}; there are: "
        typer.echo(text + (", ".join(sorted(known)) or "none"), err=True)
        raise typer.Exit(2)
    keys = loaded.device_bus.keys
    try:
        enrol(keys, device)
    except (KeyProblem, OSError) as err:
        typer.echo(str(err), err=True)
        raise typer.Exit(2) from err
    typer.echo(f"{keys}: {device} may connect. Carry to its own key directory: ")
    typer.echo(f"  {keys / 'server.key'}")
    typer.echo(f"  {keys / 'private' / device}.key_secret   (then delete it here)")


def _load(file: Path) -> tuple[Settings, Catalogue]:
    with _mistakes():
        return effective(file)


@contextmanager
def _mistakes() -> Iterator[None]:
    """Say every mistake of a settings file, and exit 2."""
    try:
        yield
    except BadSettings as err:
        for mistake in err.mistakes:
            typer.echo(str(mistake), err=True)
        raise typer.Exit(2) from None


def _database_of(file: Path) -> Path:
    return _database_in(_load(file)[0])


def _database_in(settings: Settings) -> Path:
    return settings.state.directory / DATABASE


app.command("decode")(decode)
app.command("backup")(backup_command(lambda file: _load(file)[0], _database_in))
app.command("restore")(restore_command(lambda file: _load(file)[0], _database_in))
app.command("facts")(facts_command(_database_of))
add_identity(app, lambda file: _load(file)[0])
app.add_typer(parked(lambda file: _load(file)[0]), name="parked")
app.add_typer(receipts(lambda file: _load(file)[0].state.directory), name="receipt")


def main() -> None:
    """Entry point of the console script."""
    logging.captureWarnings(capture=True)
    app()


if __name__ == "__main__":
    main()
