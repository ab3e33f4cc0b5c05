"""Moving the log's cursors, as units of work: acknowledged, renumbered, dispatched, deleted."""

from collections.abc import Mapping
from typing import Final

from cloud_bridge.wire.envelope import EMPTY_HASH, chain_hash
from edge_agent.storage.errors import EpochFenced
from edge_agent.storage.head import ENVELOPE_BYTES, LaneHead
from edge_agent.storage.unit import Tx

RECENT: Final = 200
"""Facts that stay after both readers have passed them, so that the console and `edge-agent facts`
have something to show: two screens' worth."""

MOST_DELETED: Final = 1000
"""Rows of a lane that leave in one unit: a pickup never waits behind the deletion of a week."""


def acknowledge(tx: Tx, epoch: int, cursors: Mapping[str, int]) -> None:
    """Move lanes' cursors to what the hub's database holds, and let go of what both readers have.

    A repeat, a cursor behind the lane's own and an unknown lane change nothing; a cursor ahead of
    what was recorded moves to the last fact. Another epoch's cursors say nothing about this one's.
    """
    if epoch != tx.head.epoch or epoch == 0:
        return
    for name, reached in cursors.items():
        lane = tx.head.lanes.get(name)
        if lane is not None and reached > lane.cursor:
            _advance(tx, lane, min(reached, lane.next_sequence - 1))
    sweep(tx)


def _advance(tx: Tx, lane: LaneHead, cursor: int) -> None:
    (size,) = tx.execute(
        "SELECT ifnull(sum(? + length(subject) + length(data)), 0) FROM fact"
        " WHERE lane = ? AND epoch = ? AND sequence > ? AND sequence <= ?",
        (ENVELOPE_BYTES, lane.lane, tx.head.epoch, lane.cursor, cursor),
    ).fetchone()
    tx.head.put(lane.acknowledged_to(cursor, size))


def sweep(tx: Tx) -> None:
    """Delete what both readers have passed, but the `RECENT` newest and what is parked."""
    passed = min(tx.head.dispatched, tx.head.position - RECENT)
    for lane in tx.head.lanes.values():
        tx.execute(
            "DELETE FROM fact WHERE position IN ("
            " SELECT position FROM fact WHERE lane = ? AND (epoch, sequence) <= (?, ?)"
            " AND position <= ? AND position NOT IN (SELECT position FROM parked) LIMIT ?)",
            (lane.lane, tx.head.epoch, lane.cursor, passed, MOST_DELETED),
        )


def renumber(tx: Tx, epoch: int) -> None:
    """Number what waits from 1 in each lane, under `epoch`, with new hash chains.

    Repeating the log's own epoch changes nothing.

    Raises:
        EpochFenced: the log has a newer epoch than `epoch`.
    """
    if epoch < tx.head.epoch:
        msg = f"epoch {epoch} is older than this log's epoch {tx.head.epoch}"
        raise EpochFenced(msg)
    if epoch != tx.head.epoch:
        number_anew(tx, epoch)


def number_anew(tx: Tx, epoch: int) -> None:
    """As `renumber`, also under an epoch before the log's own; 0 belongs to no hub."""
    for lane in list(tx.head.lanes.values()):
        tx.execute(
            "UPDATE fact SET epoch = ?1, sequence = sequence - ?2, covers = max(1, covers - ?2)"
            " WHERE lane = ?3 AND epoch = ?4 AND sequence > ?2",
            (epoch, lane.cursor, lane.lane, tx.head.epoch),
        )
        tx.head.put(lane.renumbered(_chain_of(tx, lane.lane, epoch)))
    tx.head.epoch = epoch


def _chain_of(tx: Tx, lane: str, epoch: int) -> str:
    chain = EMPTY_HASH
    for fact_id, data, covers in tx.execute(
        "SELECT id, data, covers FROM fact WHERE lane = ? AND epoch = ? ORDER BY sequence",
        (lane, epoch),
    ):
        chain = chain_hash(chain if covers is None else EMPTY_HASH, fact_id, data)
    return chain
