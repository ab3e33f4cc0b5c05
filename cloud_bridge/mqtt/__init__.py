"""MQTT 5 and 3.1.1 for asyncio: the one adapter around paho of link, hub and receivers.

It promises a connection, not a session: each `connect` is a clean start with a paho client of its
own, ends once, and is never resumed. Who must not lose anything keeps it until the other end's own
acknowledgement (contract, "Up: facts, once"), and reconnects after `backoff`.
"""

from cloud_bridge.mqtt.broker import (
    Broker,
    BrokerError,
    BrokerRefused,
    BrokerUnreachable,
    ConnectionLost,
    Tls,
    Will,
    backoff,
)
from cloud_bridge.mqtt.connection import Connection, Message, connect

__all__ = [
    "Broker",
    "BrokerError",
    "BrokerRefused",
    "BrokerUnreachable",
    "Connection",
    "ConnectionLost",
    "Message",
    "Tls",
    "Will",
    "backoff",
    "connect",
]
