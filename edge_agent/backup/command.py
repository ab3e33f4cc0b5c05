"""`edge-agent backup` and `edge-agent restore`."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from edge_agent.backup.making import checksum_file, make_backup
from edge_agent.backup.restoring import Restored, restore
from edge_agent.kernel.clock import SystemClock
from edge_agent.kernel.errors import AisleError
from edge_agent.kernel.files import check_own
from edge_agent.settings import Settings

SettingsFile = Annotated[
    Path, typer.Option("--settings", "-s", help="The store's settings, such as store.toml.")
]


def backup_command(
    load: Callable[[Path], Settings], database: Callable[[Settings], Path]
) -> Callable[..., None]:
    """The typer command; `load` reads settings, `database` says where they put it."""

    def backup(
        file: Annotated[Path, typer.Argument(help="The new file; FILE.sha256 lies beside it.")],
        settings: SettingsFile,
    ) -> None:
        """Copy the database while the agent runs, and verify the copy.

        It holds the keys of everybody who has joined: keep it as you keep the store's computer.
        """
        with _words():
            made = make_backup(database(load(settings)), file)
        typer.echo(
            f"{file}: gateway {made.gateway}, {made.position} facts recorded,"
            f" {made.waiting} wait for the cloud, {made.people} people"
        )

    return backup


def restore_command(
    load: Callable[[Path], Settings], database: Callable[[Settings], Path]
) -> Callable[..., None]:
    """The typer command; see `backup_command`."""

    def restore_(
        settings: SettingsFile,
        file: Annotated[Path | None, typer.Argument(help="A file of `edge-agent backup`.")] = None,
        *,
        override_by: Annotated[
            str, typer.Option("--override", help="Your name: hand over without the cloud's word.")
        ] = "",
        reason: Annotated[str, typer.Option(help="Why; it is recorded with your name.")] = "",
    ) -> None:
        """Put a backup in the database's place; the agent must be stopped.

        The store then hands nothing over until the cloud has told how its orders stand. Without
        the cloud a technician takes that upon themselves: --override NAME --reason WHY.
        """
        if (file is None) == (not override_by) or bool(override_by) != bool(reason):
            msg = "give a FILE; or --override with --reason, and no file"
            raise typer.BadParameter(msg)
        loaded = load(settings)
        with _words():
            check_own(loaded.state.directory)
            if file is not None:
                done = restore(
                    file,
                    database(loaded),
                    gateway=loaded.store.gateway,
                    at=SystemClock().now().wall,
                )
                _say(file, done)
                return
            if asyncio.run(_override(loaded, database(loaded), override_by, reason)):
                typer.echo("The store hands over from its next start on.")
            else:
                typer.echo("Nothing was held back: this database was not restored.")

    return restore_


def _say(file: Path, done: Restored) -> None:
    typer.echo(f"{file}: {done.contents.position} facts, {done.contents.people} people")
    if not checksum_file(file).exists():
        typer.echo("There was no checksum beside it; its pages and references are whole.")
    if done.replaced is not None:
        typer.echo(f"The database that was there is kept: {done.replaced}")
    if not done.compared:
        typer.echo("Who has withdrawn since is known to the cloud alone; it will tell the store.")
    typer.echo("Start the agent: it hands over once the cloud has told how the orders stand.")


async def _override(settings: Settings, database: Path, name: str, reason: str) -> bool:
    from edge_agent.sealing import PersonKeys  # noqa: PLC0415 - the rooms: half a second
    from edge_agent.standings import override  # noqa: PLC0415 - as above
    from edge_agent.storage import open_storage  # noqa: PLC0415 - as above

    clock = SystemClock()
    async with open_storage(
        database, gateway=settings.store.gateway, clock=clock, sealer=PersonKeys()
    ) as storage:
        now = clock.now()
        return await storage.run(lambda tx: override(tx, name, reason, now))


@contextmanager
def _words() -> Iterator[None]:
    """Ends with the reason in words, and status 1."""
    try:
        yield
    except AisleError as err:
        typer.echo(str(err), err=True)
        raise typer.Exit(1) from None
