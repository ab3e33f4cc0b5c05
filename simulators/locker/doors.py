"""Doors with a latch, a spring and something or nothing behind them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Position(Enum):
    """Where a door is."""

    SHUT = "shut"
    AJAR = "ajar"
    """Unlatched, pushed a finger wide by its spring; nobody has pulled it yet."""
    WIDE = "wide"


class DoorIsShut(Exception):
    """A person wants to reach through a door that is shut."""


@dataclass(slots=True)
class Compartment:
    """One door and what lies behind it."""

    position: Position = Position.SHUT
    goods: bool = False


class Cabinet:
    """All doors of a bank, numbered from 1, and what people do with them.

    `tell(event, door)` hears of every movement that really takes place.
    """

    def __init__(self, doors: int, tell: Callable[[str, int], None]) -> None:
        self._compartments = {number: Compartment() for number in range(1, doors + 1)}
        self._tell = tell

    def __getitem__(self, door: int) -> Compartment:
        return self._compartments[door]

    def __len__(self) -> int:
        return len(self._compartments)

    def unlatch(self, door: int) -> None:
        """The latch lets go and the spring pushes; nothing happens to a door that is not shut."""
        if self[door].position is Position.SHUT:
            self._move(door, Position.AJAR, "unlatched")

    def pull(self, door: int) -> bool:
        """Somebody pulls; False when the door is shut and holds."""
        if self[door].position is Position.AJAR:
            self._move(door, Position.WIDE, "opened")
        return self[door].position is Position.WIDE

    def close(self, door: int) -> None:
        """Somebody pushes the door until the latch holds."""
        if self[door].position is not Position.SHUT:
            self._move(door, Position.SHUT, "closed")

    def put(self, door: int) -> None:
        """Somebody puts goods in; raises `DoorIsShut`."""
        self._reach_in(door, goods=True, event="goods_in")

    def take(self, door: int) -> None:
        """Somebody takes the goods out; raises `DoorIsShut`."""
        self._reach_in(door, goods=False, event="goods_out")

    def _reach_in(self, door: int, *, goods: bool, event: str) -> None:
        if not self.pull(door):
            text = f"door {door} is shut"
            raise DoorIsShut(text)
        if self[door].goods is not goods:
            self[door].goods = goods
            self._tell(event, door)

    def _move(self, door: int, position: Position, event: str) -> None:
        self[door].position = position
        self._tell(event, door)
