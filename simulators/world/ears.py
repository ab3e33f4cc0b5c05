"""A receiver's radio: which channel it listens to and when, how well, and what is drowned out."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from random import Random
from typing import Generic, TypeVar

from simulators.world.plan import Point, Receiver
from simulators.world.site import CHANNELS

SENSITIVITY_DBM = -94.0
"""Below this a receiver hears nothing; good BLE radios reach -95 dBm."""

LOUDEST_DBM = -20
"""What a controller reports at most: its amplifier is full."""

CAPTURE_DB = 8.0
"""A packet this much stronger than all that overlap it is received nevertheless (GFSK: 6 to 11)."""

IMPOSSIBLE_DBM = 127
"""Instead of a strength that a controller could not read (Core 5.4, vol 4 E 7.7.65.2)."""

UNREAD_EVERY = 3
"""One packet in so many of a radio that fails so."""

PDU_GAP_S = 0.000_7
"""Between the starts of an event's packets on 37, 38 and 39: 376 us on air and a change of tune."""

MOST_DRIFT_DB = 12.0
"""Where a drifting radio stops: what a failing amplifier or a wet antenna does."""

DRIFT_DB_PER_S = 0.1
"""Two minutes for all of it, so that a visitor sees it; in life it takes weeks."""

DEAF_DB = 30.0
"""An antenna that has come off: only what is within a metre or two is heard."""

SCREEN_DB = 12.0
"""A metal rack or a knot of people right before the receiver."""

SCREEN_HEADING, SCREEN_HALF_ANGLE = math.pi / 2, math.pi / 3
"""It stands on the side of growing y, and shades a third of the floor."""

_WINDOWS = {
    "bluez": (0.011_25, 0.011_25),
    "omg": (0.1, 0.1),
    "espresense": (0.04, 0.04),
    "esphome": (0.32, 0.32),
    "gateway": (0.011_25, 0.011_25),
}
"""Scan interval and window in seconds by kind of receiver. bluez: the kernel's discovery
(DISCOV_LE_SCAN_INT 0x12); the others as their pages advise, which is all the time."""

STARVED = (0.32, 0.03)
"""ESPHome's default: 30 ms of each 320 ms, 9.4 % of the time."""

MOST_AT_ONCE = 8
"""Packets that are looked at on either side: more never overlap at a rate that delivers any."""

Span = tuple[float, float, float]
"""A packet on the air: it begins, ends (seconds), and its strength in dBm."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Arrival(Generic[Item]):
    """A packet at an antenna.

    Attributes:
        at: second at which it begins.
        air_s: how long it lasts.
        dbm: its strength.
        lost: missed for the radio's own reasons; it drowns others nevertheless.
    """

    at: float
    air_s: float
    dbm: float
    lost: bool
    item: Item


class Ear:
    """One receiver's radio and its defects, each of which may be changed at any time.

    Attributes:
        offset_db: added to all it measures; radios of one make differ by some dB.
        deaf: its antenna is off.
        dead: it hears nothing at all.
        starved: it listens 9.4 % of the time.
        screened: something stands right before it, in the direction that `SCREEN_HEADING` says.
        unread: of every third packet it cannot say how strong it was.
        interference_per_s: packets that nobody can decode but that drown others.
    """

    def __init__(self, receiver: Receiver, random: Random) -> None:
        self.receiver = receiver
        self.offset_db = 0.0
        self.deaf = False
        self.dead = False
        self.starved = False
        self.screened = False
        self.unread = False
        self.interference_per_s = 0.0
        self._drifting_since: float | None = None
        self._phase = random.uniform(0, len(CHANNELS))
        self._tail: list[Span] = []
        self._read = 0

    def drift(self, since: float | None) -> None:
        """Begin to lose amplification at second `since`; None: mended."""
        self._drifting_since = since

    @property
    def drifting(self) -> bool:
        """Whether it loses amplification."""
        return self._drifting_since is not None

    def hears(self, at: float) -> tuple[int, float] | None:
        """Channel and moment at which an event that begins `at` is received; None: on none."""
        for place, channel in enumerate(CHANNELS):
            moment = at + place * PDU_GAP_S
            if self._tuned(moment) == channel:
                return channel, moment
        return None

    def gain(self, here: Point, at: float) -> float:
        """What dB the radio's own state adds to a packet from `here` at second `at`."""
        gain = self.offset_db - DEAF_DB * self.deaf
        if self._drifting_since is not None:
            gain -= min(MOST_DRIFT_DB, (at - self._drifting_since) * DRIFT_DB_PER_S)
        if self.screened and _angle(self.receiver.position, here) < SCREEN_HALF_ANGLE:
            gain -= SCREEN_DB
        return gain

    def rssi(self, dbm: float) -> int:
        """What it reports of a packet that arrived with `dbm`."""
        self._read += 1
        if self.unread and self._read % UNREAD_EVERY == 0:
            return IMPOSSIBLE_DBM
        return min(LOUDEST_DBM, round(dbm))

    def drowned_share(self, air_s: float) -> float:
        """The share of packets of `air_s` that interference drowns (unslotted ALOHA)."""
        return 1 - math.exp(-2 * air_s * self.interference_per_s)

    def sort_out(self, arrivals: Sequence[Arrival[Item]]) -> Iterator[Arrival[Item]]:
        """Those of `arrivals` (in order of time) that no other one drowns.

        The radio is tuned to one channel at a time, so whatever overlaps in time collides. What
        was already passed on of the tick before is not taken back.
        """
        air = [*self._tail, *((one.at, one.at + one.air_s, one.dbm) for one in arrivals)]
        for place, one in enumerate(arrivals, len(self._tail)):
            if one.dbm >= SENSITIVITY_DBM and not _drowned(air, place):
                yield one
        if air:
            self._tail = [each for each in air[-MOST_AT_ONCE:] if each[1] > air[-1][0]]

    def _tuned(self, at: float) -> int | None:
        if self.dead:
            return None
        interval, window = STARVED if self.starved else _WINDOWS[self.receiver.kind]
        turns = at / interval + self._phase
        if (turns % 1.0) * interval > window:
            return None
        return 37 + int(turns) % 3


def _drowned(air: Sequence[Span], place: int) -> bool:
    """Whether a packet that overlaps the one at `place` is too strong beside it."""
    begins, ends, dbm = air[place]
    around = (
        *takewhile(
            lambda other: other[1] > begins, reversed(air[max(0, place - MOST_AT_ONCE) : place])
        ),
        *takewhile(lambda other: other[0] < ends, air[place + 1 : place + 1 + MOST_AT_ONCE]),
    )
    return any(dbm < other[2] + CAPTURE_DB for other in around)


def _angle(origin: Point, here: Point) -> float:
    """Between `SCREEN_HEADING` and the direction from `origin` to `here`; 0 to pi."""
    away = math.atan2(here[1] - origin[1], here[0] - origin[0]) - SCREEN_HEADING
    return abs(math.remainder(away, 2 * math.pi))
