"""The log's counters as values: kept in memory by the writer, written once per group.

Frozen on purpose: a unit of work that rolls back puts the head that it found back in its place,
and a group whose COMMIT fails puts back the head of the last COMMIT.
"""

import sqlite3

import msgspec

from cloud_bridge.wire.envelope import chain_hash
from edge_agent.kernel.facts import RecordedFact


def weight(subject: str, data: bytes) -> int:
    """Bytes that a fact takes on the wire, before compression."""
    return ENVELOPE_BYTES + len(subject) + len(data)


ENVELOPE_BYTES = 370
"""Measured: a wire `Event` with empty subject and data, and a typical source and type."""


class LaneHead(msgspec.Struct, frozen=True):
    """One lane's counters (schema/0001_log.sql says what each means)."""

    lane: str
    next_sequence: int
    cursor: int
    hash: str
    recorded: int
    acknowledged: int
    waiting_bytes: int

    @property
    def waiting(self) -> int:
        """Facts that the hub is not known to have."""
        return self.next_sequence - 1 - self.cursor

    def having(self, fact_id: str, subject: str, data: bytes) -> "LaneHead":
        """The head after one more fact."""
        return LaneHead(
            self.lane,
            self.next_sequence + 1,
            self.cursor,
            chain_hash(self.hash, fact_id, data),
            self.recorded + 1,
            self.acknowledged,
            self.waiting_bytes + weight(subject, data),
        )

    def acknowledged_to(self, cursor: int, size: int) -> "LaneHead":
        """The head after the facts up to `cursor`, of `size` bytes together, have arrived."""
        return msgspec.structs.replace(
            self,
            cursor=cursor,
            acknowledged=self.acknowledged + cursor - self.cursor,
            waiting_bytes=self.waiting_bytes - size,
        )

    def renumbered(self, chain: str) -> "LaneHead":
        """The head when what waits is numbered from 1, with `chain` as its hash."""
        return msgspec.structs.replace(self, next_sequence=self.waiting + 1, cursor=0, hash=chain)


class LogHead(msgspec.Struct, frozen=True):
    """The log's counters; `lanes` is never changed in place."""

    epoch: int
    position: int
    dispatched: int
    lanes: dict[str, LaneHead]

    def having(self, fact: RecordedFact) -> "LogHead":
        """The head after one more fact."""
        lane = self.lanes[fact.lane].having(fact.id, fact.subject, fact.data)
        return LogHead(self.epoch, fact.position, self.dispatched, {**self.lanes, fact.lane: lane})

    def with_lane(self, lane: LaneHead) -> "LogHead":
        """The head with one lane replaced."""
        return msgspec.structs.replace(self, lanes={**self.lanes, lane.lane: lane})

    def in_epoch(self, epoch: int) -> "LogHead":
        """The head under another epoch."""
        return msgspec.structs.replace(self, epoch=epoch)

    def dispatched_to(self, position: int) -> "LogHead":
        """The head when the dispatcher has come to `position`."""
        return msgspec.structs.replace(self, dispatched=position)


def load_head(connection: sqlite3.Connection) -> LogHead:
    """The counters as they are committed."""
    epoch, position, dispatched = connection.execute(
        "SELECT epoch, position, dispatched FROM log"
    ).fetchone()
    lanes = connection.execute(
        "SELECT lane, next_sequence, cursor, hash, recorded, acknowledged, waiting_bytes FROM lane"
    )
    return LogHead(epoch, position, dispatched, {row[0]: LaneHead(*row) for row in lanes})


def save_head(connection: sqlite3.Connection, *, before: LogHead, after: LogHead) -> None:
    """Write the counters that changed, inside the open transaction."""
    if after is before:
        return
    connection.execute(
        "UPDATE log SET epoch = ?, position = ?, dispatched = ?",
        (after.epoch, after.position, after.dispatched),
    )
    connection.executemany(
        "UPDATE lane SET next_sequence = ?, cursor = ?, hash = ?, recorded = ?, acknowledged = ?,"
        " waiting_bytes = ? WHERE lane = ?",
        [
            (*msgspec.structs.astuple(lane)[1:], name)
            for name, lane in after.lanes.items()
            if lane is not before.lanes[name]
        ],
    )
