"""What every family of lock boards can do, in one vocabulary: read the sensors, pulse a lock.

A bank is one or more boards on one line. Boards count from 0, as their address switches do;
locks count from 1 within a board, as printed beside the terminals.
"""

from dataclasses import dataclass
from typing import Protocol


class LockerError(Exception):
    """Something between us and the board; the text is fit for a technician."""


class BoardSilent(LockerError):
    """A board gave no valid answer in time; the line itself may be well."""


class LineLost(LockerError):
    """The serial line has gone: unplugged, closed or failing. This driver is of no more use."""


@dataclass(frozen=True, slots=True)
class BoardStatus:
    """One reading of a board, polarity already applied; index 0 is lock 1.

    Attributes:
        closed: whether each lock's hook holds.
        occupied: whether something lies before each infrared sensor; None where there is none.
    """

    closed: tuple[bool, ...]
    occupied: tuple[bool | None, ...]


class Driver(Protocol):
    """A family's driver on an open line. One request is on the line at a time."""

    async def status(self, board: int) -> BoardStatus:
        """Read a board's sensors; raises `BoardSilent` or `LineLost`."""
        ...

    async def unlock(self, board: int, lock: int) -> None:
        """Pulse one lock once; raises `LineLost`.

        Says nothing about the door: only a later status does.
        """
        ...
