"""`edge-agent provision` and `edge-agent identity`."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cloud_bridge.wire.identity import BadClaim, read_claim
from edge_agent.kernel.errors import AisleError
from edge_agent.kernel.files import check_own
from edge_agent.provisioning.files import Folder
from edge_agent.settings import Settings

SettingsFile = Annotated[
    Path, typer.Option("--settings", "-s", help="The store's settings, such as store.toml.")
]


def add_commands(app: typer.Typer, load: Callable[[Path], Settings]) -> None:
    """Add the commands to `app`; `load` reads a settings file."""

    @app.command()
    def provision(
        settings: SettingsFile,
        *,
        claim: Annotated[
            str,
            typer.Option(
                prompt="Claim", hide_input=True, help="aisle-claim:…; - reads the standard input."
            ),
        ],
    ) -> None:
        """Get this gateway's certificate from the hub for a claim; the key is made here and stays.

        The claim comes from `cloud-hub gateway claim`, is worth one identity, and names the hub.
        Without --claim it is asked for. May be repeated, also after a crash.
        """
        from edge_agent.provisioning.provision import provision as spend  # noqa: PLC0415 - httpx

        loaded = load(settings)
        with _words():
            check_own(loaded.state.directory)
            done = asyncio.run(
                spend(
                    read_claim(sys.stdin.read(4096) if claim == "-" else claim),
                    state=loaded.state.directory,
                    store=loaded.store.id,
                    gateway=loaded.store.gateway,
                )
            )
        had = "was spent before: nothing changed" if done.again else "is spent"
        typer.echo(f"{done.directory}: certificate until {done.until:%Y-%m-%d}; the claim {had}.")

    @app.command()
    def identity(
        settings: SettingsFile,
        *,
        now: Annotated[bool, typer.Option("--renew", help="Renew the certificate now.")] = False,
    ) -> None:
        """Say who this gateway is to the cloud, until when, and when the agent renews that."""
        from edge_agent.provisioning.renewal import due_at, renew  # noqa: PLC0415 - the MQTT client

        folder = Folder(load(settings).state.directory)
        with _words():
            if now:
                check_own(folder.state)
                asyncio.run(renew(folder))
            found = folder.read()
        typer.echo(
            f"gateway {found.hub.gateway} of store {found.hub.store}, known to {found.hub.url}\n"
            f"certificate {found.certificate.serial_number:x} until {found.until:%Y-%m-%d %H:%M}Z, "
            f"renewed from {due_at(found.certificate):%Y-%m-%d} on\n"
            f"may renew until {found.bootstrap.not_valid_after_utc:%Y-%m-%d}"
        )


@contextmanager
def _words() -> Iterator[None]:
    """Ends with the reason in words, and status 1."""
    try:
        yield
    except (AisleError, BadClaim, OSError) as err:
        typer.echo(str(err), err=True)
        raise typer.Exit(1) from None
