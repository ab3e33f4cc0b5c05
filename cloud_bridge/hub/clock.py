"""The hub's wall time: read here and nowhere else; everything else is given a moment."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present moment in UTC."""


def system_clock() -> datetime:
    """The machine's wall clock, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the hub's one reader of wall time


def stamp(moment: datetime) -> str:
    """`moment` as the database keeps it: ISO 8601, UTC, microseconds; sorts as text."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
