"""`cloud-hub config`: settings for stores, signed here and handed to the running hub."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from cloud_bridge.hub.clock import system_clock
from cloud_bridge.hub.rooms.configuration.signing import (
    make_key,
    next_version,
    read_signing_key,
    sign,
)
from cloud_bridge.hub.rooms.configuration.store import ConfigurationView

SettingsFile = Annotated[Path, typer.Option(help="hub.toml; paths in it are relative to it.")]
Store = Annotated[str, typer.Argument(help="Of hub.toml.")]

HUB_TOML = Path("hub.toml")
KEY = Path("config.key")

config = typer.Typer(help="Settings for stores.", no_args_is_help=True)


class _Listed(msgspec.Struct, frozen=True):
    versions: list[ConfigurationView]


@config.command()
def key(
    file: Annotated[Path, typer.Argument(help="The new file; FILE.pub is for gateways.")] = KEY,
) -> None:
    """Make the key that signs settings."""
    public = make_key(file)
    typer.echo(f"{file}: signs settings for every store; keep it where the hub is not.")
    typer.echo(f"{public}: for each gateway, as configuration/signing.pub of its state.")


@config.command()
def publish(
    store: Store,
    file: Annotated[Path, typer.Argument(help="Tables of store.toml, laid over the store's own.")],
    settings: SettingsFile = HUB_TOML,
    signing_key: Annotated[Path, typer.Option("--key", help="Of `cloud-hub config key`.")] = KEY,
) -> None:
    """Sign settings and hand them to a store; it tries them, and keeps them if it stays healthy."""
    private = read_signing_key(signing_key)
    newest = max((one.version for one in _versions(settings, store)), default=0)
    version = next_version(newest, system_clock())
    _ask(settings, "PUT", store, sign(file, private, store=store, version=version))
    typer.echo(f"{store}: version {version} is published; see `cloud-hub config status {store}`")


@config.command()
def status(store: Store, settings: SettingsFile = HUB_TOML) -> None:
    """Show what became of the settings that were published for a store, newest first."""
    for one in _versions(settings, store):
        typer.echo(f"{one.version}  {one.published_at}  {one.state:<12} {one.detail}")


def _versions(settings: Path, store: str) -> list[ConfigurationView]:
    return msgspec.json.decode(_ask(settings, "GET", store), type=_Listed).versions


def _ask(settings: Path, method: str, store: str, body: object = None) -> bytes:
    from cloud_bridge.hub.asking import ask  # noqa: PLC0415 - httpx: keeps --help fast
    from cloud_bridge.hub.settings import load_settings  # noqa: PLC0415 - as above

    return ask(load_settings(settings), method, f"/v1/stores/{store}/configuration", body)
