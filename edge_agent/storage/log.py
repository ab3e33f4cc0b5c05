"""The durable log of facts, as its readers see it."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cloud_bridge.wire.envelope import EMPTY_HASH, Lane
from edge_agent.kernel.facts import RecordedFact
from edge_agent.storage.cursors import acknowledge
from edge_agent.storage.head import UNSAID, weight
from edge_agent.storage.readers import Readers
from edge_agent.storage.restored import grant
from edge_agent.storage.rollup import hand
from edge_agent.storage.rows import fact_from_row, moment_of
from edge_agent.storage.tide import Tides
from edge_agent.storage.writer import Writer


@dataclass(frozen=True, slots=True)
class LaneState:
    """One lane, as committed.

    Attributes:
        next_sequence: what the next fact gets.
        cursor: highest sequence known to be in the hub's database.
        hash: chain hash of the newest fact of the epoch (`cloud_bridge.wire.envelope`); empty when
            it cannot be said, as facts were rolled up.
        recorded: facts since the database was made, over all epochs.
        acknowledged: of these, in the hub's database.
        waiting: facts above the cursor, those included that another stands for.
        waiting_bytes: their size on the wire before compression.
        oldest: when the first of them was recorded; None when none waits.
        rolled_up: facts since the database was made that became part of a sum.
        dropped: facts since then of which only the number is left.
    """

    next_sequence: int
    cursor: int
    hash: str
    recorded: int
    acknowledged: int
    waiting: int
    waiting_bytes: int
    oldest: datetime | None
    rolled_up: int
    dropped: int


@dataclass(frozen=True, slots=True)
class LogState:
    """The log, as committed.

    Attributes:
        epoch: granted by the hub; 0 until the first grant.
        position: of the newest fact.
        dispatched: position up to which the dispatcher has come.
        withheld: facts about people without a key, which were not recorded, over all time.
        lanes: by name, in the contract's order.
    """

    epoch: int
    position: int
    dispatched: int
    withheld: int
    lanes: dict[str, LaneState]


STATE: Final = """
    SELECT log.epoch, log.position, log.dispatched, lane.*,
        (SELECT time FROM fact WHERE fact.lane = lane.lane AND fact.epoch = log.epoch
            AND sequence > lane.cursor ORDER BY sequence LIMIT 1) AS oldest,
        (SELECT ifnull(sum(facts), 0) FROM withheld) AS withheld
    FROM log JOIN lane
"""

WAITING: Final = """
    SELECT * FROM fact
    WHERE lane = ? AND epoch = (SELECT epoch FROM log) AND sequence > ?
    ORDER BY sequence LIMIT ?
"""

TAIL: Final = """
    SELECT * FROM fact
    WHERE (:lane IS NULL OR lane = :lane)
      AND (:type_prefix IS NULL OR substr(type, 1, length(:type_prefix)) = :type_prefix)
      AND (:subject IS NULL OR subject = :subject)
      AND (:since IS NULL OR time >= :since)
      AND position > :above
    ORDER BY position DESC LIMIT :limit
"""


class FactLog:
    """Positions over all lanes, contiguous sequences per lane, two cursors."""

    def __init__(self, writer: Writer, readers: Readers, tides: Tides) -> None:
        self._writer = writer
        self._readers = readers
        self._tides = tides

    async def state(self) -> LogState:
        """Epoch, cursors and counters as of the last COMMIT."""
        return state_of(await self._readers.read(STATE))

    async def waiting(
        self, lane: str, above: int, limit: int, max_bytes: int
    ) -> list[RecordedFact]:
        """Facts of the current epoch with a sequence above `above`, in order.

        At most `limit`, and at most `max_bytes` on the wire before compression; but one at least,
        where there is one.
        """
        facts: list[RecordedFact] = []
        size = 0
        for row in await self._readers.read(WAITING, (lane, above, limit)):
            fact = fact_from_row(row)
            size += weight(fact.subject, fact.data)
            if facts and size > max_bytes:
                break
            facts.append(fact)
        return facts

    async def acknowledge(self, epoch: int, cursors: Mapping[str, int]) -> None:
        """Note what the hub's database holds (`cursors.acknowledge`).

        Durable with the next group: nobody waits for it, the hub says it again.
        """
        await self._writer.leave(lambda tx: acknowledge(tx, epoch, cursors))

    def held(self, lane: str) -> int:
        """Bytes of `lane` that wait, as of the last COMMIT (`LaneState.waiting_bytes`)."""
        return self._writer.head.lanes[lane].waiting_bytes

    async def handed(self, lane: str, last: int) -> None:
        """Note durably that facts of `lane` up to `last` may be at the hub, before they go up.

        Such facts are never rolled up. Costs a commit once in `rollup.HANDED_AHEAD` facts.
        """
        if last > self._writer.head.lanes[lane].handed:
            await self._writer.run(lambda tx: hand(tx, lane, last))

    async def renumber(self, epoch: int) -> None:
        """Begin a new epoch (`restored.grant`)."""
        await self._writer.run(lambda tx: grant(tx, epoch))

    async def beyond(self, position: int) -> int:
        """Wait until the log holds more than `position`; return the newest fact's position.

        Raises:
            StorageFailed: storage was closed or has failed.
        """
        return await self._tides.position.above(position)

    @property
    def position(self) -> int:
        """The newest committed fact's."""
        return self._tides.position.level

    async def recorded_beyond(self, position: int) -> int:
        """As `beyond`, but sees what an open group has recorded: for who reads in units of work."""
        return await self._tides.recorded.above(position)

    async def above(self, position: int, limit: int) -> list[RecordedFact]:
        """Facts over all lanes with a position above `position`, in order."""
        rows = await self._readers.read(
            "SELECT * FROM fact WHERE position > ? ORDER BY position LIMIT ?", (position, limit)
        )
        return [fact_from_row(row) for row in rows]

    async def tail(
        self,
        *,
        lane: str | None = None,
        type_prefix: str | None = None,
        subject: str | None = None,
        limit: int,
    ) -> list[RecordedFact]:
        """Newest first; reaches at least `cursors.RECENT` facts back, and all that waits."""
        rows = await self._readers.read(
            TAIL, tail_params(lane=lane, type_prefix=type_prefix, subject=subject, limit=limit)
        )
        return [fact_from_row(row) for row in rows]


def tail_params(
    *,
    limit: int,
    lane: str | None = None,
    type_prefix: str | None = None,
    subject: str | None = None,
    since: int | None = None,
    above: int = 0,
) -> dict[str, Any]:
    """The parameters of `TAIL`; None matches everything. `since` as `rows.microseconds`."""
    return {
        "lane": lane,
        "type_prefix": type_prefix,
        "subject": subject,
        "since": since,
        "above": above,
        "limit": limit,
    }


def state_of(rows: Sequence[sqlite3.Row]) -> LogState:
    """The state that the rows of `STATE` make, one for each lane."""
    lanes = {row["lane"]: _lane_state(row) for row in rows}
    log = rows[0]
    return LogState(
        log["epoch"],
        log["position"],
        log["dispatched"],
        log["withheld"],
        {lane.value: lanes[lane] for lane in Lane},
    )


def _lane_state(row: sqlite3.Row) -> LaneState:
    return LaneState(
        next_sequence=row["next_sequence"],
        cursor=row["cursor"],
        hash=EMPTY_HASH if row["hash"] == UNSAID else row["hash"],
        recorded=row["recorded"],
        acknowledged=row["acknowledged"],
        waiting=row["next_sequence"] - 1 - row["cursor"],
        waiting_bytes=row["waiting_bytes"],
        oldest=None if row["oldest"] is None else moment_of(row["oldest"]),
        rolled_up=row["rolled_up"],
        dropped=row["dropped"],
    )
