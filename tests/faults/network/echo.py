"""Somebody at the broker who sends again what stores have sent: later, and in another order."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.subscribeoptions import SubscribeOptions

FILTERS = ("aisle/v1/+/up/+", "aisle/v1/+/hello", "aisle/v1/+/ask")

LATEST_S = 2.0
"""A copy comes so late at most: other batches, and other answers, lie between."""


@contextmanager
def echo(port: int, random: Random) -> Iterator[None]:
    """While the block runs each message of a store arrives twice, the copy out of order."""
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    waiting: set[threading.Timer] = set()

    def again(_client: Client, _userdata: object, message: MQTTMessage) -> None:
        copy = threading.Timer(
            random.uniform(0, LATEST_S), client.publish, (message.topic, message.payload, 1)
        )
        copy.daemon = True
        waiting.add(copy)
        copy.start()

    def subscribe(*_: object) -> None:
        options = SubscribeOptions(qos=1, noLocal=True)
        client.subscribe([(each, options) for each in FILTERS])

    client.on_message = again
    client.on_connect = subscribe
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        yield
    finally:
        for copy in waiting:
            copy.cancel()
        client.disconnect()
        client.loop_stop()
