"""`cloud-hub gateway`, `cloud-hub broker` and `cloud-hub ca crl`: asked of the running hub."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from cryptography import x509

from cloud_bridge.hub.ca.files import write
from cloud_bridge.hub.errors import HubError
from cloud_bridge.hub.rooms.gateways.broker import emqx_acl, mosquitto_acl, mosquitto_conf
from cloud_bridge.hub.rooms.gateways.model import Gateway

SettingsFile = Annotated[Path, typer.Option(help="hub.toml; paths in it are relative to it.")]
HUB_TOML: Final = Path("hub.toml")
CRL: Final = "crl.pem"
ACL: Final = "acl"

gateways = typer.Typer(help="The stores' gateways: claims and revocation.", no_args_is_help=True)
broker = typer.Typer(help="What the cloud broker is to be told.", no_args_is_help=True)


class Make(StrEnum):
    """Brokers that rules can be written for."""

    MOSQUITTO = "mosquitto"
    EMQX = "emqx"


class _Claimed(msgspec.Struct, frozen=True):
    claim: str
    until: datetime


class _Listed(msgspec.Struct, frozen=True):
    gateways: list[Gateway]


@gateways.command()
def claim(
    store: Annotated[str, typer.Argument(help="Of hub.toml.")],
    gateway: Annotated[str, typer.Argument(help="Its name, alone among all stores' gateways.")],
    settings: SettingsFile = HUB_TOML,
    hours: Annotated[float, typer.Option(help="How long the claim may wait.")] = 24.0,
) -> None:
    """Make a claim, shown this once: whoever has it may become this gateway.

    Set up with it: edge-agent provision --claim - --settings store.toml
    """
    body = {"store": store, "gateway": gateway, "hours": hours}
    made = msgspec.json.decode(_ask(settings, "POST", "/claims", body), type=_Claimed)
    typer.echo(made.claim)
    typer.echo(f"until {made.until:%Y-%m-%d %H:%M}Z, once; a new claim makes it void", err=True)


@gateways.command()
def revoke(
    gateway: str,
    reason: Annotated[str, typer.Option(help="For whoever asks later.")],
    settings: SettingsFile = HUB_TOML,
) -> None:
    """Refuse a gateway from now on. The broker must be told too: cloud-hub broker update."""
    _ask(settings, "POST", f"/{gateway}/revoke", {"reason": reason})
    typer.echo(f"{gateway} is revoked. Tell the broker: cloud-hub broker update, then reload it")


@gateways.command("list")
def show(settings: SettingsFile = HUB_TOML) -> None:
    """List the gateways: store, name, state and when the certificate ends."""
    for each in _gateways(settings):
        until = f" until {each.until:%Y-%m-%d}" if each.until else ""
        why = f" ({each.reason})" if each.reason else ""
        typer.echo(f"{each.store}\t{each.gateway}\t{each.state}{until}{why}")


@broker.command()
def acl(
    settings: SettingsFile = HUB_TOML,
    make: Annotated[Make, typer.Option("--for", help="The broker's make.")] = Make.MOSQUITTO,
) -> None:
    """Print the rules by which each gateway is heard in its own store only."""
    write_rules = mosquitto_acl if make is Make.MOSQUITTO else emqx_acl
    typer.echo(write_rules(_gateways(settings), _root(settings)), nl=False)


@broker.command("mosquitto-conf")
def conf(
    folder: Annotated[str, typer.Option(help="Where the broker finds its files.")] = (
        "/etc/mosquitto/aisle"
    ),
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8883,
) -> None:
    """Print a mosquitto.conf: TLS 1.3, certificates of the CA only, the rules of `acl`."""
    typer.echo(mosquitto_conf(folder, port), nl=False)


@broker.command()
def update(
    folder: Annotated[Path, typer.Option(help="Where mosquitto's `acl` and `crl.pem` are.")],
    settings: SettingsFile = HUB_TOML,
) -> None:
    """Write rules and revoked certificates where mosquitto reads them, if they have changed.

    Says so for each that has; then reload the broker (SIGHUP). A unit may watch the files.
    """
    rules = mosquitto_acl(_gateways(settings), _root(settings))
    revoked = _ask(settings, "GET", "/crl").decode("ascii")
    if _text(folder / ACL) != rules:
        _replace(folder / ACL, rules)
    if _serials(_text(folder / CRL)) != _serials(revoked):
        _replace(folder / CRL, revoked)


def crl(
    settings: SettingsFile = HUB_TOML,
    out: Annotated[Path, typer.Option(help="The file that the broker reads.")] = Path(CRL),
) -> None:
    """Write the list of revoked certificates, for a broker's `crlfile`."""
    _replace(out, _ask(settings, "GET", "/crl").decode("ascii"))


def _replace(file: Path, text: str) -> None:
    try:
        write(file, text)
    except OSError as err:
        msg = f"cannot write {file}: {err.strerror}"
        raise HubError(msg) from err
    typer.echo(f"{file} is new: reload the broker")


def _text(file: Path) -> str:
    try:
        return file.read_text("ascii")
    except (OSError, UnicodeError):
        return ""


def _serials(crl: str) -> set[int] | None:
    """What a list revokes; None when it is none. Two lists of the same differ in their dates."""
    try:
        return {each.serial_number for each in x509.load_pem_x509_crl(crl.encode())}
    except ValueError:
        return None


def _gateways(settings: Path) -> list[Gateway]:
    return msgspec.json.decode(_ask(settings, "GET", ""), type=_Listed).gateways


def _root(settings: Path) -> str:
    from cloud_bridge.hub.settings import load_settings  # noqa: PLC0415 - keeps --help fast

    return load_settings(settings).root


def _ask(settings: Path, method: str, path: str, body: object = None) -> bytes:
    from cloud_bridge.hub.asking import ask  # noqa: PLC0415 - keeps --help fast, and httpx out
    from cloud_bridge.hub.settings import load_settings  # noqa: PLC0415 - as above

    return ask(load_settings(settings), method, f"/v1/gateways{path}", body)
