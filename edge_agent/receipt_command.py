"""`edge-agent receipt`: what somebody who left was given, verified without network or database."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge_agent.capabilities.shoppers.decide.leaving import read
from edge_agent.kernel.errors import AisleError
from edge_agent.signing_key import RECEIPT_KEY, signing_key


def commands(state_of: Callable[[Path], Path]) -> typer.Typer:
    """The typer commands; `state_of` says where a settings file puts the state directory."""
    app = typer.Typer(help="Receipts of people who left.", no_args_is_help=True)

    def key_of(settings: Path) -> Ed25519PublicKey:
        file = state_of(settings) / RECEIPT_KEY
        if not file.exists():
            typer.echo(f"{file} is not there: start the agent once, or give --key", err=True)
            raise typer.Exit(2)
        return signing_key(file).public_key()

    @app.command()
    def key(
        settings: Annotated[
            Path, typer.Option("--settings", "-s", help="The store's settings, such as store.toml.")
        ],
    ) -> None:
        """Print the key that verifies this store's receipts: Ed25519, hex."""
        with _words():
            typer.echo(key_of(settings).public_bytes_raw().hex())

    @app.command()
    def verify(
        receipt: Annotated[str, typer.Argument(help="AISLER1.…, or - for the standard input.")],
        *,
        settings: Annotated[
            Path | None, typer.Option("--settings", "-s", help="Of the store that gave it.")
        ] = None,
        public_key: Annotated[
            str, typer.Option("--key", help="The store's key in hex, instead of --settings.")
        ] = "",
        shopper: Annotated[
            str | None, typer.Option(help="The pseudonym that it is said to be about.")
        ] = None,
    ) -> None:
        """Say whether the store has signed a receipt, and what it says, as JSON."""
        if (settings is None) == (not public_key):
            typer.echo("give --settings or --key, one of both", err=True)
            raise typer.Exit(2)
        with _words():
            told = read(
                sys.stdin.read() if receipt == "-" else receipt,
                _public_key(public_key) if settings is None else key_of(settings),
            )
            concerns = {} if shopper is None else {"concerns": told.concerns(shopper)}
            line = msgspec.to_builtins(told) | concerns
            typer.echo(msgspec.json.encode(line).decode())
        if shopper is not None and not told.concerns(shopper):
            raise typer.Exit(1)

    return app


def _public_key(digits: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(digits))
    except ValueError as err:
        typer.echo(f"--key: {err}; it has 64 hex digits", err=True)
        raise typer.Exit(2) from None


@contextmanager
def _words() -> Iterator[None]:
    """Ends with the reason in words, and status 1."""
    try:
        yield
    except AisleError as err:
        typer.echo(str(err), err=True)
        raise typer.Exit(1) from None
