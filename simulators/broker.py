"""`store-sim broker`: an MQTT 3.1.1 broker that keeps everything in memory.

It stands for the store broker and for the cloud broker of the demo. Killed, it loses all that it
held, which is just what the link must survive. amqtt grants `$share/…` and delivers nothing there,
and does not redeliver what was not acknowledged (`docs/reference/contract.md` asks for neither).
"""

import asyncio
import errno
import logging
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

PORT_TAKEN = 98
"""Exit status of a broker whose port is in use (EADDRINUSE, as Linux numbers it)."""


def broker(
    port: Annotated[int, typer.Option(min=1, max=65535, help="TCP port to listen on.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    password_file: Annotated[
        Path | None,
        typer.Option(
            help="Lines `user:password`; without it anybody may connect.",
            exists=True,
            dir_okay=False,
            readable=True,
        ),
    ] = None,
) -> None:
    """Run an in-memory MQTT 3.1.1 broker until SIGTERM or Ctrl-C; killed, it forgets everything."""
    raise typer.Exit(asyncio.run(_serve(host, port, password_file)))


async def _serve(host: str, port: int, password_file: Path | None) -> int:
    from amqtt.broker import Broker  # type: ignore[import-untyped]  # noqa: PLC0415 - untyped; 0.4 s that `store-sim --help` need not wait
    from amqtt.errors import BrokerError  # type: ignore[import-untyped]  # noqa: PLC0415 - as above

    for noisy in ("amqtt", "transitions", "asyncio"):  # each lost client is an error to them
        logging.getLogger(noisy).setLevel(logging.CRITICAL + 1)
    running = Broker(_config(host, port, password_file))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    try:
        await running.start()
    except BrokerError as err:
        print(_one_line(err, host, port), file=sys.stderr)  # noqa: T201 - the program's own words
        return PORT_TAKEN if _port_taken(err) else 1
    print(f"broker on {host}:{port}", flush=True)  # noqa: T201 - tells a supervisor: ready
    await stop.wait()
    await running.shutdown()
    return 0


def _config(host: str, port: int, password_file: Path | None) -> dict[str, Any]:
    plugins: dict[str, dict[str, Any]]
    if password_file is None:
        plugins = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
    else:
        plugins = {"simulators.broker_access.PasswordFile": {"path": str(password_file)}}
    listener = {"type": "tcp", "bind": f"{host}:{port}"}
    return {"listeners": {"default": listener}, "plugins": plugins}


def _port_taken(err: BaseException) -> bool:
    cause = err.__cause__
    return isinstance(cause, OSError) and cause.errno == errno.EADDRINUSE


def _one_line(err: BaseException, host: str, port: int) -> str:
    if _port_taken(err):
        return f"store-sim broker: {host}:{port} is taken; stop what listens there or use --port"
    return f"store-sim broker: cannot listen on {host}:{port}: {err.__cause__ or err}"
