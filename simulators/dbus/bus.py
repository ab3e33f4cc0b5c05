"""The bus: a listening socket, its members, and the routing between them."""

import asyncio
import itertools
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from simulators.dbus import driver as bus_driver
from simulators.dbus.connection import Connection
from simulators.dbus.driver import Driver
from simulators.dbus.matching import MatchRule
from simulators.dbus.message import Kind, Message, signal
from simulators.dbus.peer import CallHandler, LeftHandler, Peer, SignalHandler

MAX_SOCKET_PATH = 107
"""Bytes of a Unix socket's path (sun_path has 108 with the closing zero, unix(7))."""

DRAIN_S = 5.0
"""Seconds given to clients to read what waits for them; a healthy one takes 8 MiB in 3 s."""


class PrivateBus:
    """A message bus on a Unix socket, in the running event loop.

    `async with PrivateBus(path) as bus` listens and, on leaving, drops every client and removes
    the socket. Raises `ValueError` for a path that no socket can have, `OSError` when listening
    fails.
    """

    def __init__(self, socket_path: Path) -> None:
        """`socket_path` must not exist, or be a socket that nobody listens on."""
        if len(bytes(socket_path)) > MAX_SOCKET_PATH:
            text = f"{socket_path} is longer than {MAX_SOCKET_PATH} bytes; choose a shorter path"
            raise ValueError(text)
        self.guid = uuid.uuid4().hex
        self._path = socket_path
        self._server: asyncio.Server | None = None
        self._numbers = itertools.count(1)
        self._serials = itertools.count(1)
        self._driver = Driver(self)
        self._connections: dict[str, Connection] = {}
        self._peers: dict[str, Peer] = {}
        self._owners: dict[str, str] = {}
        self._dropped_by_former_clients = 0

    @property
    def address(self) -> str:
        """The value for DBUS_SYSTEM_BUS_ADDRESS."""
        return f"unix:path={self._path}"

    @property
    def signals_dropped(self) -> int:
        """Signals that clients did not get because they had stopped reading."""
        present = sum(each.signals_dropped for each in self._connections.values())
        return self._dropped_by_former_clients + present

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.shut()

    async def listen(self) -> None:
        """Open the socket again after `shut`; a repeat does nothing."""
        if self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_unix_server(lambda: Connection(self), str(self._path))

    async def shut(self) -> None:
        """Close the socket and drop every client, as a killed dbus-daemon does."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        with suppress(FileNotFoundError):
            self._path.unlink()
        for connection in list(self._connections.values()):
            connection.close()
        await server.wait_closed()

    async def drain(self, limit_s: float = DRAIN_S) -> bool:
        """Wait until the kernel has taken everything; False when a client does not read."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                for each in list(self._connections.values()):
                    await each.drained.wait()
        return not any(each.unsent for each in self._connections.values())

    def join(
        self,
        answer: CallHandler,
        member_left: LeftHandler,
        overhear: SignalHandler | None = None,
    ) -> Peer:
        """A new member in this process."""
        unique = self._next_unique()
        self._peers[unique] = Peer(self, unique, answer, member_left, overhear)
        return self._peers[unique]

    def owner(self, name: str) -> str | None:
        """The unique name behind `name`, None when nobody has it."""
        if name in self._connections or name in self._peers or name == bus_driver.NAME:
            return name
        return self._owners.get(name)

    def names(self) -> list[str]:
        """Every name on the bus."""
        return [bus_driver.NAME, *self._connections, *self._peers, *self._owners]

    def claim(self, name: str, unique: str) -> bool:
        """Give `name` to `unique`; False when somebody else has it or it is no well-known name."""
        if name.startswith(":") or self._owners.setdefault(name, unique) != unique:
            return False
        self._announce(name, "", unique)
        return True

    def release(self, name: str, unique: str) -> bool:
        """Take `name` from `unique`; False when it did not have it."""
        if self._owners.get(name) != unique:
            return False
        del self._owners[name]
        self._announce(name, unique, "")
        return True

    def route(self, message: Message) -> None:
        """Deliver `message`, whose sender is set, to its destination or to all who asked for it."""
        encoded = message.encode()
        for connection in self._recipients(message):
            connection.send(message, encoded)
        if message.destination:
            self._hand_to_peer(message)

    def opened(self, connection: Connection) -> str:
        """Register a client; returns its unique name."""
        unique = self._next_unique()
        self._connections[unique] = connection
        return unique

    def closed(self, connection: Connection) -> None:
        """Forget a client and tell the others."""
        self._connections.pop(connection.unique, None)
        self._dropped_by_former_clients += connection.signals_dropped
        for name in [name for name, unique in self._owners.items() if unique == connection.unique]:
            self.release(name, connection.unique)
        self._announce(connection.unique, connection.unique, "")
        for peer in self._peers.values():
            peer.member_left(connection.unique)

    def received(self, connection: Connection, message: Message) -> None:
        """A client's message: for the bus itself, or to be routed with its sender stamped."""
        stamped = message.sent_by(connection.unique, message.serial)
        if stamped.destination == bus_driver.NAME:
            answer = self._driver.answer(connection, stamped)
            if stamped.wants_reply:
                self.route(answer.sent_by(bus_driver.NAME, next(self._serials)))
            return
        if stamped.destination and self.owner(stamped.destination) is None:
            self._refuse_unknown(stamped)
            return
        self.route(stamped)
        if stamped.kind is Kind.SIGNAL and not stamped.destination:
            for peer in self._peers.values():
                if peer.overhear is not None:
                    peer.overhear(stamped)

    def _refuse_unknown(self, call: Message) -> None:
        if call.wants_reply:
            refusal = call.refusal(
                f"{bus_driver.NAME}.Error.ServiceUnknown",
                f"The name {call.destination} was not provided by any .service files",
            )
            self.route(refusal.sent_by(bus_driver.NAME, next(self._serials)))

    def _next_unique(self) -> str:
        return f":1.{next(self._numbers)}"

    def _recipients(self, message: Message) -> Iterator[Connection]:
        if message.destination:
            unique = self.owner(message.destination)
            if unique in self._connections:
                yield self._connections[unique]
        elif message.kind is Kind.SIGNAL:
            for connection in self._connections.values():
                if any(self._wanted(rule, message) for rule in connection.rules):
                    yield connection

    def _wanted(self, rule: MatchRule, message: Message) -> bool:
        """A rule may name the sender by any of its names; messages carry the unique one."""
        if not rule.matches(message):
            return False
        return not rule.sender or self.owner(rule.sender) == message.sender

    def _hand_to_peer(self, message: Message) -> None:
        peer = self._peers.get(self.owner(message.destination) or "")
        if peer is not None and message.kind is Kind.CALL:
            peer.deliver(message)

    def _announce(self, name: str, old: str, new: str) -> None:
        changed = signal(
            bus_driver.PATH, bus_driver.NAME, "NameOwnerChanged", "sss", name, old, new
        )
        self.route(changed.sent_by(bus_driver.NAME, next(self._serials)))
