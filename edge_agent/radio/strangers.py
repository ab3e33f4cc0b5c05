"""How many unknown transmitters were about: a number per hour and per day, and nothing else.

Linear counting (Whang, Vander-Zanden, Taylor, "A linear-time probabilistic counting algorithm",
1990): each transmitter sets one bit of a map, and the share of bits that are still clear tells how
many there were. Which bit it is depends on a salt that is thrown away at midnight, so that nobody
can be told from one day to the next; a map is cleared as soon as its number is read.
"""

import math
from collections import deque
from datetime import UTC, date, datetime, timedelta, tzinfo
from secrets import token_hex
from typing import Final, NamedTuple

from edge_agent.kernel.clock import Instant

MAP_BITS: Final = 1 << 16
"""8 KiB. Of 20,000 transmitters, a busy day, the count errs by 0.3 % (standard error, equation of
the paper); it can tell some 700,000."""

HOURS_KEPT: Final = 48
"""Numbers; yesterday stands beside today."""


class Hour(NamedTuple):
    """How many there were in the hour that began at `start`, UTC."""

    start: datetime
    transmitters: int


class _Map:
    """The bits of one count."""

    def __init__(self) -> None:
        self.bits = bytearray(MAP_BITS // 8)

    def count(self) -> int:
        clear = MAP_BITS - int.from_bytes(self.bits, "big").bit_count()
        return round(MAP_BITS * math.log(MAP_BITS / max(1, clear)))


class Strangers:
    """Counts, in memory only."""

    def __init__(self, timezone: tzinfo = UTC) -> None:
        """Hours and midnight are those of `timezone`."""
        self._timezone = timezone
        self._hours: deque[Hour] = deque(maxlen=HOURS_KEPT)
        self._salt = token_hex(8)
        self._day: date | None = None
        self._start = self._end = datetime.fromtimestamp(0, UTC)
        self._of_hour, self._of_day = _Map(), _Map()

    def count(self, transmitter: str, now: Instant) -> None:
        """An unknown transmitter was heard; `transmitter` is its address or what it says."""
        if not self._start <= now.wall < self._end:
            self._turn(now)
        bit = hash(self._salt + transmitter) & MAP_BITS - 1
        place, mask = bit >> 3, 1 << (bit & 7)
        self._of_hour.bits[place] |= mask
        self._of_day.bits[place] |= mask

    def hours(self, now: Instant) -> list[Hour]:
        """The hours in which any was heard, the present one last."""
        if not self._start <= now.wall < self._end:
            self._turn(now)
        return [*self._hours, Hour(self._start, self._of_hour.count())]

    def today(self, now: Instant) -> int:
        """How many there were since midnight."""
        if not self._start <= now.wall < self._end:
            self._turn(now)
        return self._of_day.count()

    def _turn(self, now: Instant) -> None:
        """Begin the hour of `now`; with a new day begin with a new salt."""
        if self._day is not None and (heard := self._of_hour.count()):
            self._hours.append(Hour(self._start, heard))
        local = now.wall.astimezone(self._timezone)
        if local.date() != self._day:
            self._day, self._salt, self._of_day = local.date(), token_hex(8), _Map()
        self._of_hour = _Map()
        self._start = local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
        self._end = self._start + timedelta(hours=1)
