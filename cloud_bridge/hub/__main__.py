"""`cloud-hub`: argv -> settings -> run."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from cloud_bridge.hub.ca.command import app as ca
from cloud_bridge.hub.config_commands import config
from cloud_bridge.hub.errors import HubError
from cloud_bridge.hub.gateway_commands import broker, crl, gateways
from cloud_bridge.hub.quarantine_commands import app as quarantine

app = typer.Typer(
    help="The cloud's end: takes each store's facts once, hands out orders and campaigns.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

ca.command()(crl)
app.add_typer(ca, name="ca")
app.add_typer(gateways, name="gateway")
app.add_typer(broker, name="broker")
app.add_typer(quarantine, name="quarantine")
app.add_typer(config, name="config")

SettingsFile = Annotated[Path, typer.Option(help="hub.toml; paths in it are relative to it.")]


@app.command()
def run(settings: SettingsFile = Path("hub.toml")) -> None:
    """Serve the stores of hub.toml until SIGTERM or Ctrl-C."""
    from cloud_bridge.hub.app import run_hub  # noqa: PLC0415 - FastAPI takes half a second
    from cloud_bridge.hub.logs import configure_logs  # noqa: PLC0415 - as above
    from cloud_bridge.hub.settings import load_settings  # noqa: PLC0415 - as above

    loaded = load_settings(settings)
    configure_logs(loaded.log)
    asyncio.run(run_hub(loaded))


@app.command()
def worker(settings: SettingsFile = Path("hub.toml")) -> None:
    """Take what stores send, beside `run` and other workers, on the same PostgreSQL."""
    from cloud_bridge.hub.logs import configure_logs  # noqa: PLC0415 - keeps --help fast
    from cloud_bridge.hub.settings import load_settings  # noqa: PLC0415 - as above
    from cloud_bridge.hub.worker import run_worker  # noqa: PLC0415 - as above

    loaded = load_settings(settings)
    configure_logs(loaded.log)
    asyncio.run(run_worker(loaded))


@app.command()
def key(
    file: Annotated[Path, typer.Argument(help="The new file; an existing one is not touched.")],
) -> None:
    """Make a key for signing in, or for a program, in a file that only you can read."""
    from cloud_bridge.hub.access import write_key  # noqa: PLC0415 - keeps --help fast

    write_key(file)


def main() -> None:
    """The console script."""
    try:
        app()
    except HubError as err:
        typer.echo(f"cloud-hub: {err}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
