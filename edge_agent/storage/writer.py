"""The one writer: a thread that owns the connection and commits in groups.

Whatever was handed over while the last COMMIT ran goes into the next group, so that one fsync
serves as many units as there are callers waiting. A unit's caller hears of it after the COMMIT.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from edge_agent.kernel.facts import ClockQuality
from edge_agent.storage.admission import Admission
from edge_agent.storage.errors import StorageError, StorageFailed, StorageUnavailable
from edge_agent.storage.head import LogHead, load_head, save_head
from edge_agent.storage.readers import BUSY_MS
from edge_agent.storage.sealing import Sealer
from edge_agent.storage.unit import GroupLost, Tx, Work

R = TypeVar("R")

MOST_QUEUED: Final = 4096
"""Units handed over and not committed; more callers wait their turn. 4 s of work at the rate of a
slow card (1,000 units/s); beyond that a caller had better wait where it can be cancelled."""

MOST_IN_GROUP: Final = 500
"""Units in one COMMIT: past a hundred the fsync is shared out already (measured, facts/sync.md),
and the first of a group waits for the last."""

CHECKPOINT_PAGES: Final = 1000
"""WAL pages between checkpoints, as SQLite's own default: some megabytes. Done here and not by
COMMIT because SQLite hides the errors of its automatic ones."""

SCRUB_AGAIN_S: Final = 1.0
"""Between tries to empty the WAL while somebody reads from it; a page's look takes milliseconds."""

PAGES_A_GROUP: Final = 4
ROWS_A_PAGE: Final = 5
"""What a COMMIT puts into the WAL, about: the leaves of fact, its index, log and lane; and a page
for each five changed rows (facts of 300 to 800 bytes, and their index)."""


@dataclass(slots=True)
class _Unit:
    work: Work[Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None
    callbacks: list[Callable[[], None]] = field(default_factory=list)

    def perform(self, tx: Tx) -> None:
        try:
            with tx.savepoint():
                self.result = self.work(tx)
        except GroupLost:
            raise
        except Exception as err:  # noqa: BLE001 - it is the caller's: raised again where it awaits
            self.error = err
        else:
            self.callbacks = tx.take_callbacks()

    def settle(self) -> None:
        """On the loop: tell the caller, unless it has gone."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class Writer:
    """Runs units of work in groups; lives from `start` until `close`."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        boot: str,
        sealer: Sealer,
        admission: Admission,
        clock_quality: Callable[[], ClockQuality],
        on_commit: Callable[[LogHead], None],
        on_failure: Callable[[StorageFailed], None],
        on_full: Callable[[sqlite3.Connection], None],
    ) -> None:
        """Take over `connection`: the thread uses it alone from `start` on, and closes it.

        Args:
            connection: in autocommit mode, made with ``check_same_thread=False``.
            boot: see `Tx`.
            sealer: see `open_storage`.
            admission: see `open_storage`.
            clock_quality: asked once per group, on the thread.
            on_commit: called on the loop after each COMMIT, before the callers hear of it.
            on_failure: called on the loop, once, when nothing can be acknowledged any more.
            on_full: called on the thread, between transactions, when the disk has refused a write.
        """
        self._connection = connection
        self._head = load_head(connection)
        self._tx = Tx(
            connection, boot=boot, head=self._head.copy(), sealer=sealer, admission=admission
        )
        self._clock_quality = clock_quality
        self._on_commit = on_commit
        self._on_failure = on_failure
        self._on_full = on_full
        self._queue: queue.SimpleQueue[_Unit | None] = queue.SimpleQueue()
        self._room = asyncio.Semaphore(MOST_QUEUED)
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._serve, name="storage-writer")
        self._failure: StorageFailed | None = None
        self._closing = False
        self._ended = False
        self._changes = 0
        self._wal_pages = 0.0

    @property
    def head(self) -> LogHead:
        """The counters as of the last COMMIT."""
        return self._head

    def start(self) -> None:
        """Begin to take units."""
        self._thread.start()

    async def run(self, work: Work[R]) -> R:
        """See `Storage.run`."""
        await self._room.acquire()
        if self._closing:
            self._room.release()
            msg = "storage is closed"
            raise StorageFailed(msg)
        future: asyncio.Future[R] = self._loop.create_future()
        self._queue.put(_Unit(work, future))
        return await future

    async def close(self) -> None:
        """Commit what was handed over, then end the thread and its connection."""
        self._closing = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _serve(self) -> None:
        with closing(self._connection):
            while not self._ended:
                self._serve_next()
                self._checkpoint_when_due()

    def _serve_next(self) -> None:
        """Commit the next group; with a scrub due, come back without one after a while."""
        try:
            first = self._queue.get(timeout=SCRUB_AGAIN_S if self._tx.scrub_due else None)
        except queue.Empty:
            return
        if first is None:
            self._ended = True
        else:
            self._commit_group(first)

    def _commit_group(self, first: _Unit) -> None:
        group: list[_Unit] = []
        try:
            self._begin()
            for unit in self._group(first):
                group.append(unit)
                unit.perform(self._tx)
            save_head(self._connection, before=self._head, after=self._tx.head)
            self._connection.execute("COMMIT")
        except Exception as err:  # noqa: BLE001 - whatever it was, every caller must hear of it
            self._abandon(group or [first], err)
            self._loop.call_soon_threadsafe(self._report, group or [first], None)
        else:
            self._head = self._tx.head.copy()
            self._loop.call_soon_threadsafe(self._report, group, self._head)

    def _begin(self) -> None:
        if self._failure is not None:
            raise self._failure
        self._tx.clock_quality = self._clock_quality()
        self._tx.group += 1
        self._connection.execute("BEGIN IMMEDIATE")

    def _group(self, first: _Unit) -> Iterator[_Unit]:
        """`first` and what has been handed over by the time that it is done."""
        yield first
        for _ in range(MOST_IN_GROUP - 1):
            try:
                unit = self._queue.get_nowait()
            except queue.Empty:
                return
            if unit is None:
                self._ended = True
                return
            yield unit

    def _abandon(self, group: list[_Unit], err: Exception) -> None:
        """Undo the group, and tell apart what may pass from what may not."""
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error as second:
            err = StorageFailed(f"the group could not be undone: {second} (after {err})")
        self._tx.head = self._head.copy()
        self._tx.take_callbacks()
        for unit in group:
            unit.error, unit.callbacks = _failure_of(err), []
        self._note(_failure_of(err))

    def _note(self, failure: StorageError) -> None:
        if isinstance(failure, StorageFailed) and self._failure is None:
            self._failure = failure
            self._loop.call_soon_threadsafe(self._on_failure, failure)
        elif _code_of(failure.__cause__) == sqlite3.SQLITE_FULL:
            self._on_full(self._connection)

    def _report(self, group: list[_Unit], head: LogHead | None) -> None:
        """On the loop: the group is committed up to `head`, or (None) was abandoned."""
        if head is not None:
            self._on_commit(head)
        for unit in group:
            self._room.release()
            for callback in unit.callbacks:
                self._loop.call_soon(callback)
            unit.settle()

    def _checkpoint_when_due(self) -> None:
        changes = self._connection.total_changes
        self._wal_pages += PAGES_A_GROUP + (changes - self._changes) / ROWS_A_PAGE
        self._changes = changes
        scrub = self._tx.scrub_due and self._queue.empty()  # nobody waits behind it
        if (self._wal_pages < CHECKPOINT_PAGES and not scrub) or self._failure is not None:
            return
        self._wal_pages = 0.0
        try:
            if scrub:
                self._tx.scrub_due = not empty_wal(self._connection)
            else:
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error as err:
            self._note(_failure_of(err))


def empty_wal(connection: sqlite3.Connection) -> bool:
    """Bring the whole WAL into the database file and empty it; False where somebody reads from it.

    Does not wait for them: units of work would wait behind.
    """
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    return not busy


_MAY_PASS: Final = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space",
    sqlite3.SQLITE_BUSY: "another program holds the database's lock; close it",
}


def _code_of(err: BaseException | None) -> int:
    """SQLite's primary result code; 0 where the error is not SQLite's."""
    return int(getattr(err, "sqlite_errorcode", 0)) & 0xFF


def _failure_of(err: Exception) -> StorageError:
    """What a caller is told about the loss of its group.

    A full disk is found before anything is synced, and SQLite undoes the group cleanly; after any
    other failed write or fsync what the disk holds is unknown.
    """
    if isinstance(err, StorageFailed):
        return StorageFailed(str(err))
    cause = err.__cause__ if isinstance(err, GroupLost) else err
    remedy = _MAY_PASS.get(_code_of(cause))
    failure: StorageError
    if remedy is not None:
        failure = StorageUnavailable(f"nothing was kept: {remedy} ({cause})")
    else:
        failure = StorageFailed(f"nothing was kept, restart the agent: {cause!r}")
    failure.__cause__ = cause
    return failure
