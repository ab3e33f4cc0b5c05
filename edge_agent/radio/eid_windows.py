"""Rotating identifiers, reckoned before they are sent, so that hearing one is a look-up.

Each beacon's identifiers are held for the window that its clock should be in, at least one window
on either side, and more the longer it was not heard: a beacon's clock drifts by 150 ppm, 13 s a
day (google/eddystone, eid-computation.md). Time here is UTC in seconds since 1970; the windows are
those of `device_profiles.beacons.eid`.
"""

import math
from dataclasses import dataclass, field
from heapq import heappop, heappush

from device_profiles.beacons import EddystoneEtlm, EddystoneTlm
from device_profiles.beacons.eid import eids
from device_profiles.beacons.etlm import plaintext, telemetry
from device_profiles.beacons.keys import BeaconKey

DRIFT = 150e-6
"""Seconds per second; what the crystals of beacons are specified to keep."""

SLACK_S = 15.0
"""Between an identifier's sending and its being looked up: gateways that batch say it that late.
Also what a clock may have been misread by at enrolment."""

LEAD_S = 8.0
"""A window is reckoned this long before it can be heard: 50,000 beacons that rotate at the same
second take 2 s, on a small gateway a little less than 8."""

MOST_WINDOWS = 32
"""Either side: what drift makes of 7 years at 2**10 s, of 2 months at 2**4 s."""

POWER_LOSS_AFTER_S = 3600.0
"""A beacon unheard for this long may have lost its power, and with it the time."""

POWER_LOSS_S = 86_400.0
"""A beacon saves its clock daily, so it comes back at most a day behind. The other side is held
too, for one that was believed to have come back so and had not (somebody replayed its past)."""

LEAST_PERIOD_S = 512
"""Of a beacon that changes faster, only a part of the day before is held."""

POWER_LOSSES = 1024
"""Beacons up to which a power loss is reckoned with: 170 identifiers each, 25 MB in all. In a
larger crowd a shopper whose beacon lost the time enrols it again."""

AT_ONCE = 64
"""Identifiers in one slice: 2 ms on a desktop core, 10 on a small gateway's."""


@dataclass(slots=True)
class _Beacon:
    """One beacon's clock and what is held of it.

    Attributes:
        offset: its clock less UTC, as believed now.
        anchor, anchor_at: the offset as it was read, and when; drift is reckoned from here. None
            until its first turn: it was read just now.
        heard_at: when `offset` was last confirmed.
        eids: identifiers by window.
        turn: of its entry in the queue.
    """

    key: BeaconKey
    secret: bytes = field(repr=False)
    offset: float
    anchor: float
    anchor_at: float | None
    heard_at: float = 0.0
    eids: dict[int, bytes] = field(default_factory=dict, repr=False)
    turn: int = 0

    @property
    def period(self) -> int:
        """Seconds that one identifier lasts."""
        return 1 << self.key.rotation_exponent


class EidWindows:
    """The identifiers of all enrolled beacons around now."""

    def __init__(self) -> None:
        self._beacons: dict[str, _Beacon] = {}
        self._by_eid: dict[bytes, _Beacon] = {}
        self._new: dict[str, _Beacon] = {}
        self._queue: list[tuple[float, int]] = []
        self._turns: dict[int, _Beacon] = {}
        self._last_turn = 0

    def __len__(self) -> int:
        """Identifiers held."""
        return len(self._by_eid)

    def enrol(self, key: BeaconKey) -> None:
        """Know a beacon by its `eid_key`; its identifiers are there after the work that is due."""
        if key.eid_key is None:
            return
        self.withdraw(key.identity)
        offset, read_at = key.clock_offset_s, key.clock_read_at_s
        beacon = _Beacon(key, key.eid_key, offset, offset, read_at)
        self._beacons[key.identity] = self._new[key.identity] = beacon

    def withdraw(self, identity: str) -> None:
        """Forget a beacon, its key and its identifiers."""
        beacon = self._beacons.pop(identity, None)
        if beacon is None:
            return
        self._new.pop(identity, None)
        self._turns.pop(beacon.turn, None)
        for one in beacon.eids.values():
            self._by_eid.pop(one, None)
        beacon.eids.clear()

    def resolve(self, eid: bytes, utc_s: float) -> str | None:
        """Whose identifier it is; None for a stranger's, or one that is too old or too new."""
        beacon = self._by_eid.get(eid)
        if beacon is None:
            return None
        window = next(window for window, one in beacon.eids.items() if one == eid)
        self._learn(beacon, window, utc_s)
        return beacon.key.identity

    def open(self, identity: str, frame: EddystoneEtlm, utc_s: float) -> EddystoneTlm | None:
        """Encrypted telemetry of a beacon; None when it is not its, or its clock is elsewhere."""
        beacon = self._beacons.get(identity)
        if beacon is None:
            return None
        exponent = beacon.key.rotation_exponent
        now = math.floor((utc_s + beacon.offset) / beacon.period)
        for window in (now, now - 1, now + 1):
            plain = plaintext(frame, beacon.secret, exponent, window)
            if plain is not None:
                return telemetry(plain)
        return None

    def due_s(self, utc_s: float) -> float:
        """Seconds until there is work; 0 when there is some, infinite without beacons."""
        if self._new:
            return 0.0
        return max(0.0, self._queue[0][0] - utc_s) if self._queue else math.inf

    def work(self, utc_s: float) -> int:
        """One slice of what is due; the identifiers reckoned and beacons looked at."""
        done = 0
        while done < AT_ONCE and (beacon := self._next(utc_s)) is not None:
            done += 1 + self._refresh(beacon, utc_s, AT_ONCE - done)
        return done

    def clock_jumped(self) -> None:
        """The wall clock was set: what was learned by the old one is void, and all is due."""
        self._queue.clear()
        self._turns.clear()
        self._new = dict(self._beacons)

    def _next(self, utc_s: float) -> _Beacon | None:
        """A beacon that is due, taken out of the queue."""
        if self._new:
            _, beacon = self._new.popitem()
            beacon.offset = beacon.anchor
            beacon.heard_at = utc_s if beacon.anchor_at is None else beacon.anchor_at
            beacon.anchor_at = beacon.heard_at
            return beacon
        while self._queue and self._queue[0][0] <= utc_s:
            due = self._turns.pop(heappop(self._queue)[1], None)
            if due is not None:
                return due
        return None

    def _schedule(self, beacon: _Beacon, at: float) -> None:
        """Put it into the queue; an earlier entry of it becomes void."""
        self._turns.pop(beacon.turn, None)
        self._last_turn += 1
        beacon.turn = self._last_turn
        self._turns[beacon.turn] = beacon
        heappush(self._queue, (at, beacon.turn))

    def _refresh(self, beacon: _Beacon, utc_s: float, most: int) -> int:
        """Hold the windows around now, at most `most` new ones; how many were reckoned."""
        wanted = self._wanted(beacon, utc_s)
        for window in [window for window in beacon.eids if window not in wanted]:
            self._by_eid.pop(beacon.eids.pop(window), None)
        clock = utc_s + beacon.offset
        missing = [window for window in wanted if window not in beacon.eids]
        missing.sort(key=lambda window: abs(window * beacon.period - clock))
        exponent = beacon.key.rotation_exponent
        for window, one in eids(beacon.secret, exponent, missing[:most]):
            beacon.eids[window] = one
            self._by_eid[one] = beacon
        next_window = beacon.period - clock % beacon.period
        self._schedule(beacon, utc_s if len(missing) > most else utc_s + next_window)
        return min(len(missing), most)

    def _wanted(self, beacon: _Beacon, utc_s: float) -> range:
        """The windows in which its clock may be until the next refresh, and `LEAD_S` more."""
        unheard = max(0.0, utc_s - beacon.heard_at)
        margin, most = SLACK_S + DRIFT * unheard, MOST_WINDOWS
        if unheard > POWER_LOSS_AFTER_S and len(self._beacons) <= POWER_LOSSES:
            margin += POWER_LOSS_S
            most = math.ceil(margin / max(beacon.period, LEAST_PERIOD_S))
        clock, period = utc_s + beacon.offset, beacon.period
        now = math.floor(clock / period)
        behind = min(most, max(1, now - math.floor((clock - margin) / period)))
        ahead = min(most, math.floor((clock + margin + LEAD_S) / period) - now + 1)
        return range(now - behind, now + ahead + 1)

    def _learn(self, beacon: _Beacon, window: int, utc_s: float) -> None:
        """Move the clock no further than into the window that was heard.

        Farther from where it was read than drift can have taken it, it is a replay or a power
        loss: the latter is believed only of a beacon that was silent for long.
        """
        low = window * beacon.period - utc_s
        offset = min(max(beacon.offset, low), low + beacon.period)
        anchor_at = utc_s if beacon.anchor_at is None else beacon.anchor_at
        drift = SLACK_S + DRIFT * max(0.0, utc_s - anchor_at)
        if abs(offset - beacon.anchor) > drift:
            if utc_s - beacon.heard_at < POWER_LOSS_AFTER_S:
                return
            beacon.anchor, beacon.anchor_at = offset, utc_s
            self._schedule(beacon, utc_s)
        beacon.offset, beacon.heard_at = offset, utc_s
