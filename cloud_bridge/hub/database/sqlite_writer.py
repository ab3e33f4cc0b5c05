"""The one thread that writes: what waits for it goes into one COMMIT, each work in a SAVEPOINT.

A COMMIT costs an fsync (0.3 ms on a fast disk, 10 and more on flash), so batches of many stores
share it; a work that raises takes nothing with it but itself.
"""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

from cloud_bridge.hub.database.errors import Broken, Unavailable
from cloud_bridge.hub.database.port import Work
from cloud_bridge.hub.database.sqlite_tx import SqliteTx, complete, told_apart
from cloud_bridge.hub.errors import HubError

R = TypeVar("R")

MOST_IN_GROUP = 64
"""Works per COMMIT: the fsync is a small part by then, and the first does not wait for long."""

MOST_WAITING = 1000
"""Works that wait; the bridge has a few dozen under way, so beyond is a flood of requests."""


@dataclass(frozen=True, slots=True)
class _Job:
    """A work with whoever waits for it; `alone` is run outside of any transaction instead."""

    waiting: "asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop
    work: Work[Any] | None = None
    alone: Callable[[sqlite3.Connection], object] | None = None


@dataclass(frozen=True, slots=True)
class _Outcome:
    job: _Job
    result: object = None
    error: BaseException | None = None


class Writer:
    """Owns `connection` from now on."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._tx = SqliteTx(connection)
        self._jobs: queue.Queue[_Job | None] = queue.Queue(MOST_WAITING)
        self._broken: Broken | None = None
        self._closing = False  # nothing is queued any more
        self._ended = False  # what was queued is done
        self._thread = threading.Thread(target=self._work, name="hub-writer", daemon=True)
        self._thread.start()

    async def run(self, work: Work[R]) -> R:
        """The result of `work`, after the COMMIT that it shared.

        Raises:
            Unavailable: it was not done.
            Broken: nobody knows; end the process.
        """
        result: R = await self._queue(work=work)
        return result

    async def alone(self, function: Callable[[sqlite3.Connection], R]) -> R:
        """The result of `function`, called between two transactions."""
        result: R = await self._queue(alone=function)
        return result

    async def close(self) -> None:
        """Finish what is queued and close the connection; who comes after is refused."""
        self._closing = True
        await asyncio.to_thread(self._jobs.put, None)
        await asyncio.to_thread(self._thread.join)

    async def _queue(
        self,
        work: Work[Any] | None = None,
        alone: Callable[[sqlite3.Connection], object] | None = None,
    ) -> Any:  # noqa: ANN401 - typed by the callers
        if self._closing:
            msg = "the database is being closed"
            raise Unavailable(msg)
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[Any] = loop.create_future()
        try:
            self._jobs.put_nowait(_Job(waiting, loop, work, alone))
        except queue.Full as err:
            msg = f"{MOST_WAITING} transactions wait already"
            raise Unavailable(msg) from err
        return await waiting

    def _work(self) -> None:
        while not self._ended:
            for together, some in groupby(self._take(), key=lambda job: job.alone is None):
                jobs = list(some)
                _settle(self._group(jobs) if together else [self._aside(job) for job in jobs])
        self._connection.close()

    def _take(self) -> list[_Job]:
        """What waits, in order; blocks until there is something."""
        jobs: list[_Job] = []
        with contextlib.suppress(queue.Empty):
            while len(jobs) < MOST_IN_GROUP:
                job = self._jobs.get(block=not jobs)
                if job is None:
                    self._ended = True
                    break
                jobs.append(job)
        return jobs

    def _aside(self, job: _Job) -> _Outcome:
        assert job.alone is not None  # noqa: S101 - `_work` chose it by that
        try:
            with told_apart():
                return _Outcome(job, job.alone(self._connection))
        except (HubError, sqlite3.Error) as err:
            return _Outcome(job, error=err)

    def _group(self, jobs: list[_Job]) -> list[_Outcome]:
        """What came of `jobs`, after their COMMIT; without one, they have its error all of them."""
        try:
            return self._commit(jobs)
        except (HubError, sqlite3.Error) as err:
            if isinstance(err, Broken):
                self._broken = err
            if self._connection.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
            return [_Outcome(job, error=err) for job in jobs]

    def _commit(self, jobs: list[_Job]) -> list[_Outcome]:
        if self._broken is not None:
            raise self._broken
        with told_apart():
            self._connection.execute("BEGIN IMMEDIATE")
            outcomes = [self._one(job) for job in jobs]
            self._connection.execute("COMMIT")
        return outcomes

    def _one(self, job: _Job) -> _Outcome:
        assert job.work is not None  # noqa: S101 - as in `_aside`
        self._connection.execute("SAVEPOINT work")
        try:
            outcome = _Outcome(job, complete(job.work(self._tx)))
        except Broken:
            raise
        except BaseException as err:
            if not self._connection.in_transaction:  # a full disk has rolled back all of it
                msg = f"the transaction was rolled back: {err}"
                raise Unavailable(msg) from err
            self._connection.execute("ROLLBACK TO work")
            outcome = _Outcome(job, error=err)
        self._connection.execute("RELEASE work")
        return outcome


def _settle(outcomes: list[_Outcome]) -> None:
    """Tell everybody; who was cancelled or whose loop has ended is not waiting any more."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Outcome]] = {}
    for outcome in outcomes:
        by_loop.setdefault(outcome.job.loop, []).append(outcome)
    for loop, theirs in by_loop.items():
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_tell, theirs)


def _tell(outcomes: list[_Outcome]) -> None:
    for outcome in outcomes:
        waiting = outcome.job.waiting
        if waiting.done():
            continue
        if outcome.error is None:
            waiting.set_result(outcome.result)
        else:
            waiting.set_exception(outcome.error)
