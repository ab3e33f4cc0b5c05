"""A run of the real storage whose every step is known beforehand, so that its rest can be judged.

Unit `n` records `facts_of(n)` and one row of its own. Between the units the dispatcher steps, the
hub acknowledges and the WAL is scrubbed; some units come together, and in the middle the storage is
closed and opened again. What the run is told, it notes in a file beside the database:
``tried``, ``kept`` or ``refused`` with the unit's number, ``failed`` with the reason.

Run as ``python -m tests.faults.disk.script DIRECTORY --units 200``.
"""

import argparse
import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import ClassVar, Final, Literal, get_args

import msgspec

from cloud_bridge.wire.envelope import Lane
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import ClockQuality, Fact, RecordedFact
from edge_agent.storage import Storage, StorageFailed, StorageUnavailable, Tx, open_storage
from edge_agent.storage.dispatcher import Dispatcher, Flow
from tests.faults.disk.writelog import NOTES
from tests.storage.support import START, HandClock

DATABASE: Final = "edge.db"

TOGETHER_EVERY: Final = 20
TOGETHER: Final = 4
"""Units handed over at once, so that a COMMIT holds several."""

STEP_EVERY: Final = 4
ACKNOWLEDGE_EVERY: Final = 10
SCRUB_EVERY: Final = 37

ASKED_AGAIN: Final = 3
"""Units tried on a storage that has failed; none may be kept."""

Level = Literal["FULL", "NORMAL", "OFF"]


class Sold(msgspec.Struct, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "store.stock.sold.v1"
    LANE: ClassVar[str] = Lane.STOCK
    PHYSICAL: ClassVar[bool] = True
    unit: int
    note: str


class Called(msgspec.Struct, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "store.pickup.called.v1"
    LANE: ClassVar[str] = Lane.PICKUP
    PHYSICAL: ClassVar[bool] = False
    unit: int


def facts_of(unit: int) -> list[Fact]:
    """One to three; now and then a large one, that takes pages of its own."""
    subject = f"units/{unit}"
    note = "x" * (9000 if unit % 25 == 0 else 40)
    facts = [Fact(subject, Sold(unit=unit, note=note))]
    return facts + [Fact(subject, Called(unit=unit))] * (unit % 3)


def flows() -> list[Flow]:
    """Each fact leaves one row in ``effect``."""

    def note(tx: Tx, fact: RecordedFact, _now: Instant) -> None:
        tx.execute("INSERT INTO effect VALUES (?)", (fact.position,))

    return [Flow(each, each, 3600, note) for each in (Sold.TYPE, Called.TYPE)]


def make_tables(tx: Tx) -> None:
    """Those of this script."""
    tx.execute("CREATE TABLE IF NOT EXISTS shelf (unit INTEGER PRIMARY KEY) STRICT")
    tx.execute("CREATE TABLE IF NOT EXISTS effect (position INTEGER) STRICT")


def unit_of_work(unit: int) -> Callable[[Tx], None]:
    """State and its facts."""

    def work(tx: Tx) -> None:
        tx.execute("INSERT INTO shelf VALUES (?)", (unit,))
        for fact in facts_of(unit):
            tx.record(fact, START)

    return work


@asynccontextmanager
async def opened(directory: Path) -> AsyncIterator[Storage]:
    """The real storage, as the agent opens it."""
    async with open_storage(
        directory / DATABASE,
        gateway="gw-1",
        clock=HandClock(),
        quality=lambda: ClockQuality.SYNCED,
    ) as storage:
        yield storage


class Run:
    """One run in `directory`, over two openings; to be closed.

    Attributes:
        failed: the storage did, once it was open.
    """

    def __init__(
        self,
        directory: Path,
        refused: Callable[[StorageUnavailable], None],
        level: Level = "FULL",
        notes: Path | None = None,
    ) -> None:
        """Begin the notes.

        Args:
            directory: with no database, or one without a fact.
            refused: called with each refusal that may pass; raises when it lasts too long.
            level: of synchrony. Less than the product's shows that the suite can fail: a proof that
                cannot proves nothing.
            notes: what is noted goes there; without it into `writelog.NOTES` beside the database.
        """
        self._directory = directory
        self._refused = refused
        self._level = level
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._notes = os.open(notes or directory / NOTES, flags, 0o600)
        self._failure: StorageFailed | None = None
        self.failed = False

    def close(self) -> None:
        """End the notes."""
        os.close(self._notes)

    async def go(self, units: int) -> None:
        """Do units 1 to `units`.

        Raises:
            StorageFailed: noted, and asked again as often as `ASKED_AGAIN`.
        """
        half = units // 2
        await self._opening(range(1, half + 1))
        await self._opening(range(half + 1, units + 1))

    def _note(self, *words: object) -> None:
        os.write(self._notes, (" ".join(map(str, words)) + "\n").encode())

    async def _opening(self, units: range) -> None:
        async with opened(self._directory) as storage:
            if self._level != "FULL":
                storage._writer._connection.execute(f"PRAGMA synchronous = {self._level}")
            dispatcher = Dispatcher(storage, flows(), HandClock())
            try:
                await self._insist(lambda: storage.run(make_tables))
                await self._insist(lambda: storage.log.renumber(1))
                await self._units(storage, dispatcher, units)
            except StorageFailed as err:
                self.failed = True
                self._note("failed", err)
                for unit in range(units.stop, units.stop + ASKED_AGAIN):
                    await self._unit(storage, unit)
                raise

    async def _units(self, storage: Storage, dispatcher: Dispatcher, units: range) -> None:
        left = list(units)
        while left:
            count = TOGETHER if left[0] % TOGETHER_EVERY == 0 else 1
            now, left = left[:count], left[count:]
            async with asyncio.TaskGroup() as tasks:
                for unit in now:
                    tasks.create_task(self._unit(storage, unit))
            if self._failure is not None:
                raise self._failure
            await self._between(storage, dispatcher, now[-1])

    async def _unit(self, storage: Storage, unit: int) -> None:
        self._note("tried", unit)
        try:
            await self._insist(lambda: storage.run(unit_of_work(unit)), unit)
        except StorageFailed as err:
            self._failure = err
        else:
            self._note("kept", unit)

    async def _between(self, storage: Storage, dispatcher: Dispatcher, unit: int) -> None:
        if unit % STEP_EVERY == 0:
            await self._insist(dispatcher.step)
        if unit % ACKNOWLEDGE_EVERY == 0:
            state = await storage.log.state()
            reached = {name: lane.next_sequence - 2 for name, lane in state.lanes.items()}
            await self._insist(lambda: storage.log.acknowledge(1, reached))
        if unit % SCRUB_EVERY == 0:
            await self._insist(lambda: storage.run(Tx.scrub))

    async def _insist(
        self, attempt: Callable[[], Awaitable[object]], unit: int | None = None
    ) -> None:
        while True:
            try:
                await attempt()
            except StorageUnavailable as err:
                if unit is not None:
                    self._note("refused", unit)
                self._refused(err)
            else:
                return


def never(refusal: StorageUnavailable) -> None:
    """Nothing fails in this run."""
    raise refusal


def main() -> None:
    """One run without faults of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("--units", type=int, required=True)
    parser.add_argument("--synchronous", choices=get_args(Level), default="FULL")
    parser.add_argument("--notes", type=Path)
    chosen = parser.parse_args()
    with closing(Run(chosen.directory, never, chosen.synchronous, chosen.notes)) as run:
        asyncio.run(run.go(chosen.units))


if __name__ == "__main__":
    main()
