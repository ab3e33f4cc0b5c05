"""Keeps the log within its room: looks at the disk, rolls up and drops what may be, and says so."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

from cloud_bridge.wire.envelope import Lane
from cloud_bridge.wire.facts.storage import DiskChanged, DiskState
from edge_agent.kernel.clock import Clock
from edge_agent.kernel.facts import Fact
from edge_agent.storage.database import Storage
from edge_agent.storage.patience import outlast
from edge_agent.storage.quota import Limit
from edge_agent.storage.relief import Relief
from edge_agent.storage.reports import tell_report
from edge_agent.storage.rollup import Reached, drop, roll_up
from edge_agent.storage.unit import Tx
from edge_agent.storage.watermarks import BALLAST_BYTES, LEVELS, MB, Disk, judge, windows

EVERY_S: Final = 5.0
"""Between looks: at 1,000 facts a second 2 MB, a small part of any mark."""

YIELDING: Final = (Lane.TELEMETRY, Lane.PRESENCE, Lane.MIRROR)
"""The lanes that give way, the least missed first."""

WORTH_DROPPING: Final = MB
"""A lane that holds less is not dropped for the disk's sake: sums of hours are small."""

log = structlog.get_logger("storage")


@dataclass(frozen=True, slots=True)
class Rules:
    """What the upkeep keeps to.

    Attributes:
        limits: by lane.
        low_bytes: with less free the disk is low.
        at_least: see `sums.Sums`.
    """

    limits: Mapping[str, Limit]
    low_bytes: int
    at_least: int


class Upkeep:
    """One for a database.

    Attributes:
        disk: as it was seen last.
    """

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        rules: Rules,
        relief: Relief,
        *,
        changed: Callable[[Disk], None] = lambda _: None,
    ) -> None:
        """Nothing is done before `run`; `changed` is called when the disk's state is another."""
        self._storage = storage
        self._clock = clock
        self._rules = rules
        self._relief = relief
        self._changed = changed
        self._reached: dict[tuple[int, str, int], int] = {}
        self._told: DiskState | None = None
        self.disk = Disk("ok", relief.free())

    async def run(self) -> None:
        """Keep for ever."""
        while True:
            await outlast(self.tick)
            await asyncio.sleep(EVERY_S)

    async def tick(self) -> None:
        """Look once, and do all that follows.

        Raises:
            StorageUnavailable: not all of it; the rest at the next look.
        """
        await self._look()
        for lane in YIELDING:
            await self._thin(lane)
        if self.disk.state == "full":
            await self._reclaim()
        if self._told is None:
            await self._storage.run(lambda tx: tell_report(tx, self._clock.now()))
        if self._told != self.disk.state:
            await self._storage.run(self._tell)
            self._told = self.disk.state

    async def _look(self) -> None:
        refused = self._relief.was_refused()
        free = await asyncio.to_thread(self._relief.free)
        before = self.disk.state
        self.disk = judge(before, free, low_bytes=self._rules.low_bytes, refused=refused)
        if self.disk.state != "full":
            await asyncio.to_thread(self._relief.restore)
        if self.disk.state != before:
            log.warning("storage.disk", state=self.disk.state, free_mb=self.disk.free // MB)
            self._changed(self.disk)

    def _tell(self, tx: Tx) -> None:
        row = tx.execute("SELECT state FROM disk_told").fetchone()
        told: DiskState = "ok" if row is None else row["state"]
        if told == self.disk.state:
            return
        data = DiskChanged(state=self.disk.state, free_mb=self.disk.free // MB)
        tx.record(Fact("disk", data), self._clock.now())
        tx.execute(
            "INSERT INTO disk_told VALUES (1, ?)"
            " ON CONFLICT (one) DO UPDATE SET state = excluded.state",
            (self.disk.state,),
        )

    async def _thin(self, lane: str) -> None:
        """Roll up `lane` as far as its fill and the disk ask for; then drop what is too much."""
        for level in LEVELS:
            while level.window_s in windows(self._filled(lane), self._urgency()):
                reached = await self._storage.run(partial(self._roll_up, lane, level.window_s))
                if reached.is_end:
                    break
        limit = self._rules.limits[lane]
        while (excess := self._storage.log.held(lane) - limit.plain) > 0:
            if not await self._storage.run(partial(drop, lane=lane, size=excess)):
                break

    def _urgency(self) -> DiskState:
        """The disk's state, as far as rolling up can help: pages that are free are room."""
        return (
            "low" if self.disk.state == "full" and not self._relief.emergency else self.disk.state
        )

    def _filled(self, lane: str) -> float:
        return self._storage.log.held(lane) / self._rules.limits[lane].whole

    def _roll_up(self, lane: str, window_s: int, tx: Tx) -> Reached:
        """In a unit of work: the next part of the pass that this window is in."""
        key = tx.head.epoch, lane, window_s
        reached = roll_up(
            tx,
            lane,
            self._reached.get(key, 0),
            window_s=window_s,
            at_least=self._rules.at_least,
            sealer=self._storage.sealer,
        )
        has_room = self._relief.emergency and _free_in_file(tx) >= BALLAST_BYTES

        def keep() -> None:
            self._reached[key] = reached.sequence
            self._relief.emergency &= not has_room

        tx.after_commit(keep)
        return reached

    async def _reclaim(self) -> None:
        """Drop the oldest until the file has pages to write into without growing."""
        for lane in YIELDING:
            while self._storage.log.held(lane) > WORTH_DROPPING:
                if not await self._storage.run(partial(_drop_for_pages, lane)):
                    break
        if await self._storage.run(_free_in_file) >= BALLAST_BYTES:
            self._relief.emergency = False


def _drop_for_pages(lane: str, tx: Tx) -> int:
    """In a unit of work; 0 when there is nothing to drop, or no need."""
    if _free_in_file(tx) >= BALLAST_BYTES:
        return 0
    tx.scrub()  # a checkpoint between the parts, so that the WAL stays small
    return drop(tx, lane, WORTH_DROPPING)


def _free_in_file(tx: Tx) -> int:
    """Bytes of the database file that can be written again without its growing."""
    (pages,) = tx.execute("PRAGMA freelist_count").fetchone()
    (page_bytes,) = tx.execute("PRAGMA page_size").fetchone()
    return int(pages) * int(page_bytes)
