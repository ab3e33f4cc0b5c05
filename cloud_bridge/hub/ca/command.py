"""`cloud-hub ca`: make the CA, and certificates for the broker and the hub."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from cloud_bridge.hub.ca import files
from cloud_bridge.hub.ca.certificates import HUB
from cloud_bridge.hub.clock import system_clock

Directory = Annotated[Path, typer.Option(help="The CA's folder; `ca` in hub.toml names it too.")]
Out = Annotated[
    Path | None, typer.Option(help="Where the key and the certificate go; else the CA's folder.")
]

app = typer.Typer(
    help="The CA that gateways, the broker and the hub know each other by.", no_args_is_help=True
)


@app.command()
def init(
    directory: Directory = Path("ca"),
    domain: Annotated[
        list[str] | None,
        typer.Option(
            help="Again for each: hosts that the CA may vouch for, such as example.com (and all "
            "below it) or 10.0.0.0/24. Without: any host."
        ),
    ] = None,
) -> None:
    """Make the CA. It lasts ten years and is never overwritten."""
    authority = files.found(directory, domains=domain or (), now=system_clock())
    end = authority.certificate.not_valid_after_utc.date()
    typer.echo(
        f"{directory}: the CA of your gateways, until {end}; SHA-256 {authority.pin}\n"
        f"{directory / files.KEY} signs for every gateway: keep a copy where only you can read it."
    )
    if not domain:
        typer.echo(
            "It may vouch for any host: do not give it to browsers. (--domain narrows a new one.)"
        )
    typer.echo(
        "Next:\n"
        f"  cloud-hub ca issue-server --directory {directory} --name <the broker's name>\n"
        f"  cloud-hub ca issue-hub --directory {directory}\n"
        f'  hub.toml: ca = "{directory}" and url = "https://<the hub\'s name>"\n'
        "  cloud-hub broker mosquitto-conf\n"
        "  cloud-hub gateway claim <store> <gateway>"
    )


@app.command("issue-server")
def issue_server(
    name: Annotated[
        list[str], typer.Option(help="Again for each: DNS names and addresses it answers to.")
    ],
    directory: Directory = Path("ca"),
    out: Out = None,
) -> None:
    """Make a key and certificate for the broker or the hub's HTTPS; loopback is always named."""
    authority = files.load(directory)
    made = files.issue_server(authority, out or directory, names=name, now=system_clock())
    _tell(made, ", ".join(name))


@app.command("issue-hub")
def issue_hub(directory: Directory = Path("ca"), out: Out = None) -> None:
    """Make the key and certificate with which the hub signs in at the broker."""
    made = files.issue_hub(files.load(directory), out or directory, now=system_clock())
    _tell(made, f"user {HUB} of the broker")


def _tell(made: Mapping[str, Path], whose: str) -> None:
    typer.echo(f"{made['certificate']} and {made['key']}: {whose}. Make new ones within 825 days.")
