"""`edge-agent receivers` and `run --role receiver`: what they show, and say when they cannot."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner
from typing_extensions import override

from edge_agent.__main__ import app
from edge_agent.check import load
from edge_agent.receivers_command import table_of
from tests.agent.test_check import change, store

__all__ = ["store"]

NOW = datetime(2026, 11, 22, 9, 2, 5, tzinfo=UTC)
ROW = {
    "id": "entrance-omg",
    "state": "blind",
    "reason": "offline",
    "since": "2026-11-22T09:00:00Z",
    "rate": 0.0,
    "detail": "",
    "troubles": {"late report": 3},
}
STREAM = (
    b": still here\n\n"
    b'event: link\nid: 1\ndata: {"online": true}\n\n'
    b"event: radio\nid: 2\ndata: " + json.dumps({"receivers": [ROW]}).encode() + b"\n\n"
)


class Agent(BaseHTTPRequestHandler):
    """The one route that the command watches."""

    def do_GET(self) -> None:
        allowed = self.headers["authorization"] == "Bearer k7mw-2rfp-x9tc-04hd"
        self.send_response(200 if allowed and self.path == "/v1/live/console" else 401)
        self.end_headers()
        self.wfile.write(STREAM)

    @override
    def log_message(self, *_: object) -> None:
        return


@contextmanager
def agent() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Agent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def listen_on(file: Path, port: int) -> None:
    settings, _ = load(file)
    change(file, f'listen = "{settings.http.listen}"', f'listen = "127.0.0.1:{port}"')


def test_scripts_get_a_json_line(store: Path) -> None:
    with agent() as port:
        listen_on(store, port)
        shown = CliRunner().invoke(app, ["receivers", "-s", str(store), "--once", "--json"])
    assert shown.exit_code == 0
    assert json.loads(shown.stdout) == [ROW]


def test_people_get_a_table_with_how_long_and_why(store: Path) -> None:
    settings, _ = load(store)
    console = Console(record=True, width=120)
    console.print(table_of([ROW], settings, NOW))
    text = console.export_text()
    for word in ("entrance-omg", "omg", "blind", "2m 05s", "offline; late report: 3"):
        assert word in text


def test_without_an_agent_it_says_where_it_looked(store: Path) -> None:
    listen_on(store, 9)
    shown = CliRunner().invoke(app, ["receivers", "-s", str(store), "--once"])
    assert shown.exit_code == 1
    assert "no agent at http://127.0.0.1:9/v1/live/console" in shown.output


def test_an_agent_that_ends_is_said_to_have_ended(store: Path) -> None:
    with agent() as port:
        listen_on(store, port)
        shown = CliRunner().invoke(app, ["receivers", "-s", str(store), "--json"])
    assert shown.exit_code == 1
    assert "the agent has ended" in shown.output


def test_an_agent_that_does_not_take_the_key_is_another_stores(store: Path) -> None:
    key = store.parent / "state" / "secrets" / "desk.key"
    key.write_text("another-key-of-the-desk\n", "utf-8")
    with agent() as port:
        listen_on(store, port)
        shown = CliRunner().invoke(app, ["receivers", "-s", str(store), "--once"])
    assert shown.exit_code == 1
    assert "answered 401" in shown.output


@pytest.fixture
def receiver(tmp_path: Path) -> Path:
    file = tmp_path / "receiver.toml"
    file.write_text(
        'device = "back"\nbus = "tcp://127.0.0.1:5570"\nkeys = "keys"\nlog_format = "console"\n'
        '[[radios]]\nid = "back-ceiling"\nadapter = "hci0"\n',
        "utf-8",
    )
    return file


def test_a_gateway_that_only_hears_has_settings_of_its_own(receiver: Path) -> None:
    change(receiver, 'adapter = "hci0"', 'adaptor = "hci0"')
    run = CliRunner().invoke(app, ["run", "--role", "receiver", "-s", str(receiver)])
    assert run.exit_code == 2
    assert "`radios[1].adaptor` is not known here: use one of adapter, id" in run.output


def test_its_keys_are_made_beside_the_leader_and_carried_over(store: Path) -> None:
    words = ["adapter", "receiver", "-s", str(store), "--device", "back"]
    refused = CliRunner().invoke(app, words)
    assert refused.exit_code == 2
    assert "no [[receivers]] of kind gateway names device 'back'" in refused.output
    table = '\n[[receivers]]\nid = "far"\nkind = "gateway"\ndevice = "back"\nposition = [1, 1]\n'
    store.write_text(store.read_text("utf-8") + table, "utf-8")
    made = CliRunner().invoke(app, words)
    assert made.exit_code == 0
    keys = load(store)[0].device_bus.keys
    assert (keys / "allowed" / "back.key").exists()
    assert str(keys / "private" / "back.key_secret") in made.output.replace("\n", "")
