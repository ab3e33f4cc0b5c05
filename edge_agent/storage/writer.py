"""The one writer: a thread that owns the connection and commits in groups.

Whatever was handed over while the last COMMIT ran goes into the next group, so that one fsync
serves as many units as there are callers waiting; and a group in which nobody is in a hurry stays
open for a while, for company. A unit's caller hears of it after the COMMIT.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from time import monotonic
from typing import Final, TypeVar

from edge_agent.kernel.facts import ClockQuality
from edge_agent.storage.checkpoints import Checkpoints
from edge_agent.storage.errors import StorageError, StorageFailed, StorageUnavailable
from edge_agent.storage.head import LogHead, load_head, save_head
from edge_agent.storage.intake import Haste, Intake, Unit
from edge_agent.storage.sealing import Sealer
from edge_agent.storage.tide import Tides
from edge_agent.storage.unit import Admission, GroupLost, Tx, Work

R = TypeVar("R")

MOST_IN_GROUP: Final = 500
"""Units in one COMMIT: past a hundred the fsync is shared out already (measured, facts/sync.md),
and the first of a group waits for the last."""


class Writer:
    """Runs units of work in groups; lives from `start` until `close`.

    Attributes:
        company_s: how long a group may stay open.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        boot: str,
        sealer: Sealer,
        admission: Admission,
        clock_quality: Callable[[], ClockQuality],
        company_s: float,
        tides: Tides,
        on_commit: Callable[[int], None],
        on_full: Callable[[sqlite3.Connection], None],
    ) -> None:
        """Take over `connection`: the thread uses it alone from `start` on, and closes it.

        Args:
            connection: in autocommit mode, made with ``check_same_thread=False``.
            boot: see `Tx`.
            sealer: see `open_storage`.
            admission: see `open_storage`.
            clock_quality: asked once per group, on the thread.
            company_s: see `open_storage`.
            tides: rise on the loop with each COMMIT, before the callers hear of it, and with what
                an open group has recorded; end when nothing can be acknowledged any more.
            on_commit: called on the thread after each COMMIT, with the newest fact's position.
            on_full: called on the thread, between transactions, when the disk has refused a write.
        """
        self._connection = connection
        self._head = load_head(connection)
        self._tx = Tx(
            connection, boot=boot, head=self._head.copy(), sealer=sealer, admission=admission
        )
        self._clock_quality = clock_quality
        self.company_s = company_s
        self._tides = tides
        self._on_commit = on_commit
        self._on_full = on_full
        self._intake = Intake()
        self._checkpoints = Checkpoints(connection)
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._serve, name="storage-writer")
        self._failure: StorageFailed | None = None

    @property
    def head(self) -> LogHead:
        """The counters as of the last COMMIT."""
        return self._head

    def start(self) -> None:
        """Begin to take units."""
        self._thread.start()

    async def run(self, work: Work[R], haste: Haste = "usual") -> R:
        """See `Storage.run`."""
        return await (await self._intake.put(work, haste))

    async def leave(self, work: Work[object]) -> None:
        """Hand `work` over, to ride, and do not wait for it: what is lost is said again.

        Where groups do not wait for company there is no ride to catch, and it is waited for.
        """
        future = await self._intake.put(work, "rides")
        if self.company_s:
            future.add_done_callback(_heed)
        else:
            await future

    async def close(self) -> None:
        """Commit what was handed over, then end the thread and its connection."""
        self._intake.close()
        await asyncio.to_thread(self._thread.join)

    def _serve(self) -> None:
        with closing(self._connection):
            while not self._intake.ended:
                first = self._intake.take(self._checkpoints.wait_s)
                if first is not None:
                    self._commit_group(first)
                self._checkpoint_when_due()

    def _commit_group(self, first: Unit) -> None:
        group: list[Unit] = []
        try:
            self._begin()
            for unit in self._company(first):
                group.append(unit)
                unit.perform(self._tx)
            save_head(self._connection, before=self._head, after=self._tx.head)
            self._connection.execute("COMMIT")
        except Exception as err:  # noqa: BLE001 - whatever it was, every caller must hear of it
            self._abandon(group or [first], err)
            self._loop.call_soon_threadsafe(self._report, group or [first], None)
        else:
            self._head = self._tx.head.copy()
            self._on_commit(self._head.position)
            self._loop.call_soon_threadsafe(self._report, group, self._head)

    def _begin(self) -> None:
        if self._failure is not None:
            raise self._failure
        self._tx.begin(self._clock_quality())
        self._connection.execute("BEGIN IMMEDIATE")

    def _company(self, first: Unit) -> Iterator[Unit]:
        """`first`, what has been handed over by the time that it is done, and what then comes.

        Nothing more is waited for once somebody is in a hurry.
        """
        closes = monotonic() + self.company_s
        yield first
        for _ in range(MOST_IN_GROUP - 1):
            unit = self._intake.take(0) or self._await_company(closes)
            if unit is None:
                return
            yield unit

    def _await_company(self, closes: float) -> Unit | None:
        wait_s = closes - monotonic()
        if self._tx.in_a_hurry or wait_s <= 0:
            return None
        self._loop.call_soon_threadsafe(self._tides.recorded.rise, self._tx.head.position)
        return self._intake.take(wait_s)

    def _abandon(self, group: list[Unit], err: Exception) -> None:
        """Undo the group, and tell apart what may pass from what may not."""
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error as second:
            err = StorageFailed(f"the group could not be undone: {second} (after {err})")
        self._tx.head = self._head.copy()
        self._tx.take_callbacks()
        for unit in group:
            unit.error, unit.callbacks = _failure_of(err), None
        self._note(_failure_of(err))

    def _note(self, failure: StorageError) -> None:
        if isinstance(failure, StorageFailed) and self._failure is None:
            self._failure = failure
            self._loop.call_soon_threadsafe(self._tides.end, failure)
        elif _code_of(failure.__cause__) == sqlite3.SQLITE_FULL:
            self._on_full(self._connection)

    def _report(self, group: list[Unit], head: LogHead | None) -> None:
        """On the loop: the group is committed up to `head`, or (None) was abandoned."""
        if head is None:
            self._tides.abandoned()
        else:
            self._tides.committed(head.position)
        self._intake.settle(group)

    def _checkpoint_when_due(self) -> None:
        if self._failure is not None:
            return
        try:
            emptied = self._checkpoints.after_group(
                scrub=self._tx.scrub_due, idle=self._intake.is_empty
            )
        except sqlite3.Error as err:
            self._note(_failure_of(err))
        else:
            self._tx.scrub_due = self._tx.scrub_due and not emptied


def _heed(future: asyncio.Future[object]) -> None:
    """Nobody waits for it: an error that is not looked at would be logged as forgotten."""
    if not future.cancelled():
        future.exception()


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
        failure = StorageFailed(f"whether it was kept is known after a restart: {cause!r}")
    failure.__cause__ = cause
    return failure
