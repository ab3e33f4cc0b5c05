"""How units of work come from the event loop to the writer's thread, and their results back."""

import asyncio
import queue
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Literal, TypeVar

from edge_agent.storage.errors import StorageFailed
from edge_agent.storage.unit import GroupLost, Tx, Work

R = TypeVar("R")

MOST_QUEUED: Final = 4096
"""Units handed over and not committed; more callers wait their turn. 4 s of work at the rate of a
slow card (1,000 units/s); beyond that a caller had better wait where it can be cancelled."""


Haste = Literal["urgent", "usual", "rides"]
"""Whether a unit's group may stay open for company.

- ``urgent``: never; somebody looks at a screen until it is done.
- ``usual``: if it recorded facts, and none of them is prompt (`unit.is_prompt`). One that recorded
  nothing is waited for: a sign-in, a refusal, a cursor of the cloud's streams.
- ``rides``: always, unless it recorded a prompt fact.
"""


class Unit:
    """A unit of work on its way, and what came of it."""

    __slots__ = ("callbacks", "error", "future", "haste", "result", "work")

    def __init__(self, work: Work[Any], future: asyncio.Future[Any], haste: Haste) -> None:
        self.work = work
        self.future = future
        self.haste = haste
        self.result: Any = None
        self.error: Exception | None = None
        self.callbacks: list[Callable[[], None]] | None = None

    def perform(self, tx: Tx) -> None:
        """On the writer's thread: do the work in a savepoint of the open transaction."""
        before = tx.head.position
        try:
            with tx.savepoint():
                self.result = self.work(tx)
        except GroupLost:
            raise
        except Exception as err:  # noqa: BLE001 - it is the caller's: raised again where it awaits
            self.error = err
        else:
            self.callbacks = tx.take_callbacks()
        if self.haste == "urgent" or (self.haste == "usual" and tx.head.position == before):
            tx.hurry()

    def settle(self) -> None:
        """On the loop: tell the caller, unless it has gone."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class Intake:
    """A bounded queue of units. Those of one turn of the event loop are handed over together.

    So the thread wakes once for all of them, when the loop has nothing else to do, and the two do
    not contend for the interpreter's lock.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._room = asyncio.Semaphore(MOST_QUEUED)
        self._gathered: list[Unit] = []
        self._handed: queue.SimpleQueue[list[Unit] | None] = queue.SimpleQueue()
        self._taken: deque[Unit] = deque()
        self._closing = False
        self.ended = False

    async def put(self, work: Work[R], haste: Haste) -> asyncio.Future[R]:
        """Hand `work` over, once there is room; the future is its result after the COMMIT.

        Raises:
            StorageFailed: it is closed.
        """
        await self._room.acquire()
        if self._closing:
            self._room.release()
            msg = "storage is closed"
            raise StorageFailed(msg)
        future: asyncio.Future[R] = self._loop.create_future()
        if not self._gathered:
            self._loop.call_soon(self._hand_over)
        self._gathered.append(Unit(work, future, haste))
        return future

    def close(self) -> None:
        """Take no more; what was handed over is still given out."""
        self._closing = True
        self._hand_over()
        self._handed.put(None)

    def settle(self, group: list[Unit]) -> None:
        """On the loop: these units are done with."""
        for unit in group:
            self._room.release()
            for callback in unit.callbacks or ():
                self._loop.call_soon(callback)
            unit.settle()

    def take(self, wait_s: float | None) -> Unit | None:
        """On the thread: the next unit; None when there is none for `wait_s`, or no more ever."""
        if not self._taken and not self.ended:
            self._receive(wait_s)
        return self._taken.popleft() if self._taken else None

    @property
    def is_empty(self) -> bool:
        """On the thread: whether nobody waits."""
        return not self._taken and self._handed.empty()

    def _receive(self, wait_s: float | None) -> None:
        try:
            handed = self._handed.get(timeout=wait_s) if wait_s != 0 else self._handed.get_nowait()
        except queue.Empty:
            return
        if handed is None:
            self.ended = True
        else:
            self._taken.extend(handed)

    def _hand_over(self) -> None:
        if self._gathered:
            self._handed.put(self._gathered)
            self._gathered = []
