"""Keeps everything that goes over a broker."""

import asyncio

from cloud_bridge.mqtt import Broker, BrokerError, connect

COME_BACK_S = 0.05
"""Sooner than the link does, so that nothing that it says first is missed."""


class Recorder:
    """Listens to one broker; `kept` are topic and payload, in order."""

    def __init__(self, port: int, *, without: str = "") -> None:
        """Leaves out topics that begin with `without`."""
        self.kept: list[tuple[str, bytes]] = []
        self._broker = Broker(host="127.0.0.1", port=port, mqtt5=False)
        self._without = without

    async def listen(self) -> None:
        """Record for ever, also over the broker's deaths."""
        while True:
            try:
                async with connect(self._broker) as connection:
                    await connection.subscribe("#", qos=0)
                    async for message in connection.messages:
                        message.ack()
                        if not (self._without and message.topic.startswith(self._without)):
                            self.kept.append((message.topic, message.payload))
            except BrokerError:
                await asyncio.sleep(COME_BACK_S)
