"""`edge-agent facts`: the fact log on a terminal, beside the running agent.

Reads on a connection of its own that can neither write nor checkpoint.
"""

import contextlib
import csv
import io
import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from edge_agent.kernel.clock import Instant, SystemClock
from edge_agent.kernel.facts import RecordedFact, Seal
from edge_agent.sealing import open_fact
from edge_agent.storage.log import STATE, TAIL, LogState, state_of, tail_params
from edge_agent.storage.readers import BUSY_MS, read_only_uri
from edge_agent.storage.rows import fact_from_row, microseconds

POLL_S: Final = 0.25
"""Between looks for new facts: another process's commits make no sound; a person cannot tell."""

_AGO: Final = re.compile(r"(\d{1,6})([mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}

MARKS: Final = {Seal.NONE: "", Seal.OPENED: "\N{OPEN LOCK} ", Seal.CLOSED: "\N{LOCK} "}
"""Before the data: sealed and open to whoever reads this database, or closed to everybody."""


def command(database_of: Callable[[Path], Path]) -> Callable[..., None]:
    """The typer command; `database_of` says where a settings file puts the database."""

    def facts(
        *,
        settings: Annotated[
            Path | None,
            typer.Option("--settings", "-s", help="The store's settings, such as store.toml."),
        ] = None,
        database: Annotated[
            Path | None, typer.Option(help="The database itself, instead of --settings.")
        ] = None,
        lane: Annotated[str | None, typer.Option(help="Only this lane, such as pickup.")] = None,
        fact_type: Annotated[
            str | None, typer.Option("--type", help="Only types that begin so: store.pickup.")
        ] = None,
        subject: Annotated[
            str | None, typer.Option(help="Only about this, such as orders/W-1042.")
        ] = None,
        since: Annotated[
            str | None, typer.Option(help="Only from then on: 90m, 12h, 7d, or 2026-11-23T09:00.")
        ] = None,
        limit: Annotated[
            int | None, typer.Option("-n", "--limit", min=1, help="How many; 20 without --since.")
        ] = None,
        follow: Annotated[
            bool, typer.Option("--follow", "-f", help="Go on with what is recorded.")
        ] = False,
        lanes: Annotated[
            bool, typer.Option("--lanes", help="Epoch, cursors and what waits, and no facts.")
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
        as_csv: Annotated[
            bool, typer.Option("--csv", help="Comma-separated, with a head.")
        ] = False,
    ) -> None:
        """Show what happened: the newest facts, and what still waits for the cloud.

        With --since, all from then on unless -n says how many.
        """
        if database is None:
            if settings is None:
                msg = "name the store by --settings or --database"
                raise typer.BadParameter(msg)
            database = database_of(settings)
        with _reading(database) as connection:
            if lanes:
                _show_state(state_of(connection.execute(STATE).fetchall()), as_json=as_json)
                return
            wanted = tail_params(
                lane=lane,
                type_prefix=fact_type,
                subject=subject,
                since=None if since is None else microseconds(_moment(since, SystemClock().now())),
                limit=limit or (20 if since is None else -1),
            )
            line = _json_line if as_json else _csv_line if as_csv else _text_line
            with contextlib.suppress(KeyboardInterrupt):
                if as_csv:
                    typer.echo(_csv(CSV))
                for fact in _facts(connection, wanted, follow=follow):
                    typer.echo(line(fact))

    return facts


@contextmanager
def _reading(database: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(read_only_uri(database), uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            yield connection
    except sqlite3.Error as err:
        typer.echo(f"{database}: no fact log to read there ({err})", err=True)
        raise typer.Exit(2) from err


def _facts(
    connection: sqlite3.Connection, wanted: dict[str, Any], *, follow: bool
) -> Iterator[RecordedFact]:
    """Oldest first: the newest that are wanted, then (`follow`) for ever what comes."""
    while True:
        for row in reversed(connection.execute(TAIL, wanted).fetchall()):
            wanted["above"] = row["position"]
            yield open_fact(connection, fact_from_row(row))
        if not follow:
            return
        wanted["limit"] = -1
        time.sleep(POLL_S)


def _json_line(fact: RecordedFact) -> str:
    fields = {
        "position": fact.position,
        "id": fact.id,
        "type": fact.type,
        "lane": fact.lane,
        "epoch": fact.epoch,
        "sequence": fact.sequence,
        "subject": fact.subject,
        "time": fact.time,
        "boot": fact.boot,
        "monotonic": fact.monotonic,
        "clockquality": fact.clock_quality,
        "data": msgspec.Raw(fact.data),
        "seal": fact.seal,
    }
    return msgspec.json.encode(fields).decode()


CSV: Final = ("time", "lane", "epoch", "sequence", "type", "subject", "id", "data")


def _csv_line(fact: RecordedFact) -> str:
    return _csv(
        (
            fact.time.isoformat(),
            fact.lane,
            fact.epoch,
            fact.sequence,
            fact.type,
            fact.subject,
            fact.id,
            fact.data.decode(),
        )
    )


def _csv(values: Sequence[object]) -> str:
    """One record (RFC 4180), without its end of line."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(values)
    return text.getvalue()


def _moment(text: str, now: Instant) -> datetime:
    """A moment, or how long ago it was; without an offset it is the machine's time."""
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return now.wall - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as err:
        msg = f"--since {text!r}: write 90m, 12h, 7d, or 2026-11-23T09:00"
        raise typer.BadParameter(msg) from err


def _text_line(fact: RecordedFact) -> str:
    at = fact.time.astimezone().strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    place = f"{fact.lane} {fact.epoch}/{fact.sequence}"
    data = fact.data.decode()
    return f"{at}  {place:<18} {fact.type}  {fact.subject}  {MARKS[fact.seal]}{data}"


def _show_state(state: LogState, *, as_json: bool) -> None:
    if as_json:
        typer.echo(msgspec.json.encode(state))
        return
    typer.echo(
        f"epoch {state.epoch}, {state.position} facts recorded,"
        f" {state.position - state.dispatched} to dispatch"
    )
    if state.withheld:
        typer.echo(f"{state.withheld} facts about people without a key were not recorded")
    typer.echo(
        f"{'lane':<10} {'waiting':>8} {'bytes':>10} {'cursor':>8} {'recorded':>9}"
        f" {'rolled up':>9} {'dropped':>8}  oldest"
    )
    for name, lane in state.lanes.items():
        oldest = lane.oldest.astimezone().strftime("%Y-%m-%d %H:%M:%S") if lane.oldest else ""
        typer.echo(
            f"{name:<10} {lane.waiting:>8} {lane.waiting_bytes:>10} {lane.cursor:>8}"
            f" {lane.recorded:>9} {lane.rolled_up:>9} {lane.dropped:>8}  {oldest}"
        )
