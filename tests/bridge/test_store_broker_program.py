"""`store-sim broker`: the embedded broker as a program."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cloud_bridge.mqtt import Broker, BrokerRefused, connect
from tests.support.brokers import free_port

PROGRAM = [
    sys.executable,
    "-c",
    "import typer; from simulators.broker import broker; typer.run(broker)",
]


@contextmanager
def program(*arguments: str) -> Iterator[int]:
    port = free_port()
    command = [*PROGRAM, "--port", str(port), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline() == f"broker on 127.0.0.1:{port}\n"
    try:
        yield port
    finally:
        process.terminate()
        assert process.wait() == 0
        assert process.stderr.read() == ""
        process.stdout.close()
        process.stderr.close()


def test_a_taken_port_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [*PROGRAM, "--port", str(port)], capture_output=True, text=True, check=False
        )
    assert ended.returncode != 0
    assert ended.stderr.count("\n") == 1
    assert f"127.0.0.1:{port} is taken" in ended.stderr


async def test_with_a_password_file_only_who_stands_in_it_may_connect(tmp_path: Path) -> None:
    file = tmp_path / "passwords"
    file.write_text("# gateways\ngw-1:a long password\n", encoding="utf-8")
    with program("--password-file", str(file)) as port:
        known = Broker(
            host="127.0.0.1",
            port=port,
            mqtt5=False,
            username="gw-1",
            password="a long password",  # noqa: S106
        )
        async with connect(known) as connection:
            await connection.publish("a", b"b")
        for username, password in (("gw-1", "wrong"), ("gw-2", "a long password"), (None, None)):
            stranger = Broker(
                host="127.0.0.1", port=port, mqtt5=False, username=username, password=password
            )
            with pytest.raises(BrokerRefused):
                async with connect(stranger):
                    pass
