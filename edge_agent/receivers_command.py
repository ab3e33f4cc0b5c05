"""`edge-agent receivers`: how well each receiver of the running agent hears, live.

It watches what the console's page watches (`GET /v1/live/console`, the value `radio`), with a key
of that role from the settings.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import httpx
import msgspec
import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

from edge_agent.kernel.clock import Clock
from edge_agent.settings import Settings

ANSWERS_S = 5.0
"""The agent answers on loopback within milliseconds; a full disk takes a second or two."""

SILENT_S = 40.0
"""The stream says something every 15 s at least."""

STYLES: Mapping[str, str] = {"hearing": "green", "starting": "yellow", "blind": "bold red"}

Row = Mapping[str, Any]


class Unreachable(Exception):
    """There is nothing to show; the text says why and what to do."""


def receivers(settings: Settings, *, once: bool, as_json: bool, clock: Clock) -> int:
    """Show the receivers until Ctrl-C, or `once`; the exit status."""
    try:
        with _stream(settings) as values:
            if once or as_json:
                _print_lines(values, settings, once=once, as_json=as_json, clock=clock)
            else:
                _show(values, settings, clock)
    except Unreachable as err:
        typer.echo(str(err), err=True)
        return 1
    except KeyboardInterrupt:
        return 0
    if not once:
        typer.echo("the agent has ended; start this again when it runs", err=True)
    return 0 if once else 1


def _print_lines(
    values: Iterator[Sequence[Row]],
    settings: Settings,
    *,
    once: bool,
    as_json: bool,
    clock: Clock,
) -> None:
    for rows in values:
        if as_json:
            typer.echo(msgspec.json.encode(rows))
        else:
            Console().print(table_of(rows, settings, clock.now().wall))
        if once:
            return


def _show(values: Iterator[Sequence[Row]], settings: Settings, clock: Clock) -> None:
    with Live(table_of([], settings, clock.now().wall), auto_refresh=False) as live:
        for rows in values:
            live.update(table_of(rows, settings, clock.now().wall), refresh=True)


def table_of(rows: Sequence[Row], settings: Settings, now: datetime) -> Table:
    """The rows of the stream beside what the settings say of each receiver."""
    kinds = {one.id: one.kind for one in settings.receivers}
    table = Table(title=f"receivers of {settings.store.id}")
    for heading in ("receiver", "kind", "state", "for", "sightings/s", "why"):
        table.add_column(heading, justify="right" if heading in {"for", "sightings/s"} else "left")
    for row in rows:
        since = datetime.fromisoformat(row["since"])
        troubles = ", ".join(f"{what}: {count}" for what, count in row["troubles"].items())
        why = "; ".join(part for part in (row["reason"], row["detail"], troubles) if part)
        table.add_row(
            row["id"],
            kinds.get(row["id"], ""),
            row["state"],
            _ago((now - since).total_seconds()),
            f"{row['rate']:.1f}",
            why,
            style=STYLES.get(row["state"], ""),
        )
    return table


def _ago(seconds: float) -> str:
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes:02}m" if hours else f"{minutes}m {rest:02}s"


@contextmanager
def _stream(settings: Settings) -> Iterator[Iterator[Sequence[Row]]]:
    host = settings.http.host
    where = f"[{host}]" if ":" in host else host
    url = f"http://{where}:{settings.http.port}/v1/live/console"
    headers = {"authorization": f"Bearer {_key(settings)}"}
    limits = httpx.Timeout(ANSWERS_S, read=SILENT_S)
    try:
        with httpx.stream("GET", url, headers=headers, timeout=limits) as response:
            if response.status_code != httpx.codes.OK:
                text = f"{url} answered {response.status_code}: is it another store's agent?"
                raise Unreachable(text)
            yield _radio(response.iter_lines())
    except httpx.TransportError as err:
        text = f"no agent at {url} ({err}); start it: edge-agent run --settings …"
        raise Unreachable(text) from err


def _key(settings: Settings) -> str:
    for access in settings.access:
        if "console" in access.roles:
            try:
                return access.key_file.read_text("utf-8").strip()
            except OSError as err:
                text = f"{access.key_file}: {err.strerror}; run this as the agent's user"
                raise Unreachable(text) from err
    text = 'no [[access]] has roles = ["console"]: this command signs in with its key'
    raise Unreachable(text)


def _radio(lines: Iterator[str]) -> Iterator[Sequence[Row]]:
    """The receivers in each `radio` event of a stream (WHATWG, server-sent events)."""
    event = ""
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            event = value
        elif field == "data" and event == "radio":
            with suppress(KeyError, msgspec.DecodeError):
                yield msgspec.json.decode(value)["receivers"]
