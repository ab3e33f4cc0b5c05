"""`store-sim` as a newcomer meets it."""

import json
import subprocess
import sys

import httpx
import pytest
from typer.testing import CliRunner

from simulators.__main__ import COMMANDS, build
from simulators.mirror import PairingRefused, RfidReader

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
