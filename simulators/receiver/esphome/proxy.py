"""A Bluetooth proxy on TCP: one subscriber, batches of what it hears, faults while it runs."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from simulators.receiver.esphome import noise, wire
from simulators.receiver.esphome.wire import (
    FEATURES,
    STATE_AND_MODE,
    Garbage,
    Kind,
    Packet,
    Scanner,
)
from simulators.receiver.lines import Fault

FLUSH_S = 0.1
"""Between batches; the firmware sends what it has ten times a second."""

MOST_WAITING = 256
"""Packets between two batches; the firmware's queue is shorter, the oldest give way."""

MAC = "AC:BC:32:89:0E:A9"

OTHER_KEY = bytes(noise.KEY_LENGTH)

BAD_START, WRONG_KEY = b"Bad indicator byte", b"Handshake MAC failure"
"""The firmware's own words for a client that does not encrypt, and for one with another key."""


@dataclass(eq=False)
class Connection:
    """One client of the API."""

    writer: asyncio.StreamWriter
    session: noise.Session | None

    def send(self, kind: Kind, body: bytes = b"") -> None:
        """Write a message; a client that is gone notices nothing."""
        whole = self.session.seal(kind, body) if self.session else wire.frame(kind, body)
        self.writer.write(whole)


class Proxy:
    """The device. `hear` and `switch` may be called at any time while it serves.

    Attributes:
        subscriber: who gets the packets; None while nobody does.
        connections: those that stand.
    """

    def __init__(self, name: str, key: bytes | None = None, *, features: int = FEATURES) -> None:
        """`key` of 32 bytes, None: plain text; `features` as its firmware has them."""
        self.subscriber: Connection | None = None
        self.connections: set[Connection] = set()
        self._name = name
        self._key = key
        self._features = features
        self._fault = Fault.NONE
        self._mended = asyncio.Event()
        self._mended.set()
        self._waiting: deque[Packet] = deque(maxlen=MOST_WAITING)

    def hear(self, address: str, rssi: int, ad: bytes) -> None:
        """Hear one advert, and pass it on with the next batch."""
        if self._fault not in {Fault.SILENCE, Fault.SCANNER}:
            self._waiting.append(Packet(address, rssi, ad))

    def switch(self, fault: Fault) -> None:
        """Have this fault from now on, in place of the one before."""
        self._fault = fault
        (self._mended.clear if fault is Fault.HANG else self._mended.set)()
        if fault in {Fault.DISCONNECT, Fault.WRONG_KEY, Fault.SECOND_SUBSCRIBER}:
            for connection in self.connections:
                connection.writer.transport.abort()
        if self.subscriber is not None:
            self._tell_scanner(self.subscriber)

    @asynccontextmanager
    async def serve(self, host: str, port: int) -> AsyncIterator[int]:
        """Serve the API while inside; yields the port."""
        async with asyncio.TaskGroup() as tasks:
            server = await asyncio.start_server(self._client, host, port)
            flushing = tasks.create_task(self._flush(), name="proxy: batches")
            try:
                yield int(server.sockets[0].getsockname()[1])
            finally:
                flushing.cancel()
                self._mended.set()
                server.close()
                for connection in self.connections:
                    connection.writer.transport.abort()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(writer, self._session())
        self.connections.add(connection)
        try:
            if self._fault is not Fault.DISCONNECT:
                await self._converse(connection, reader)
        except Garbage:
            writer.write(wire.REFUSAL if connection.session is None else noise.refusal(BAD_START))
        except noise.WrongKey:
            writer.write(noise.refusal(WRONG_KEY))
        except ConnectionError:
            pass
        finally:
            self.connections.discard(connection)
            if self.subscriber is connection:
                self.subscriber = None
            writer.close()

    def _session(self) -> noise.Session | None:
        if self._key is None and self._fault is not Fault.WRONG_KEY:
            return None
        key = OTHER_KEY if self._fault is Fault.WRONG_KEY else self._key
        return noise.Session(key or OTHER_KEY, self._name, MAC.replace(":", "").lower())

    async def _converse(self, connection: Connection, reader: asyncio.StreamReader) -> None:
        plain, buffer, greeted = wire.PlainReader(), bytearray(), False
        while data := await reader.read(4096):
            await self._mended.wait()
            if connection.session is None:
                for kind, body in plain.feed(data):
                    self._answer(connection, kind, body)
                continue
            buffer += data
            for content in noise.frames(buffer):
                if not greeted:
                    connection.writer.write(connection.session.greeting)
                    greeted = True
                elif not connection.session.open:
                    connection.writer.write(connection.session.shake(content))
                else:
                    self._answer(connection, *connection.session.unseal(content))

    def _answer(self, connection: Connection, kind: int, _body: bytes) -> None:
        match kind:
            case Kind.HELLO:
                connection.send(Kind.HELLO_RESPONSE, wire.hello(self._name))
            case Kind.AUTHENTICATION:
                connection.send(Kind.AUTHENTICATION_RESPONSE)
            case Kind.DEVICE_INFO:
                about = wire.device_info(
                    self._name, MAC, encrypted=self._key is not None, features=self._features
                )
                connection.send(Kind.DEVICE_INFO_RESPONSE, about)
            case Kind.PING:
                connection.send(Kind.PING_RESPONSE)
            case Kind.DISCONNECT:
                connection.send(Kind.DISCONNECT_RESPONSE)
                connection.writer.close()
            case Kind.SUBSCRIBE_ADVERTISEMENTS:
                self._subscribe(connection)
            case Kind.UNSUBSCRIBE_ADVERTISEMENTS if self.subscriber is connection:
                self.subscriber = None

    def _subscribe(self, connection: Connection) -> None:
        """The first is told the scanner's state at once; a second gets nothing, not even a no."""
        if self._fault is Fault.SECOND_SUBSCRIBER or self.subscriber is not None:
            return
        self.subscriber = connection
        self._tell_scanner(connection)

    def _tell_scanner(self, connection: Connection) -> None:
        if not self._features & STATE_AND_MODE:
            return
        state = Scanner.FAILED if self._fault is Fault.SCANNER else Scanner.RUNNING
        connection.send(Kind.SCANNER_STATE, wire.scanner_state(state))

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            while self._waiting and self._mended.is_set():
                count = min(len(self._waiting), wire.BATCH)
                batch = [self._waiting.popleft() for _ in range(count)]
                if self.subscriber is not None:
                    self.subscriber.send(Kind.RAW_ADVERTISEMENTS, wire.advertisements(batch))
