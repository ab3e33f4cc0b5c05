"""Reaching a broker: name, TCP, TLS and CONNECT, the part of paho that blocks."""

import asyncio
import contextlib
import ssl
import threading

from paho.mqtt.client import Client
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from cloud_bridge.mqtt.broker import Broker, Will

LARGEST_PACKET = 256 * 1024
"""Bytes that an MQTT 5 broker may send us at once: four times the contract's largest payload."""


def dial(client: Client, broker: Broker, will: Will | None) -> "asyncio.Future[None]":
    """Dial on a thread of its own; the future has what came of it.

    Not in the loop's executor, whose threads are waited for at exit: a network that swallows
    packets would hold up every stop for as long as `connect` waits.
    """
    loop = asyncio.get_running_loop()
    dialling: asyncio.Future[None] = loop.create_future()

    def settle(error: Exception | None) -> None:
        if dialling.done():
            return
        if error is None:
            dialling.set_result(None)
        else:
            dialling.set_exception(error)

    def work() -> None:
        error = None
        try:
            _dial(client, broker, will)
        except Exception as err:  # noqa: BLE001 - the caller tells them apart
            error = err
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
            loop.call_soon_threadsafe(settle, error)

    threading.Thread(target=work, name=f"dials {broker.where}", daemon=True).start()
    return dialling


def _dial(client: Client, broker: Broker, will: Will | None) -> None:
    if broker.username is not None:
        client.username_pw_set(broker.username, broker.password)
    if will is not None:
        client.will_set(will.topic, will.payload, qos=1, retain=will.retain)
    if broker.tls is not None:
        ca = str(broker.tls.ca) if broker.tls.ca else None
        context = ssl.create_default_context(cafile=ca)
        if broker.tls.certificate is not None:
            context.load_cert_chain(broker.tls.certificate, broker.tls.key)
        client.tls_set_context(context)
    properties = None
    if broker.mqtt5:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's
        properties.ReceiveMaximum = broker.receive_maximum
        properties.MaximumPacketSize = LARGEST_PACKET
    client.connect(broker.host, broker.port, broker.keepalive_s, properties=properties)
