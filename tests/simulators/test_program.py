"""`store-sim` as a newcomer meets it."""

import io
import json
import socket
import subprocess
import sys

import httpx
import pytest
from typer.testing import CliRunner

from simulators.__main__ import COMMANDS, build
from simulators.mirror import PairingRefused, RfidReader, tell_lines

runner = CliRunner()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_tells_what_it_does(name: str) -> None:
    answer = runner.invoke(build(name), [name, "--help"])
    assert answer.exit_code == 0
    assert "Usage" in answer.output


def test_the_list_of_commands_imports_none_of_them() -> None:
    program = (
        "import sys; from simulators.__main__ import build; build(None);"
        "print([name for name in sys.modules if name.startswith(('simulators.', 'fastapi'))])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True
    )
    assert answer.stdout.strip() == "['simulators.__main__']"


def test_walk_prints_positions_and_adverts_and_repeats_itself() -> None:
    arguments = ["walk", "--people", "2", "--phones", "1", "--seconds", "2", "--seed", "4"]
    once, again = (runner.invoke(build("walk"), arguments).output for _ in range(2))
    lines = [json.loads(line) for line in once.splitlines()]
    assert once == again
    assert {"receiver", "rssi", "raw_adv", "address", "t"} == next(
        set(line) for line in lines if "raw_adv" in line
    )
    assert len([line for line in lines if "beacon" in line]) == 2 * 4


async def test_a_mirrors_reader_pairs_once_and_tells_what_it_sees() -> None:
    seen: list[httpx.Request] = []

    def serve(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if request.url.path == "/v1/join":
            known = json.loads(request.content)["code"] == "GOOD"
            return httpx.Response(200 if known else 404, json={"token": "t", "detail": "unknown"})
        return httpx.Response(204)

    async with httpx.AsyncClient(
        transport=httpx.MockTransport(serve), base_url="http://agent"
    ) as client:
        with pytest.raises(PairingRefused, match="unknown"):
            await RfidReader.pair(client, "fitting-1", "BAD")
        reader = await RfidReader.pair(client, "fitting-1", "GOOD")
        await reader.see(["8800000001012"])
    assert seen[-1].url.path == "/v1/mirrors/fitting-1/items"
    assert seen[-1].headers["authorization"] == "Bearer t"
    assert json.loads(seen[-1].content) == {"gtins": ["8800000001012"]}


async def test_a_line_that_the_agent_refuses_is_told_and_the_next_one_is_sent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[list[str]] = []

    def serve(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/join":
            return httpx.Response(200, json={"token": "t"})
        said.append(json.loads(request.content)["gtins"])
        if said[-1] == ["shoe"]:
            return httpx.Response(422, json={"detail": "'shoe' is no GTIN."})
        return httpx.Response(204)

    async with httpx.AsyncClient(
        transport=httpx.MockTransport(serve), base_url="http://agent"
    ) as client:
        reader = await RfidReader.pair(client, "fitting-1", "GOOD")
        monkeypatch.setattr("sys.stdin", io.StringIO("shoe\n8800000001012\n"))
        await tell_lines(reader)
    assert said == [["shoe"], ["8800000001012"]]
    assert capsys.readouterr().err == "store-sim mirror: refused (422): 'shoe' is no GTIN.\n"


def test_a_receiver_that_the_plan_has_not_is_refused_with_those_it_has() -> None:
    arguments = ["receiver", "omg", "--gateway", "door", "--receiver", "attic"]
    answer = runner.invoke(build("receiver"), arguments)
    assert answer.exit_code == 2
    assert "no receiver 'attic'" in answer.stderr
    assert "entrance-omg" in answer.stderr


def test_a_gateway_without_a_broker_says_so_in_a_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers
        port = str(taken.getsockname()[1])
        arguments = ["receiver", "omg", "--gateway", "door", "--port", port]
        answer = runner.invoke(build("receiver"), arguments)
    assert answer.exit_code == 1
    assert answer.stderr.startswith(f"store-sim receiver: no broker at 127.0.0.1:{port}")
    assert answer.stderr.count("\n") == 1
