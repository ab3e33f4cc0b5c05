"""One connection to a broker, as an `async with`.

paho runs on the event loop itself (`add_reader`, `add_writer`) rather than on a thread of its own:
every callback then runs where its result is used, and no message crosses a thread. Only `connect`
blocks (DNS, TCP, TLS), so that alone runs on a thread, before the loop knows the socket.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage, error_string
from paho.mqtt.enums import CallbackAPIVersion, LogLevel, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from cloud_bridge.mqtt.broker import (
    Broker,
    BrokerError,
    BrokerRefused,
    BrokerUnreachable,
    ConnectionLost,
    Will,
)
from cloud_bridge.mqtt.dialling import dial
from cloud_bridge.mqtt.inbox import Inbox
from cloud_bridge.mqtt.tls import hinted, told

CONNECT_S = 10.0
"""Longest wait for TCP and TLS, and again for CONNACK: a phone network's slow second, tenfold."""

ANSWER_S = 20.0
"""Longest wait for a SUBACK."""

PUBACK_S = 60.0
"""Longest wait for a PUBACK: as long as keep-alive may take to find a dead line. A broker that
takes longer answers pings and nothing else. The contract's largest needs 13 s of a 5 kB/s line."""

HOUSEKEEPING_S = 1.0
"""How often paho looks at its keep-alive; its own loop does it once a second too."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message from the broker. QoS 1 stays unacknowledged until `ack` is called."""

    topic: str
    payload: bytes
    retain: bool
    ack: Callable[[], None]


class Connection:
    """A standing connection. Made by `connect`; every method raises `ConnectionLost` once it ended.

    Attributes:
        messages: what arrives, in order; raises `ConnectionLost` at the end, after what came
            before it. Survives cancellation of a waiting reader; one reader at a time.
        session_present: what the broker said; always False for a clean start.
        shared_subscriptions: whether the broker shares subscriptions (MQTT 5 alone says so).
    """

    def __init__(self, broker: Broker, client: Client) -> None:
        self.messages: Inbox[Message] = Inbox()
        self.session_present = False
        self.shared_subscriptions = False
        self._broker = broker
        self._client = client
        self._loop = asyncio.get_running_loop()
        self._connack: asyncio.Future[int] = self._loop.create_future()
        self._answers: dict[int, asyncio.Future[list[ReasonCode]]] = {}
        self._window = asyncio.Semaphore(broker.window)
        self._lost: BrokerError | None = None
        self._housekeeping: asyncio.TimerHandle | None = None
        self._failure = ""  # what paho said last of an error, which its result code does not tell

    @property
    def dropped(self) -> int:
        """Messages thrown away because the reader of `messages` was too far behind."""
        return self.messages.dropped

    async def subscribe(self, *filters: str, qos: int = 1) -> None:
        """Subscribe, and return after the SUBACK.

        Raises:
            BrokerRefused: when the broker does not grant one of the filters.
        """
        self._check()
        result, mid = self._client.subscribe([(each, qos) for each in filters])
        if mid is None:
            raise self._ended(result)
        try:
            async with asyncio.timeout(ANSWER_S):
                granted = await self._answer(mid)
        except TimeoutError as err:
            msg = f"{self._broker.where} did not answer a subscription within {ANSWER_S:.0f} s"
            raise ConnectionLost(msg) from err
        for asked, code in zip(filters, granted, strict=True):
            self._accept(code, f"a subscription to {asked}")

    async def publish(
        self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False
    ) -> None:
        """Publish, and return after the PUBACK (QoS 1) or when it is written (QoS 0).

        Waits while `Broker.window` messages are unacknowledged. Cancelled, the message may have
        gone out all the same.

        Raises:
            BrokerRefused: when the broker answers with a failure (MQTT 5 only; a 3.1.1 broker
                swallows what it does not allow, or hangs up).
            ConnectionLost: also after `PUBACK_S` without an answer; the connection has ended then.
        """
        await self._window.acquire()
        if self._lost is not None:
            self._window.release()
            raise self._lost
        info = self._client.publish(topic, payload, qos, retain)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._window.release()
            raise self._ended(info.rc)
        answer = self._answer(info.mid)
        answer.add_done_callback(self._landed)
        try:
            async with asyncio.timeout(PUBACK_S):
                (code,) = await asyncio.shield(answer)
        except TimeoutError as err:
            msg = f"{self._broker.where} did not answer a message within {PUBACK_S:.0f} s"
            self._end(ConnectionLost(msg))
            raise ConnectionLost(msg) from err
        self._accept(code, f"a message to {topic}")

    def _answer(self, mid: int) -> "asyncio.Future[list[ReasonCode]]":
        answer: asyncio.Future[list[ReasonCode]] = self._loop.create_future()
        self._answers[mid] = answer
        return answer

    def _landed(self, answer: "asyncio.Future[list[ReasonCode]]") -> None:
        """Free the place in the window, whether or not anybody still waits for the answer."""
        self._window.release()
        answer.exception()

    def _accept(self, code: ReasonCode, what: str) -> None:
        if code.is_failure:
            msg = f"{self._broker.where} refused {what}: {code}"
            raise BrokerRefused(msg)

    def _check(self) -> None:
        if self._lost is not None:
            raise self._lost

    def _ended(self, code: MQTTErrorCode) -> BrokerError:
        why = hinted(self._failure) or error_string(code)
        return self._lost or ConnectionLost(f"connection to {self._broker.where} lost: {why}")

    async def open(self, will: Will | None) -> None:
        """Connect and wait for the CONNACK (used by `connect`)."""
        client = self._client
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_answer
        client.on_subscribe = self._on_answer
        client.on_log = self._on_log
        dialling = dial(client, self._broker, will)
        try:
            await asyncio.shield(dialling)
        except asyncio.CancelledError:
            dialling.add_done_callback(lambda done: done.exception() or client.disconnect())
            raise
        except (OSError, ValueError) as err:
            msg = f"cannot reach the broker at {self._broker.where}: {told(err, self._broker)}"
            raise BrokerUnreachable(msg) from err
        self._attach()
        try:
            async with asyncio.timeout(CONNECT_S):
                maximum = await self._connack
        except TimeoutError as err:
            hint = " (does it speak MQTT 5?)" if self._broker.mqtt5 else ""
            msg = f"{self._broker.where} did not answer CONNECT for {CONNECT_S:.0f} s{hint}"
            raise BrokerUnreachable(msg) from err
        self._window = asyncio.Semaphore(min(self._broker.window, maximum))

    def close(self) -> None:
        """Say goodbye and free the socket at once; a second call does nothing."""
        if self._housekeeping is not None:
            self._housekeeping.cancel()
        self._client.on_socket_register_write = None  # so that DISCONNECT is written right here
        self._client.disconnect()
        if (sock := self._client.socket()) is not None:  # its buffer was full: cut it off
            self._detach(sock)
            sock.close()
        self._end(ConnectionLost(f"connection to {self._broker.where} was closed"))

    def _attach(self) -> None:
        """Hand the socket to the event loop."""
        client = self._client
        sock = client.socket()
        if sock is None:
            self._end(self._ended(MQTTErrorCode.MQTT_ERR_CONN_LOST))
            return
        client.on_socket_close = lambda _c, _u, closed: self._detach(closed)
        client.on_socket_register_write = lambda _c, _u, ready: self._loop.add_writer(
            ready, self._step, client.loop_write
        )
        client.on_socket_unregister_write = lambda _c, _u, done: self._unregister(done)
        self._loop.add_reader(sock, self._step, self._drain)
        if client.want_write():
            self._loop.add_writer(sock, self._step, client.loop_write)
        self._keep_house()

    def _detach(self, sock: Any) -> None:  # noqa: ANN401 - paho's SocketLike has no public name
        self._loop.remove_reader(sock)
        self._loop.remove_writer(sock)

    def _unregister(self, sock: Any) -> None:  # noqa: ANN401 - as above
        self._loop.remove_writer(sock)

    def _keep_house(self) -> None:
        self._step(self._client.loop_misc)
        if self._lost is None:
            self._housekeeping = self._loop.call_later(HOUSEKEEPING_S, self._keep_house)

    def _drain(self) -> MQTTErrorCode:
        """Read; under TLS also what OpenSSL holds already, for which no descriptor wakes us."""
        result = self._client.loop_read()
        while result == MQTTErrorCode.MQTT_ERR_SUCCESS:
            sock = self._client.socket()
            if not isinstance(sock, ssl.SSLSocket) or not sock.pending():
                break
            result = self._client.loop_read()
        return result

    def _step(self, action: Callable[[], MQTTErrorCode]) -> None:
        """Let paho work; whatever goes wrong in it ends the connection, never the event loop."""
        try:
            result = action()
        except Exception as err:  # noqa: BLE001 - paho raises what a malformed packet made it
            reason = f"connection to {self._broker.where} lost: {type(err).__name__}: {err}"
            self._end(ConnectionLost(reason))
            return
        if result != MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._end(self._ended(result))

    def _end(self, error: BrokerError) -> None:
        if self._lost is not None:
            return
        self._lost = error
        if not self._connack.done():
            hint = "does it admit our certificate?" if self._broker.tls else "does it want TLS?"
            msg = f"{self._broker.where} hung up before it answered (MQTT version? {hint}): {error}"
            self._connack.set_exception(BrokerRefused(msg))
            self._connack.exception()  # nobody waits for it when the dialling itself failed
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(error)
        self._answers.clear()
        self.messages.fail(error)

    def _on_connect(
        self,
        _client: Client,
        _: object,
        flags: ConnectFlags,
        code: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if self._connack.done():
            return
        if code.is_failure:
            msg = f"{self._broker.where} refused the connection: {code}"
            self._connack.set_exception(BrokerRefused(msg))
            return
        self.session_present = flags.session_present
        offered = getattr(properties, "SharedSubscriptionAvailable", 1)  # absent: it is
        self.shared_subscriptions = self._broker.mqtt5 and bool(offered)
        self._connack.set_result(getattr(properties, "ReceiveMaximum", self._broker.window))

    def _on_log(self, _client: Client, _: object, level: int, text: str) -> None:
        if level == LogLevel.MQTT_LOG_ERR:
            self._failure = text

    def _on_disconnect(
        self, _client: Client, _: object, _flags: object, code: ReasonCode, _p: object
    ) -> None:
        why = hinted(self._failure) or code
        self._end(ConnectionLost(f"connection to {self._broker.where} lost: {why}"))

    def _on_answer(
        self,
        _client: Client,
        _: object,
        mid: int,
        codes: ReasonCode | list[ReasonCode],
        _properties: object,
    ) -> None:
        answer = self._answers.pop(mid, None)
        if answer is not None and not answer.done():
            answer.set_result(codes if isinstance(codes, list) else [codes])

    def _on_message(self, client: Client, _: object, message: MQTTMessage) -> None:
        def ack() -> None:
            client.ack(message.mid, message.qos)

        taken = self.messages.put(
            Message(message.topic, bytes(message.payload), message.retain, ack)
        )
        if not taken:
            ack()


@asynccontextmanager
async def connect(broker: Broker, *, will: Will | None = None) -> AsyncIterator[Connection]:
    """A connection with a clean start; leaving the block disconnects.

    Raises:
        BrokerUnreachable: nobody there, or no answer in time.
        BrokerRefused: the broker wants none of us (credentials, identifier, protocol version).
    """
    protocol = MQTTProtocolVersion.MQTTv5 if broker.mqtt5 else MQTTProtocolVersion.MQTTv311
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=broker.client_id,
        clean_session=None if broker.mqtt5 else True,
        protocol=protocol,
        reconnect_on_failure=False,
        manual_ack=True,
    )
    client.max_inflight_messages = 0  # our window: paho's scans all in flight per PUBACK
    client.connect_timeout = CONNECT_S
    connection = Connection(broker, client)
    with contextlib.closing(connection):
        await connection.open(will)
        yield connection
