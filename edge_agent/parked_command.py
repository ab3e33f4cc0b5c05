"""`edge-agent parked`: facts that a flow of the running agent has refused."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import msgspec
import typer

from edge_agent.settings import Settings
from edge_agent.storage.parked import Parked

SettingsFile = Annotated[
    Path, typer.Option("--settings", "-s", help="The store's settings, such as store.toml.")
]
Position = Annotated[int, typer.Argument(min=1, help="As `parked list` shows it.")]
FlowName = Annotated[str, typer.Argument(help="The flow, in quotes.")]

ANSWERS_S = 10.0
"""The agent answers on loopback within milliseconds; a flow over a full disk takes seconds."""


class _Listed(msgspec.Struct, frozen=True):
    parked: list[Parked]


class _Problem(msgspec.Struct, frozen=True):
    detail: str = ""
    code: str = ""


class Unanswered(Exception):
    """The running agent did not do it; the text says why and what to do."""


def commands(load: Callable[[Path], Settings]) -> typer.Typer:
    """The typer commands; `load` reads settings."""
    app = typer.Typer(help="Facts that a flow has refused.", no_args_is_help=True)

    @app.command("list")
    def listed(
        settings: SettingsFile,
        *,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    ) -> None:
        """Show what is parked, newest first, and why."""
        with _words():
            answer = _ask(load(settings), "GET", "")
            found = msgspec.json.decode(answer, type=_Listed).parked
        for one in found:
            if as_json:
                typer.echo(msgspec.json.encode(one))
            else:
                typer.echo(f"{one.position:>8}  {one.flow!r}  {one.type}  {one.subject}")
                typer.echo(f"{'':>8}  {one.reason}")

    @app.command()
    def again(settings: SettingsFile, position: Position, flow: FlowName) -> None:
        """Drive one through its flow once more, whatever its age."""
        _change(load(settings), position, flow, "again")

    @app.command()
    def drop(settings: SettingsFile, position: Position, flow: FlowName) -> None:
        """Let its effect be lost; that is recorded as a fact."""
        _change(load(settings), position, flow, "drop")

    return app


def _change(settings: Settings, position: int, flow: str, what: str) -> None:
    with _words():
        _ask(settings, "POST", f"/{position}/{quote(flow, safe='')}/{what}")
    typer.echo(f"{position} {flow!r}: {'done' if what == 'again' else 'dropped'}")


def _ask(settings: Settings, method: str, path: str) -> bytes:
    import httpx  # noqa: PLC0415 - keeps --help fast

    host = settings.http.host
    url = f"http://{f'[{host}]' if ':' in host else host}:{settings.http.port}/v1/parked{path}"
    headers = {
        "authorization": f"Bearer {_key(settings)}",
        "idempotency-key": str(uuid.uuid4()),
    }
    try:
        response = httpx.request(method, url, headers=headers, timeout=ANSWERS_S, trust_env=False)
    except httpx.TransportError as err:
        text = f"no agent at {url} ({err}); its flows run in it, start it: edge-agent run"
        raise Unanswered(text) from err
    if not response.is_success:
        problem = msgspec.json.decode(response.content, type=_Problem)
        raise Unanswered(problem.detail or problem.code)
    return response.content


def _key(settings: Settings) -> str:
    for access in settings.access:
        if "console" in access.roles:
            try:
                return access.key_file.read_text("utf-8").strip()
            except OSError as err:
                text = f"{access.key_file}: {err.strerror}; run this as the agent's user"
                raise Unanswered(text) from err
    text = 'no [[access]] has roles = ["console"]: this command signs in with its key'
    raise Unanswered(text)


@contextmanager
def _words() -> Iterator[None]:
    """Ends with the reason in words, and status 1."""
    try:
        yield
    except Unanswered as err:
        typer.echo(str(err), err=True)
        raise typer.Exit(1) from None
