"""A member of the bus that lives in this process: a simulated service without a socket."""

from collections.abc import Callable
from typing import Protocol

from simulators.dbus.message import Message

CallHandler = Callable[[Message], Message | None]
"""Answers a method call; None leaves the caller without a reply."""

SignalHandler = Callable[[Message], None]
"""Told every broadcast signal of the other members; a service looks at the few it knows."""

LeftHandler = Callable[[str], None]
"""Told the unique name of each member that has gone."""


class Switchboard(Protocol):
    """What a peer needs of the bus."""

    def route(self, message: Message) -> None:
        """Deliver `message`, whose sender is set, to whom it concerns."""
        ...

    def claim(self, name: str, unique: str) -> bool:
        """Give the well-known `name` to `unique`; False when somebody else has it."""
        ...

    def release(self, name: str, unique: str) -> bool:
        """Take `name` from `unique`; False when it did not have it."""
        ...


class Peer:
    """A service on the bus. Its calls are answered by `answer`, in the order they come."""

    def __init__(
        self,
        bus: Switchboard,
        unique: str,
        answer: CallHandler,
        left: LeftHandler,
        overhear: SignalHandler | None,
    ) -> None:
        """Made by `PrivateBus.join`."""
        self._bus = bus
        self._answer = answer
        self.unique = unique
        self.member_left = left
        self.overhear = overhear
        self._serial = 0

    def own(self, name: str) -> bool:
        """Take the well-known `name`; the bus announces NameOwnerChanged."""
        return self._bus.claim(name, self.unique)

    def disown(self, name: str) -> bool:
        """Lose `name`, as a process that ends does."""
        return self._bus.release(name, self.unique)

    def emit(self, message: Message) -> None:
        """Send a signal made by `simulators.dbus.message.signal`, or a call nobody awaits."""
        self._bus.route(self._numbered(message))

    def deliver(self, message: Message) -> None:
        """The bus hands over a message for this peer; its answer goes out at once."""
        if (answer := self._answer(message)) is not None and message.wants_reply:
            self._bus.route(self._numbered(answer))

    def _numbered(self, message: Message) -> Message:
        self._serial = self._serial % 0xFFFF_FFFF + 1
        return message.sent_by(self.unique, self._serial)
