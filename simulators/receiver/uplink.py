"""The connections of radios to their broker, kept up by paho's own threads."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from paho.mqtt.client import CallbackOnConnect_v2, Client, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

MOST_QUEUED = 1_000
"""Reports that wait while the broker is away; a real gateway has less memory than that."""


@contextmanager
def uplinks(host: str, port: int, status_topics: Sequence[str]) -> Iterator[list[Client]]:
    """A connection for each radio, named by where it says that it is there; in their order.

    They come back by themselves when the broker does, as real radios would; reports made meanwhile
    are lost. The broker need not be there yet.
    """
    clients = [_client(topic) for topic in status_topics]
    for client in clients:
        client.connect_async(host, port, keepalive=15)
        client.loop_start()
    try:
        yield clients
    finally:
        for client in clients:
            client.disconnect()  # all before the first join: each may sleep a second
        for client in clients:
            client.loop_stop()


def vanish(client: Client) -> None:
    """Break the connection without a goodbye, so that the Last Will speaks; stay away."""
    client.loop_stop()
    if (socket := client.socket()) is not None:
        socket.close()


def _client(status_topic: str) -> Client:
    identity = status_topic.replace("/", "-")
    client = Client(CallbackAPIVersion.VERSION2, client_id=identity, protocol=MQTTv311)
    client.max_queued_messages_set(MOST_QUEUED)
    client.reconnect_delay_set(min_delay=1, max_delay=1)
    client.will_set(status_topic, "offline", retain=True)
    client.on_connect = _announce(status_topic)
    return client


def _announce(status_topic: str) -> CallbackOnConnect_v2:
    def on_connect(
        client: Client, _data: object, _flags: object, _reason: object, _properties: object
    ) -> None:
        client.publish(status_topic, "online", retain=True)

    return on_connect
