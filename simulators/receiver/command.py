"""`store-sim receiver`: hear adverts on standard input, report them as a maker's radio does."""

import asyncio
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Protocol

import typer
from paho.mqtt.client import Client

from simulators.receiver.esphome.program import serve
from simulators.receiver.espresense import Node
from simulators.receiver.lines import Fault, Heard, read_lines
from simulators.receiver.omg import Form, Gateway
from simulators.receiver.uplink import uplinks, vanish
from simulators.world.plan import EXAMPLE, load_plan

BROKER_ANSWERS_S = 3.0
"""A broker on a store's LAN answers in milliseconds; a wrong address may not answer at all."""

CLOCK_ERROR_S = 3600.0
"""How far a clock is ahead by `Fault.CLOCK`: an ESP32 that takes a time zone for UTC."""

KEY_BYTES = 16

receiver = typer.Typer(
    help="Radios that report from elsewhere: hear adverts on standard input, publish them.",
    no_args_is_help=True,
)

Host = Annotated[str, typer.Option(help="The store broker.")]
Port = Annotated[int, typer.Option(min=1, max=65535)]
ReceiverId = Annotated[
    str, typer.Option("--receiver", help="Only adverts heard by this receiver of the plan.")
]
Plan = Annotated[Path, typer.Option(help="The store.toml that names the receivers.")]
StartFault = Annotated[Fault, typer.Option("--fault", help="Begin with this fault.")]


class _Radio(Protocol):
    @property
    def status_topic(self) -> str: ...

    def report(self, address: str, rssi: int, ad: bytes, at: float) -> tuple[str, str] | None: ...


@receiver.command()
def omg(
    *,
    gateway: Annotated[str, typer.Option(help="The gateway's name in the topic.")],
    host: Host = "127.0.0.1",
    port: Port = 1883,
    form: Annotated[Form, typer.Option(help="Decode iBeacons or pass bytes on.")] = Form.DECODED,
    epoch: Annotated[
        float | None, typer.Option(help="Its clock at second 0, since 1970; else it has none.")
    ] = None,
    receiver_id: ReceiverId = "",
    plan: Plan = EXAMPLE,
    fault: StartFault = Fault.NONE,
) -> None:
    """Report adverts as OpenMQTTGateway does.

    Reads the lines of `store-sim walk`: `store-sim walk | store-sim receiver omg --gateway door`.
    A line {"fault": "disconnect|hang|silence|clock|none"} throws a switch.
    """
    radio = Gateway(gateway, form, epoch)
    _report(radio, host, port, _told(plan, receiver_id, fault))


@receiver.command()
def espresense(
    *,
    node: Annotated[str, typer.Option(help="The node's name in the topic.")],
    irk: Annotated[
        list[str] | None, typer.Option(help="A resolving key it was given, 32 hex digits.")
    ] = None,
    host: Host = "127.0.0.1",
    port: Port = 1883,
    receiver_id: ReceiverId = "",
    plan: Plan = EXAMPLE,
    fault: StartFault = Fault.NONE,
) -> None:
    """Report adverts as ESPresense does: means of 15 s, every 5 s, up to 16 m, of 45 devices.

    A line {"fault": "disconnect|hang|silence|none"} throws a switch.
    """
    try:
        keys = [bytes.fromhex(text) for text in irk or []]
    except ValueError:
        keys = [b""]
    if any(len(key) != KEY_BYTES for key in keys):
        _say("--irk takes 32 hex digits")
        raise typer.Exit(2)
    _report(Node(node, keys), host, port, _told(plan, receiver_id, fault))


@receiver.command()
def esphome(
    *,
    name: Annotated[str, typer.Option(help="The proxy's name.")] = "proxy",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 6053,
    key_file: Annotated[
        Path | None, typer.Option(help="File with the encryption key, base64; else plain text.")
    ] = None,
    receiver_id: ReceiverId = "",
    plan: Plan = EXAMPLE,
    fault: StartFault = Fault.NONE,
) -> None:
    """Be an ESPHome Bluetooth proxy: serve the native API until SIGTERM or Ctrl-C.

    A line {"fault": "disconnect|hang|silence|scanner|second_subscriber|wrong_key|none"} throws a
    switch.
    """
    told = _told(plan, receiver_id, fault)
    raise typer.Exit(asyncio.run(serve(name, (host, port), key_file, told=told, say=_say)))


def _told(plan: Path, receiver_id: str, fault: Fault) -> Iterator[Heard | Fault]:
    _require_receiver(plan, receiver_id)
    lines = read_lines(sys.stdin, receiver=receiver_id, complain=_say)
    return _after(fault, lines)


def _after(fault: Fault, lines: Iterator[Heard | Fault]) -> Iterator[Heard | Fault]:
    yield fault
    yield from lines


def _report(radio: _Radio, host: str, port: int, told: Iterator[Heard | Fault]) -> None:
    _require_broker(host, port)
    with uplinks(host, port, [radio.status_topic]) as (client,):
        faulty = Faulty(radio, client)
        for one in told:
            faulty.take(one)


class Faulty:
    """A radio on the broker, and what is wrong with it."""

    def __init__(self, radio: _Radio, client: Client) -> None:
        self._radio = radio
        self._client = client
        self._fault = Fault.NONE

    def take(self, told: Heard | Fault) -> None:
        """Hear an advert, or have another fault."""
        if isinstance(told, Fault):
            self._switch(told)
        elif self._fault in {Fault.NONE, Fault.CLOCK}:
            report = self._radio.report(told.address, told.rssi, told.ad, told.at)
            if report is not None:
                self._client.publish(*report)

    def _switch(self, fault: Fault) -> None:
        before, self._fault = self._fault, fault
        if before is fault:
            return
        if isinstance(self._radio, Gateway) and self._radio.epoch_s is not None:
            self._radio.epoch_s += CLOCK_ERROR_S * (
                (fault is Fault.CLOCK) - (before is Fault.CLOCK)
            )
        self._connect(before, fault)

    def _connect(self, before: Fault, fault: Fault) -> None:
        """A radio that hangs no longer reads its socket either: paho's thread stops."""
        if before is Fault.DISCONNECT:
            self._client.reconnect()
        if before in {Fault.DISCONNECT, Fault.HANG}:
            self._client.loop_start()
        if fault is Fault.DISCONNECT:
            vanish(self._client)
        elif fault is Fault.HANG:
            self._client.loop_stop()


def _require_receiver(plan: Path, receiver_id: str) -> None:
    """Exit 2 unless `plan` has the receiver; an empty id means any."""
    known = [each.id for each in load_plan(plan).receivers] if receiver_id else []
    if receiver_id and receiver_id not in known:
        _say(f"{plan.name} has no receiver {receiver_id!r}; it has {', '.join(known)}")
        raise typer.Exit(2)


def _require_broker(host: str, port: int) -> None:
    """Exit 1 when nothing listens there; once it has begun, a radio outlasts its broker."""
    try:
        socket.create_connection((host, port), BROKER_ANSWERS_S).close()
    except OSError as err:
        reason = err.strerror or err
        _say(f"no broker at {host}:{port} ({reason}); `store-sim broker` is one")
        raise typer.Exit(1) from None


def _say(line: str) -> None:
    typer.echo(f"store-sim receiver: {line}", err=True)
