"""The log's counters: kept in memory by the writer, written once per group.

A lane's are a frozen value and the log's head is a small thing to copy: a unit of work that rolls
back has the copy put back that was taken before it, and a group whose COMMIT fails the copy of the
last COMMIT.
"""

import sqlite3

import msgspec

from cloud_bridge.wire.envelope import chain_hash


def weight(subject: str, data: bytes) -> int:
    """Bytes that a fact takes on the wire, before compression."""
    return ENVELOPE_BYTES + len(subject) + len(data)


ENVELOPE_BYTES = 370
"""Measured: a wire `Event` with empty subject and data, and a typical source and type."""


UNSAID = "?"
"""A chain hash that cannot be said: facts that went into it are gone. It is no hexadecimal number,
and lasts until the lane is numbered anew."""


class LaneHead(msgspec.Struct, frozen=True):
    """One lane's counters (schema/0001_log.sql and 0113 say what each means)."""

    lane: str
    next_sequence: int
    cursor: int
    hash: str
    recorded: int
    acknowledged: int
    waiting_bytes: int
    handed: int
    rolled_up: int
    dropped: int

    @property
    def waiting(self) -> int:
        """Facts that the hub is not known to have."""
        return self.next_sequence - 1 - self.cursor

    def having(self, fact_id: str, data: bytes, size: int) -> "LaneHead":
        """The head after one more fact, of `size` bytes on the wire."""
        return LaneHead(
            self.lane,
            self.next_sequence + 1,
            self.cursor,
            UNSAID if self.hash == UNSAID else chain_hash(self.hash, fact_id, data),
            self.recorded + 1,
            self.acknowledged,
            self.waiting_bytes + size,
            self.handed,
            self.rolled_up,
            self.dropped,
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
        return msgspec.structs.replace(
            self,
            next_sequence=self.waiting + 1,
            cursor=0,
            hash=chain,
            handed=max(0, self.handed - self.cursor),
        )

    def thinned(self, freed: int, *, rolled_up: int = 0, dropped: int = 0) -> "LaneHead":
        """The head after one fact took the place of several, and `freed` bytes with that."""
        return msgspec.structs.replace(
            self,
            hash=UNSAID,
            waiting_bytes=self.waiting_bytes - freed,
            rolled_up=self.rolled_up + rolled_up,
            dropped=self.dropped + dropped,
        )


class LogHead(msgspec.Struct):
    """The log's counters, changed in place by the transaction that is open."""

    epoch: int
    position: int
    dispatched: int
    lanes: dict[str, LaneHead]

    def copy(self) -> "LogHead":
        """What stands here now, for good."""
        return LogHead(self.epoch, self.position, self.dispatched, self.lanes.copy())

    def put(self, lane: LaneHead) -> None:
        """Replace one lane's counters."""
        self.lanes[lane.lane] = lane


def load_head(connection: sqlite3.Connection) -> LogHead:
    """The counters as they are committed."""
    epoch, position, dispatched = connection.execute(
        "SELECT epoch, position, dispatched FROM log"
    ).fetchone()
    lanes = connection.execute(
        "SELECT lane, next_sequence, cursor, hash, recorded, acknowledged, waiting_bytes, handed,"
        " rolled_up, dropped FROM lane"
    )
    return LogHead(epoch, position, dispatched, {row[0]: LaneHead(*row) for row in lanes})


def save_head(connection: sqlite3.Connection, *, before: LogHead, after: LogHead) -> None:
    """Write the counters that changed, inside the open transaction."""
    if after == before:
        return
    connection.execute(
        "UPDATE log SET epoch = ?, position = ?, dispatched = ?",
        (after.epoch, after.position, after.dispatched),
    )
    connection.executemany(
        "UPDATE lane SET next_sequence = ?, cursor = ?, hash = ?, recorded = ?, acknowledged = ?,"
        " waiting_bytes = ?, handed = ?, rolled_up = ?, dropped = ? WHERE lane = ?",
        [
            (*msgspec.structs.astuple(lane)[1:], name)
            for name, lane in after.lanes.items()
            if lane is not before.lanes[name]
        ],
    )
