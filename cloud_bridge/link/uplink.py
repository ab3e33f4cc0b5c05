"""Which facts go up next, and what the hub's word means. Pure: time is an argument.

A lane's facts are handed over from the cursor on, one batch in flight for `pickup` and one for all
other lanes, which is no larger than half a second of the line (`pace`). A batch that the broker has
and the hub does not acknowledge in time is read from the log anew and sent again; doubles are the
hub's to drop. Whenever hub and store disagree the store says hello, and
until that is answered nothing goes up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from cloud_bridge.link.pace import Allowance, Line
from cloud_bridge.link.ports import LaneState
from cloud_bridge.wire.batch import MOST_FACTS
from cloud_bridge.wire.envelope import Lane
from cloud_bridge.wire.messages import Ack, Hello, LaneAck

RESEND_S = 5.0
"""First wait for the hub's acknowledgement: a phone network's bad second plus a hub's busy one."""

LONGEST_RESEND_S = 15.0
"""Cap of the doubling wait: 64 KiB every 15 s is what a hub that is down may cost."""

HELLO_PAUSE_S = 1.0
"""First wait between two hellos of a store in doubt: longer than an answer takes."""

HELLO_AGAIN_S = 900.0
"""Every store says hello this often, so that a delta that the hub never sent is missed for a
quarter of an hour at most (contract, "State streams")."""

QUIET_S = 60.0
"""A store that had nothing to hand over for so long says hello, to learn whether the hub is there:
as soon as keep-alive finds a dead broker. Ten thousand silent stores cost a hub 167 hellos/s."""

FENCED_AGAIN_S = 60.0
"""A fenced gateway asks this often whether the other one has gone."""

SILENT_S = 20.0
"""A hub that owes an answer for longer counts as away: past the first resend and its answer."""

TURNS_PER_SHARE = 20
"""One batch in 20 is the 5 % that the contract promises each lane below `record`."""

_FAVOURED = (Lane.COUPON, Lane.STOCK, Lane.RECORD)
_SHARED = (Lane.MIRROR, Lane.PRESENCE, Lane.TELEMETRY)


class Phase(Enum):
    """Where store and hub stand with each other on this connection."""

    DOUBT = auto()  # a hello is due
    ASKING = auto()  # a hello is out
    OPEN = auto()
    FENCED = auto()


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Effect: the hub holds these lanes up to these sequences."""

    epoch: int
    cursors: dict[str, int]
    quarantined: tuple[str, ...] = ()
    """Ids among these facts that the hub keeps apart."""


@dataclass(frozen=True, slots=True)
class Renumber:
    """Effect: number what waits from 1 under this epoch before anything else goes up."""

    epoch: int


Effect = Acknowledge | Renumber


@dataclass(frozen=True, slots=True)
class Wanted:
    """A batch that may go now: of `lane`, from above this sequence, no larger than this."""

    lane: str
    above: int
    most_facts: int
    most_bytes: int


@dataclass(frozen=True, slots=True)
class Flight:
    """A batch that is on its way and not acknowledged by the hub.

    Attributes:
        size: bytes on the wire.
        resend_at: None until the broker has it: what still waits for the line need not go twice.
    """

    lane: str
    last: int
    size: int
    sent_at: float
    resend_at: float | None = None


@dataclass(slots=True)
class _Track:
    """One batch at a time; `tries` and `owed_since` count from the hub's last acknowledgement."""

    flight: Flight | None = None
    tries: int = 0
    owed_since: float = 0.0

    @property
    def resend_at(self) -> float | None:
        """When what is in flight goes again; None when nothing is, or it still waits."""
        return None if self.flight is None else self.flight.resend_at

    def free(self, now: float) -> bool:
        """Whether the next batch may go."""
        return self.flight is None or (self.resend_at is not None and now >= self.resend_at)


@dataclass(slots=True)
class Uplink:
    """The state of one connection's uplink. A new connection starts with a new one.

    Attributes:
        leads: whether the hub has accepted this gateway on this connection and not fenced it since.
        quarantined: facts that the hub took on this connection and keeps apart.
    """

    phase: Phase = Phase.DOUBT
    epoch: int = 0
    leads: bool = False
    quarantined: int = 0
    _refused: str = ""
    _stalled: dict[str, str] = field(default_factory=dict)
    _session: str = ""
    _hello: Hello | None = None
    _hello_at: float = 0.0
    _spoke_at: float = 0.0
    _asked_since: float | None = None
    _hellos: int = 0
    _hurried: bool = False
    _cursors: dict[str, int] = field(default_factory=dict)
    _sent: dict[str, int] = field(default_factory=dict)
    _pickup: _Track = field(default_factory=_Track)
    _rest: _Track = field(default_factory=_Track)
    _line: Line = field(default_factory=Line)
    _allowance: Allowance = field(default_factory=Allowance)
    _passed_over: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_SHARED, 0))

    @property
    def refusal(self) -> str:
        """Why a lane waits, or the hub's last refusal; empty when all is well."""
        return next(iter(self._stalled.values()), self._refused)

    def doubt(self) -> None:
        """Something does not fit: say hello as soon as it is due."""
        if self.phase is Phase.OPEN:
            self.phase = Phase.DOUBT

    def hello_at(self) -> float:
        """When the next hello is due, in monotonic seconds; 0 for the first of a connection."""
        if self._hellos == 0:
            return 0.0
        if self.phase is Phase.OPEN:
            return min(self._hello_at + HELLO_AGAIN_S, self._spoke_at + QUIET_S)
        wait = {
            Phase.DOUBT: _doubling(HELLO_PAUSE_S, self._hellos),
            Phase.ASKING: _doubling(HELLO_PAUSE_S if self._hurried else RESEND_S, self._hellos),
            Phase.FENCED: FENCED_AGAIN_S,
        }[self.phase]
        return self._hello_at + wait

    def said_hello(self, hello: Hello, now: float) -> None:
        """`hello` goes out; what was in flight is decided by its answer, what stalled is tried."""
        self._hellos = 1 if self.phase is Phase.OPEN else self._hellos + 1
        if self._asked_since is None:
            self._asked_since = min([now, *self._owed_since()])
        self.phase, self._hello, self._hello_at = Phase.ASKING, hello, now
        self._spoke_at = now
        self._hurried = False
        self._stalled.clear()
        self._pickup, self._rest = _Track(), _Track()

    def heard(self, ack: Ack, now: float) -> Effect | None:
        """What the hub's word asks of the store. An answer to an older hello asks nothing."""
        if ack.answers is not None:
            if self._hello is None or ack.answers != self._hello.id:
                return None
            return self._answered(ack, now)
        if ack.hello and self.phase is Phase.FENCED:
            self.phase = Phase.DOUBT
        self._hurried = ack.hello  # ours may have gone out before the hub was there to hear it
        if self.phase is not Phase.OPEN:
            return None
        self._refused = ack.refused
        if ack.refused:
            self._stall_refused(ack)
            return None
        if ack.hello or ack.fenced or (ack.epoch, ack.session) != (self.epoch, self._session):
            self.doubt()
            return None
        self._allowance.set(ack.rate, now)
        return self._advance(ack.lanes, now)

    def _answered(self, ack: Ack, now: float) -> Effect | None:
        hello, self._hello = self._hello, None
        self._asked_since = None
        assert hello is not None  # noqa: S101 - `heard` compared its id
        self._refused = ack.refused
        if ack.refused:
            return None
        if ack.fenced:
            self.phase, self.leads = Phase.FENCED, False
            return None
        if ack.granted != (ack.epoch > hello.epoch) or ack.epoch < hello.epoch:
            self.phase = Phase.DOUBT
            return None
        self.phase, self.leads = Phase.OPEN, True
        self._allowance.set(ack.rate, now)
        self.epoch, self._session = ack.epoch, hello.id
        if ack.granted:
            self._cursors = {}
        else:
            self._cursors = {name: lane.cursor for name, lane in hello.lanes.items()}
        self._sent = dict(self._cursors)
        return Renumber(ack.epoch) if ack.granted else None

    def _advance(self, lanes: Mapping[str, LaneAck], now: float) -> Effect | None:
        """Believe the hub's cursors, but no further than what went up under this hello.

        The hub compares what is handed over again with what it holds; what was not handed over
        under this hello it cannot have compared, so it may be another store's past.
        """
        moved: dict[str, int] = {}
        quarantined: list[str] = []
        for lane, word in lanes.items():
            known = self._cursors.get(lane, 0)
            if word.expected is not None and word.cursor < known:
                self.doubt()
                return None
            reached = min(word.cursor, self._sent.get(lane, 0))
            if reached > known:
                self._cursors[lane] = moved[lane] = reached
                quarantined += word.quarantined
            self._land(lane, word, now)
        if not moved:
            return None
        self._hellos = 1
        self.quarantined += len(quarantined)
        return Acknowledge(self.epoch, moved, tuple(quarantined))

    def _land(self, lane: str, word: LaneAck, now: float) -> None:
        track = self._track(lane)
        flight = track.flight
        if flight is None or flight.lane != lane:
            return
        if word.cursor >= flight.last:
            if track.tries == 1:  # of a batch that went twice nobody knows which was answered
                self._line.measured(flight.size, now - flight.sent_at)
            track.flight, track.tries = None, 0
        elif word.expected is not None:
            track.flight = None

    def _stall_refused(self, ack: Ack) -> None:
        """Let the lane of a refused batch wait for the next hello, so that the others go on."""
        for lane in ack.lanes:
            track = self._track(lane)
            if track.flight is not None and track.flight.lane == lane:
                track.flight, track.tries = None, 0
                self.stall(lane, f"{lane}: {ack.refused}")

    def wanted(self, lanes: Mapping[str, LaneState], now: float) -> list[Wanted]:
        """The batches that may go now, pickup's first."""
        if self.phase is not Phase.OPEN:
            return []
        waiting = {
            name for name, lane in lanes.items() if lane.next_sequence - 1 > self.cursor(name)
        }.difference(self._stalled)
        chosen, most = [], self._allowance.most(now)
        if self._pickup.free(now):
            self._pickup.flight = None
            if (pickup := str(Lane.PICKUP)) in waiting:
                limit = self._line.pickup()
                chosen.append(Wanted(pickup, self.cursor(pickup), MOST_FACTS, limit))
        if most and self._rest.free(now):
            self._rest.flight = None
            if lane := self._choose(waiting):
                chosen.append(Wanted(lane, self.cursor(lane), most, self._line.bulk()))
        return chosen

    def room(self) -> int:
        """Wire bytes that a question may have, so that a pickup waits no longer behind it."""
        return self._line.bulk()

    def cursor(self, lane: str) -> int:
        """The highest sequence of `lane` that the hub is known to hold."""
        return self._cursors.get(lane, 0)

    def _choose(self, waiting: set[str]) -> str | None:
        """The first lane in order, unless one below `record` was passed over 19 times."""
        starved = [n for n in _SHARED if self._passed_over[n] >= TURNS_PER_SHARE - 1]
        for lane in (*starved, *_FAVOURED, *_SHARED):
            if lane in waiting:
                for other in _SHARED:
                    self._passed_over[other] += other in waiting
                if lane in self._passed_over:
                    self._passed_over[lane] = 0
                return str(lane)
        return None

    def sent(self, lane: str, last: int, now: float, *, facts: int, size: int) -> None:
        """A batch of `lane` up to `last` goes out: so many facts, of `size` bytes on the wire."""
        track = self._track(lane)
        if track.tries == 0:
            track.owed_since = now
        track.tries += 1
        track.flight = Flight(lane, last, size, now)
        self._sent[lane] = max(last, self._sent.get(lane, 0))
        if lane != Lane.PICKUP:
            self._allowance.spend(facts, now)
        self._spoke_at = now

    def delivered(self, lane: str, last: int, now: float) -> None:
        """The broker has that batch; from here the hub owes its word."""
        track = self._track(lane)
        flight = track.flight
        if flight is not None and (flight.lane, flight.last) == (lane, last):
            resend_at = now + _doubling(RESEND_S, track.tries)
            track.flight = replace(flight, resend_at=resend_at)

    def stall(self, lane: str, reason: str) -> None:
        """The next fact of `lane` cannot go up: until the next hello it waits, the others go on."""
        self._stalled[lane] = reason

    def _track(self, lane: str) -> _Track:
        return self._pickup if lane == Lane.PICKUP else self._rest

    def due_at(self) -> float:
        """When the shell must look again even if nothing happens, in monotonic seconds."""
        due = [self.hello_at()]
        if self.phase is Phase.OPEN:
            rest = [self._rest.resend_at, self._allowance.due_at()]
            due += [at for at in (self._pickup.resend_at, _latest(rest)) if at is not None]
        return min(due)

    def silent(self, now: float) -> bool:
        """Whether the hub owes an answer for too long."""
        asked = [] if self._asked_since is None else [self._asked_since]
        return any(now - since > SILENT_S for since in (*asked, *self._owed_since()))

    def _owed_since(self) -> list[float]:
        return [track.owed_since for track in (self._pickup, self._rest) if track.tries]


def _latest(moments: Sequence[float | None]) -> float | None:
    """The last of them; None when there is none."""
    return max((at for at in moments if at is not None), default=None)


def _doubling(first: float, tries: int) -> float:
    return min(LONGEST_RESEND_S, first * 2.0 ** min(tries - 1, 10))
