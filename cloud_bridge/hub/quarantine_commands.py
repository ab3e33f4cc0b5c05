"""`cloud-hub quarantine`: asked of the running hub."""

from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote

import msgspec
import typer

from cloud_bridge.hub.quarantine import Held

SettingsFile = Annotated[Path, typer.Option(help="hub.toml; paths in it are relative to it.")]
Store = Annotated[str, typer.Argument(help="The store of which the fact is.")]
Fact = Annotated[str, typer.Argument(help="Its id, as `list` shows it.")]
HUB_TOML: Final = Path("hub.toml")

app = typer.Typer(
    help="Facts that the hub could not take: why, and driving them again.", no_args_is_help=True
)


class _Listed(msgspec.Struct, frozen=True):
    quarantine: list[Held]


@app.command("list")
def listed(settings: SettingsFile = HUB_TOML, store: str | None = None, limit: int = 100) -> None:
    """The newest first: when, store, place in its lane, id, reason."""
    only = f"&store={quote(store)}" if store else ""
    answer = _ask(settings, "GET", f"?limit={limit}{only}")
    for each in msgspec.json.decode(answer, type=_Listed).quarantine:
        place = f"{each.epoch}/{each.lane}/{each.sequence}"
        typer.echo(f"{each.at[:19]}  {each.store}  {place}  {each.id}  {each.reason}")


@app.command()
def show(store: Store, fact: Fact, settings: SettingsFile = HUB_TOML) -> None:
    """One of them whole, as it came."""
    held = msgspec.json.decode(_ask(settings, "GET", _path(store, fact)), type=Held)
    for name in ("store", "source", "epoch", "lane", "sequence", "id", "at", "reason", "raw"):
        typer.echo(f"{name:9} {getattr(held, name)}")


@app.command()
def again(store: Store, fact: Fact, settings: SettingsFile = HUB_TOML) -> None:
    """Take it now, with its effect, after what was wrong has been mended."""
    _ask(settings, "POST", f"{_path(store, fact)}/again")
    typer.echo(f"{fact} is taken")


@app.command()
def drop(
    store: Store,
    fact: Fact,
    settings: SettingsFile = HUB_TOML,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,  # noqa: FBT002 - typer's way
) -> None:
    """Throw it away for good: neither hub nor store has it after that."""
    if not yes:
        typer.confirm(f"Throw {fact} of {store} away for good?", abort=True)
    _ask(settings, "DELETE", _path(store, fact))
    typer.echo(f"{fact} is gone")


def _path(store: str, fact: str) -> str:
    return f"/{quote(store)}/{quote(fact)}"


def _ask(settings: Path, method: str, path: str) -> bytes:
    from cloud_bridge.hub.asking import ask  # noqa: PLC0415 - keeps --help fast
    from cloud_bridge.hub.settings import load_settings  # noqa: PLC0415 - as above

    return ask(load_settings(settings), method, f"/v1/quarantine{path}")
