"""Reaching a broker: name, TCP, TLS and CONNECT, the part of paho that blocks."""

import asyncio
import contextlib
import socket
import threading

from paho.mqtt.client import Client
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from cloud_bridge.mqtt.broker import Broker, Will
from cloud_bridge.mqtt.tls import context_of

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
    context = None if broker.tls is None else context_of(broker.tls)
    if context is not None:
        client.tls_set_context(context)
    properties = None
    if broker.mqtt5:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's
        properties.ReceiveMaximum = broker.receive_maximum
        properties.MaximumPacketSize = LARGEST_PACKET
    try:
        client.connect(broker.host, broker.port, broker.keepalive_s, properties=properties)
    except Exception:
        if context is not None:
            context.close()
        raise
    _tune(client, broker)


def _tune(client: Client, broker: Broker) -> None:
    """Small messages go at once; a line that takes bytes and confirms none ends with keep-alive.

    The latter by TCP_USER_TIMEOUT (RFC 5482, Linux), for which retransmission would otherwise try
    for a quarter of an hour; keep-alive itself needs its second period.
    """
    sock = client.socket()
    if not isinstance(sock, socket.socket):
        return
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        milliseconds = broker.keepalive_s * 1000
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
