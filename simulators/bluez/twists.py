"""Answers that are not what a method would answer: refused, never given, or given for nothing."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf

from simulators.bluez.objects import BluezError
from simulators.dbus import Message


class How(StrEnum):
    """What happens to a call."""

    REFUSED = "refused"
    """An error is answered, nothing is done."""

    UNANSWERED = "unanswered"
    """Nothing is done, no reply comes."""

    PRETENDED = "pretended"
    """Success is answered, nothing is done."""


@dataclass
class Twist:
    """What becomes of the next calls of a method.

    Attributes:
        member: the method.
        below: the object path at or below which it holds.
        times: how many calls more.
        error: for `How.REFUSED`, such as ``("InProgress", "Operation already in progress")``.
    """

    member: str
    how: How
    below: str
    times: float = inf
    error: tuple[str, str] = ("Failed", "Failed")

    def fits(self, path: str, member: str) -> bool:
        """Whether a call is one of those."""
        inside = path == self.below or path.startswith(f"{self.below}/")
        return self.times > 0 and inside and member == self.member


@dataclass
class Twists:
    """Those of one bluetoothd; a new one starts without any.

    Attributes:
        calls: how many were twisted.
        played: set as soon as one was.
    """

    calls: int = 0
    played: asyncio.Event = field(default_factory=asyncio.Event)
    _twists: list[Twist] = field(default_factory=list)

    def add(self, twist: Twist) -> None:
        """The newest that fits a call decides."""
        self._twists.insert(0, twist)

    def clear(self, members: Iterable[str] = ()) -> None:
        """Answer as usual again: these methods, or all."""
        gone = set(members)
        self._twists = [each for each in self._twists if gone and each.member not in gone]

    def take(self, call: Message) -> How | None:
        """What becomes of `call`; None for what always does. Raises `BluezError` when refused."""
        for each in self._twists:
            if each.fits(call.path, call.member):
                each.times -= 1
                self.calls += 1
                self.played.set()
                if each.how is How.REFUSED:
                    raise BluezError(*each.error)
                return each.how
        return None
