"""What a unit of work holds in its hand."""

import sqlite3
from collections.abc import Callable
from types import TracebackType
from typing import Final, Protocol, TypeVar

from cloud_bridge.wire.envelope import Lane
from cloud_bridge.wire.facts.coupons import Redeemed
from cloud_bridge.wire.sealing import is_sealed
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import ClockQuality, Fact, RecordedFact, Seal
from edge_agent.kernel.ids import uuid7
from edge_agent.storage.errors import StorageError, UnrecordableFact
from edge_agent.storage.head import LaneHead, LogHead, weight
from edge_agent.storage.rows import INSERT_FACT, fact_to_row, microseconds
from edge_agent.storage.sealing import Sealer
from edge_agent.storage.statements import Params
from edge_agent.storage.suspicion import is_damage

R = TypeVar("R")

MOST_DATA_BYTES = 32 * 1024
"""Half of what one batch may take on the wire, so that a fact always fits, even incompressible."""

ANSWER_DAYS = 7
"""How long an answer is repeated (house.md, "Storage"): longer than any client goes on trying."""

PURGE_ANSWERS = 10
"""Answers forgotten for each one kept: the table shrinks, and no unit pays for a week at once."""

WITHHOLD = """
    INSERT INTO withheld VALUES (?, 1) ON CONFLICT (type) DO UPDATE SET facts = facts + 1
"""

_OF_THE_DISK = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
)
"""Primary result codes that no unit is to blame for. SQLite answers some of them by undoing the
whole transaction, others (a full disk within a statement of many rows) by that statement alone."""


def is_prompt(lane: str, fact_type: str) -> bool:
    """Whether somebody stands there and waits for what follows from such a fact."""
    return lane == _PICKUP or fact_type == _REDEEMED


_PICKUP: Final = Lane.PICKUP.value
_REDEEMED: Final = Redeemed.TYPE
_OPEN: Final = Seal.NONE
_CLOSED: Final = Seal.CLOSED
"""Looking up a member of an enum takes as long as a hundredth of recording a fact (Python 3.11)."""


class GroupLost(StorageError):
    """The whole transaction cannot be kept; every unit of the group is undone."""


class Admission(Protocol):
    """Keeps a lane within its share of the disk.

    Called on the writer's thread, inside the unit of work that records the fact.
    """

    def admit(self, lane: LaneHead, weight: int, tx: "Tx", *, physical: bool) -> None:
        """Let a fact in, or raise what the unit's caller is to hear.

        Args:
            lane: its counters before this fact; read only.
            weight: bytes of the fact on the wire (`head.weight`).
            tx: the unit of work; what is done with it goes with the unit.
            physical: it has happened in the world already (`Payload.PHYSICAL`), so that refusing
                it would be a lie.

        Raises:
            StorageError: the lane is full; nothing of the unit is kept, unless it says otherwise.
        """
        ...


class Unlimited:
    """Takes everything: for a log whose disk is somebody else's care."""

    def admit(self, lane: LaneHead, weight: int, tx: "Tx", *, physical: bool) -> None:
        """Always."""


class Tx:
    """The open transaction, on the writer's thread, for the length of one unit of work.

    Attributes:
        boot: random id of this process start.
        group: counts the transactions since then.
        clock_quality: of the wall clock when the group began.
        head: the log's counters, with what this transaction has added.
        callbacks: what `after_commit` has gathered.
        own: a cursor for what the storage itself does in each unit: making one costs a microsecond.
        in_a_hurry: whether the group waits for no further company.
        scrub_due: whether the WAL may hold what `scrub` is to wipe; so it may after a crash.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        boot: str,
        head: LogHead,
        sealer: Sealer,
        admission: Admission,
    ) -> None:
        self._connection = connection
        self.own = connection.cursor()
        self._sealer = sealer
        self._admission = admission
        self.boot = boot
        self.group = 0
        self.head = head
        self.clock_quality = ClockQuality.UNSET
        self.callbacks: list[Callable[[], None]] = []
        self.scrub_due = True
        self.in_a_hurry = False

    def begin(self, quality: ClockQuality) -> None:
        """The next transaction begins, under a wall clock of this quality."""
        self.group += 1
        self.clock_quality = quality
        self.in_a_hurry = False

    @property
    def is_open(self) -> bool:
        """False once SQLite has rolled the transaction back by itself."""
        return self._connection.in_transaction

    def execute(self, sql: str, params: Params = ()) -> sqlite3.Cursor:
        """One statement; rows come as `sqlite3.Row`. Transactions are not the unit's to control."""
        return self._connection.execute(sql, params)

    def record(self, fact: Fact, now: Instant) -> RecordedFact | None:
        """Append `fact` to the log, in this transaction; what stands there now.

        Of a person who has no key (any more) nothing is recorded: that is counted in table
        ``withheld``, and None returned.

        Raises:
            UnrecordableFact: its lane is none of the contract's, or its data exceed
                `MOST_DATA_BYTES`.
            StorageError: its lane is full (`admission.Admission`).
        """
        kind, head = fact.data, self.head
        fact_id = uuid7(now)
        content = self._sealer.seal(self, fact, fact_id=fact_id, group=self.group)
        if content is None:
            self.execute(WITHHOLD, (kind.TYPE,))
            return None
        subject, data = content
        lane = head.lanes.get(kind.LANE)
        if lane is None or len(data) > MOST_DATA_BYTES:
            msg = f"{kind.TYPE} of {len(data)} bytes in lane {kind.LANE!r}"
            raise UnrecordableFact(msg)
        size = weight(subject, data)
        self._admission.admit(lane, size, self, physical=kind.PHYSICAL)
        lane = head.lanes[lane.lane]  # the admission may have made room
        head.position += 1
        head.put(lane.having(fact_id, data, size))
        recorded = RecordedFact(
            head.position,
            fact_id,
            kind.TYPE,
            lane.lane,
            head.epoch,
            lane.next_sequence,
            subject,
            now.wall,
            self.boot,
            now.monotonic,
            self.clock_quality,
            data,
            _CLOSED if is_sealed(data) else _OPEN,
        )
        self.own.execute(INSERT_FACT, fact_to_row(recorded))
        if is_prompt(lane.lane, kind.TYPE):
            self.in_a_hurry = True
        return recorded

    def answer(self, key: str, body_hash: str, status: int, body: bytes, now: Instant) -> None:
        """Keep the HTTP answer to an Idempotency-Key beside its effect.

        Args:
            key: the client's key, made unique by the caller (route and principal before it).
            body_hash: of the request, so that another request under the same key is refused.
            status: HTTP status.
            body: the answer's body.
            now: when it is given; answers older than `ANSWER_DAYS` are forgotten in passing.

        Raises:
            sqlite3.IntegrityError: the key has its answer already.
        """
        at = microseconds(now.wall)
        self.execute(
            "DELETE FROM answer WHERE key IN"
            " (SELECT key FROM answer WHERE answered_at < ? ORDER BY answered_at LIMIT ?)",
            (at - ANSWER_DAYS * 86_400_000_000, PURGE_ANSWERS),
        )
        self.execute(
            "INSERT INTO answer VALUES (?, ?, ?, ?, ?)", (key, body_hash, status, body, at)
        )

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Have `callback` called on the event loop after the COMMIT; never if this is undone."""
        self.callbacks.append(callback)

    def hurry(self) -> None:
        """Have the group committed as soon as what has been handed over is done."""
        self.in_a_hurry = True

    def scrub(self) -> None:
        """Have what this unit deletes gone from the disk within seconds of the COMMIT.

        Deleted bytes are overwritten anyway; but the WAL holds older states of their pages until it
        is emptied, which is done as soon as nobody reads from it.
        """
        self.scrub_due = True

    def savepoint(self) -> "Savepoint":
        """A block of which nothing stays, no fact and no callback either, when it raises."""
        return Savepoint(self)

    def take_callbacks(self) -> list[Callable[[], None]]:
        """What `after_commit` gathered since the last call."""
        taken, self.callbacks = self.callbacks, []
        return taken


class Savepoint:
    """See `Tx.savepoint`; a class, as the generator form costs every unit two microseconds more."""

    __slots__ = ("_callbacks", "_execute", "_head", "_tx")

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._execute = tx.own.execute
        self._head = tx.head.copy()
        self._callbacks = len(tx.callbacks)

    def __enter__(self) -> None:
        self._execute("SAVEPOINT part")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        err: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if err is not None:
            self._undo(err)
        self._execute("RELEASE part")

    def _undo(self, err: BaseException) -> None:
        self._tx.head = self._head
        del self._tx.callbacks[self._callbacks :]
        of_the_disk = getattr(err, "sqlite_errorcode", 0) & 0xFF in _OF_THE_DISK
        if of_the_disk or is_damage(err) or not self._tx.is_open:
            raise GroupLost(str(err)) from err
        self._execute("ROLLBACK TO part")


Work = Callable[[Tx], R]
"""A unit of work: loads, decides and saves on `Tx`; plain, synchronous, no I/O of its own."""
