"""What a unit of work holds in its hand."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

import msgspec

from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import ClockQuality, Fact, RecordedFact
from edge_agent.kernel.ids import uuid7
from edge_agent.storage.errors import StorageError, UnrecordableFact
from edge_agent.storage.head import LogHead
from edge_agent.storage.rows import INSERT_FACT, fact_to_row, microseconds

R = TypeVar("R")

Params = Sequence[object] | Mapping[str, object]
"""What SQL's question marks, or its names, stand for."""

MOST_DATA_BYTES = 32 * 1024
"""Half of what one batch may take on the wire, so that a fact always fits, even incompressible."""

ANSWER_DAYS = 7
"""How long an answer is repeated (house.md, "Storage"): longer than any client goes on trying."""

PURGE_ANSWERS = 10
"""Answers forgotten for each one kept: the table shrinks, and no unit pays for a week at once."""


class GroupLost(StorageError):
    """SQLite rolled the whole transaction back by itself; every unit of the group is undone."""


class Tx:
    """The open transaction, on the writer's thread, for the length of one unit of work.

    Attributes:
        boot: random id of this process start.
        clock_quality: of the wall clock when the group began.
        head: the log's counters, with what this transaction has added.
    """

    def __init__(self, connection: sqlite3.Connection, *, boot: str, head: LogHead) -> None:
        self._connection = connection
        self.boot = boot
        self.head = head
        self.clock_quality = ClockQuality.UNSET
        self._callbacks: list[Callable[[], None]] = []

    def execute(self, sql: str, params: Params = ()) -> sqlite3.Cursor:
        """One statement; rows come as `sqlite3.Row`. Transactions are not the unit's to control."""
        return self._connection.execute(sql, params)

    def record(self, fact: Fact, now: Instant) -> RecordedFact:
        """Append `fact` to the log, in this transaction.

        Raises:
            UnrecordableFact: its lane is none of the contract's, or its data exceed
                `MOST_DATA_BYTES`.
        """
        lane = self.head.lanes.get(fact.data.LANE)
        data = msgspec.json.encode(fact.data)
        if lane is None or len(data) > MOST_DATA_BYTES:
            msg = f"{fact.data.TYPE} of {len(data)} bytes in lane {fact.data.LANE!r}"
            raise UnrecordableFact(msg)
        recorded = RecordedFact(
            position=self.head.position + 1,
            id=uuid7(now),
            type=fact.data.TYPE,
            lane=lane.lane,
            epoch=self.head.epoch,
            sequence=lane.next_sequence,
            subject=fact.subject,
            time=now.wall,
            boot=self.boot,
            monotonic=now.monotonic,
            clock_quality=self.clock_quality,
            data=data,
        )
        self._connection.execute(INSERT_FACT, fact_to_row(recorded))
        self.head = self.head.having(recorded)
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
        self._callbacks.append(callback)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what the block did, its facts and callbacks too, when it raises; and raise on.

        Raises:
            GroupLost: the transaction around it is gone as well.
        """
        head, callbacks = self.head, len(self._callbacks)
        self._connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException as err:
            self.head = head
            del self._callbacks[callbacks:]
            if not self._connection.in_transaction:
                raise GroupLost(str(err)) from err
            self._connection.execute("ROLLBACK TO part")
            self._connection.execute("RELEASE part")
            raise
        self._connection.execute("RELEASE part")

    def take_callbacks(self) -> list[Callable[[], None]]:
        """What `after_commit` gathered since the last call."""
        taken, self._callbacks = self._callbacks, []
        return taken


Work = Callable[[Tx], R]
"""A unit of work: loads, decides and saves on `Tx`; plain, synchronous, no I/O of its own."""
