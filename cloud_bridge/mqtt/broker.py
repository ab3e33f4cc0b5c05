"""Which broker, how it can fail, and how long to stay away from it after a failure."""

from dataclasses import dataclass, field
from pathlib import Path
from random import Random


class BrokerError(Exception):
    """Something between us and the broker; its text names host and port, never a password."""


class BrokerUnreachable(BrokerError):
    """No connection came about: name, network, TLS, or no answer in time. Try again later."""


class BrokerRefused(BrokerError):
    """The broker said no, to the connection or to one subscription or message."""


class ConnectionLost(BrokerError):
    """A connection that stood has ended; whatever was not acknowledged may be lost."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Files for TLS 1.3, PEM, read anew for each connection.

    Without `ca` the system's trust store decides about the broker.
    """

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes (QoS 1) when the connection ends without a goodbye."""

    topic: str
    payload: bytes
    retain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """A broker and how to talk to it.

    Attributes:
        client_id: empty lets the broker choose one.
        mqtt5: MQTT 5; False is MQTT 3.1.1.
        keepalive_s: a silent broker is pinged after this many seconds and given up after as many
            again; 30 finds a half-open connection within a minute and costs 4 bytes a ping.
        window: QoS 1 messages of ours that may be unacknowledged at once; the broker's Receive
            Maximum lowers it. 100 fill a link of 100 ms at 1,000 messages/s.
        receive_maximum: what MQTT 5 brokers may have unacknowledged at us.
    """

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    client_id: str = ""
    mqtt5: bool = True
    keepalive_s: int = 30
    tls: Tls | None = None
    window: int = 100
    receive_maximum: int = 100

    @property
    def where(self) -> str:
        """``host:port``, as error texts name it; an IPv6 address in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


FIRST_BACKOFF_S = 1.0
"""Longest wait before the first retry: a broker's restart takes about a second."""

LONGEST_BACKOFF_S = 120.0
"""Ten thousand stores spread over 120 s are 83 TLS handshakes a second (`facts/sync.md`)."""


def backoff(attempt: int, random: Random, cap_s: float = LONGEST_BACKOFF_S) -> float:
    """Seconds to wait before retry number `attempt` (from 0): full jitter, doubling up to `cap_s`.

    Also after a connection that was accepted and then ended at once; the caller counts such a
    connection as an attempt.
    """
    ceiling = min(cap_s, FIRST_BACKOFF_S * 2 ** min(attempt, 30))
    return random.uniform(0, ceiling)
