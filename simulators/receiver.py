"""A receiver that reports over MQTT as OpenMQTTGateway and Theengs Gateway do.

Topic ``home/<gateway>/BTtoMQTT/<address without colons>``, QoS 0, one JSON object per report
(docs.openmqttgateway.com, "BLE gateway"; field names as its decoder prints them). Written from
those pages, with no line shared with the product's reader.
"""

import json
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from paho.mqtt.client import CallbackOnConnect_v2, Client, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from simulators.world.plan import EXAMPLE, load_plan

REPORT_EVERY_S = 0.5
"""A gateway reports one transmitter about twice a second: a scan of its ESP32 takes that long."""

BROKER_ANSWERS_S = 3.0
"""A broker on a store's LAN answers in milliseconds; a wrong address may not answer at all."""

MOST_QUEUED = 1_000
"""Reports that wait while the broker is away; a real gateway has less memory than that."""

_APPLE_IBEACON = b"\x4c\x00\x02\x15"


class Form(StrEnum):
    """Whether the gateway decodes iBeacons itself or passes the bytes on."""

    DECODED = "decoded"
    RAW = "raw"


@dataclass
class Gateway:
    """The memory of one gateway: what it reported when. Pure.

    Attributes:
        name: its name in the topic.
    """

    name: str
    form: Form = Form.DECODED
    _reported: dict[str, float] = field(default_factory=dict)

    def report(self, address: str, rssi: int, ad: bytes, at: float) -> tuple[str, str] | None:
        """Topic and payload for an advert heard at second `at`; None when it is too soon again."""
        if at - self._reported.get(address, float("-inf")) < REPORT_EVERY_S:
            return None
        self._reported[address] = at
        body = {"id": address, "mac_type": 1, "rssi": rssi, **self._content(ad)}
        return f"home/{self.name}/BTtoMQTT/{address.replace(':', '')}", json.dumps(body)

    def _content(self, ad: bytes) -> dict[str, Any]:
        content: dict[str, Any] = {}
        for kind, payload in _structures(ad):
            if kind == _MANUFACTURER_DATA:
                content |= self._manufacturer(payload)
            elif kind == _SERVICE_DATA:
                content["servicedatauuid"] = f"0x{payload[1::-1].hex()}"
                content["servicedata"] = payload[2:].hex()
        return content

    def _manufacturer(self, payload: bytes) -> dict[str, Any]:
        if self.form is Form.RAW or not payload.startswith(_APPLE_IBEACON):
            return {"manufacturerdata": payload.hex()}
        return {
            "brand": "GENERIC",
            "model": "iBeacon",
            "model_id": "IBEACON",
            "type": "BCON",
            "mfid": "4c00",
            "uuid": payload[4:20].hex(),
            "major": int.from_bytes(payload[20:22], "big"),
            "minor": int.from_bytes(payload[22:24], "big"),
            "txpower": int.from_bytes(payload[24:25], "big", signed=True),
        }


_MANUFACTURER_DATA = 0xFF
_SERVICE_DATA = 0x16


def _structures(ad: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(ad) and ad[at]:
        yield ad[at + 1], ad[at + 2 : at + 1 + ad[at]]
        at += 1 + ad[at]


@contextmanager
def uplinks(host: str, port: int, names: Iterable[str]) -> Iterator[Mapping[str, Client]]:
    """The connections of some gateways to their broker, kept up by paho's own threads.

    They come back by themselves when the broker does, as real gateways would; reports made
    meanwhile are lost. The broker need not be there yet.
    """
    clients = {name: _client(name) for name in names}
    for client in clients.values():
        client.connect_async(host, port, keepalive=15)
        client.loop_start()
    try:
        yield clients
    finally:
        for client in clients.values():
            client.disconnect()  # all before the first join: each may sleep a second
        for client in clients.values():
            client.loop_stop()


def _client(name: str) -> Client:
    client = Client(CallbackAPIVersion.VERSION2, client_id=f"omg-{name}", protocol=MQTTv311)
    client.max_queued_messages_set(MOST_QUEUED)
    client.reconnect_delay_set(min_delay=1, max_delay=1)
    client.will_set(f"home/{name}/LWT", "offline", retain=True)
    client.on_connect = _announce(name)
    return client


def _announce(name: str) -> CallbackOnConnect_v2:
    def on_connect(
        client: Client, _data: object, _flags: object, _reason: object, _properties: object
    ) -> None:
        client.publish(f"home/{name}/LWT", "online", retain=True)

    return on_connect


receiver = typer.Typer(
    help="Radios that report over MQTT: hear adverts on standard input, publish them.",
    no_args_is_help=True,
)


@receiver.callback()
def _receivers() -> None:
    """Keep `omg` a command of its own: other makes of receivers will stand beside it."""


@receiver.command()
def omg(
    *,
    gateway: Annotated[str, typer.Option(help="The gateway's name in the topic.")],
    host: Annotated[str, typer.Option(help="The store broker.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 1883,
    form: Annotated[Form, typer.Option(help="Decode iBeacons or pass bytes on.")] = Form.DECODED,
    receiver_id: Annotated[
        str, typer.Option("--receiver", help="Only adverts heard by this receiver of the plan.")
    ] = "",
    plan: Annotated[Path, typer.Option(help="The store.toml that names the receivers.")] = EXAMPLE,
) -> None:
    """Report adverts as OpenMQTTGateway does.

    Reads the lines of `store-sim walk`: `store-sim walk | store-sim receiver omg --gateway door`.
    """
    _require_receiver(plan, receiver_id)
    _require_broker(host, port)
    radio = Gateway(gateway, form)
    with uplinks(host, port, [gateway]) as clients:
        for line in sys.stdin:
            advert = json.loads(line)
            if "raw_adv" not in advert or receiver_id not in ("", advert["receiver"]):
                continue
            ad = bytes.fromhex(advert["raw_adv"])
            report = radio.report(advert["address"], advert["rssi"], ad, advert["t"])
            if report is not None:
                clients[gateway].publish(*report)


def _require_receiver(plan: Path, receiver_id: str) -> None:
    """Exit 2 unless `plan` has the receiver; an empty id means any."""
    known = [each.id for each in load_plan(plan).receivers] if receiver_id else []
    if receiver_id and receiver_id not in known:
        _say(f"{plan.name} has no receiver {receiver_id!r}; it has {', '.join(known)}")
        raise typer.Exit(2)


def _require_broker(host: str, port: int) -> None:
    """Exit 1 when nothing listens there; once it has begun, a gateway outlasts its broker."""
    try:
        socket.create_connection((host, port), BROKER_ANSWERS_S).close()
    except OSError as err:
        reason = err.strerror or err
        _say(f"no broker at {host}:{port} ({reason}); `store-sim broker` is one")
        raise typer.Exit(1) from None


def _say(line: str) -> None:
    typer.echo(f"store-sim receiver: {line}", err=True)
