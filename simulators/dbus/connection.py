"""One client's socket: handshake, frames in, bytes out through asyncio's own writer.

asyncio's transport keeps what the kernel does not take yet; dbus-fast's writer dies of the first
EAGAIN (facts, "Pitfalls"), so a simulator must not borrow it.
"""

import asyncio
from typing import Protocol, cast

from typing_extensions import override

from simulators.dbus import message as wire
from simulators.dbus.auth import Handshake
from simulators.dbus.matching import MatchRule
from simulators.dbus.message import Kind, Message
from simulators.dbus.signature import WireError

MAX_UNSENT_BYTES = 8 << 20
"""8 MiB per client, 30,000 adverts: a minute of a busy store that nobody reads. Above it signals
for this client are dropped and counted; answers still go out, at most one per call."""


class Owner(Protocol):
    """The bus, as a connection sees it."""

    guid: str

    def opened(self, connection: "Connection") -> str:
        """Register the connection; returns its unique name."""
        ...

    def closed(self, connection: "Connection") -> None:
        """Forget the connection and its names."""
        ...

    def received(self, connection: "Connection", message: Message) -> None:
        """Act on a message of this client."""
        ...


class Connection(asyncio.Protocol):
    """A client of the bus. Closes itself on bytes that are no D-Bus."""

    def __init__(self, owner: Owner) -> None:
        """Made by the listening socket."""
        self._owner = owner
        self._handshake = Handshake(owner.guid)
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self.unique = ""
        self.rules: list[MatchRule] = []
        self.signals_dropped = 0
        self.drained = asyncio.Event()
        """Set while the kernel has taken every byte."""
        self.drained.set()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=0)
        self.unique = self._owner.opened(self)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self.drained.set()
        self._owner.closed(self)

    @override
    def pause_writing(self) -> None:
        self.drained.clear()

    @override
    def resume_writing(self) -> None:
        self.drained.set()

    @override
    def data_received(self, data: bytes) -> None:
        self._buffer += data
        try:
            if not self._handshake.finished:
                answers, self._buffer = self._handshake.receive(self._buffer)
                self._write(answers)
            if self._handshake.finished:
                self._take_messages()
        except WireError:
            self.close()

    @property
    def unsent(self) -> int:
        """Bytes that the kernel has not taken yet."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def send(self, message: Message, encoded: bytes) -> None:
        """Queue `message` for the client; a signal beyond the bound is dropped and counted."""
        if message.kind is Kind.SIGNAL and self.unsent > MAX_UNSENT_BYTES:
            self.signals_dropped += 1
            return
        self._write(encoded)

    def close(self) -> None:
        """Drop the client at once, with what it has not read."""
        if self._transport is not None:
            self._transport.abort()

    def _write(self, data: bytes) -> None:
        if self._transport is not None and data:
            self._transport.write(data)

    def _take_messages(self) -> None:
        start = 0
        while (length := wire.frame_length(self._buffer[start : start + wire.FIXED_HEADER])) and (
            start + length <= len(self._buffer)
        ):
            message = wire.decode(self._buffer[start : start + length])
            start += length
            self._owner.received(self, message)
        self._buffer = self._buffer[start:]
