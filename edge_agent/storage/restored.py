"""A database that is not the one that the hub has followed: an old copy, or what was recovered.

It may hold open what has ended since. So it keeps that in mind in a row of its own, belongs to no
epoch until the hub grants a new one, and the store hands nothing over while the row is there.
"""

import sqlite3

import msgspec

from cloud_bridge.wire.facts.upkeep import RestoredFrom
from edge_agent.storage.cursors import number_anew, renumber
from edge_agent.storage.statements import Reads
from edge_agent.storage.unit import Tx


def mark_restored(database: sqlite3.Connection | Reads, reason: RestoredFrom) -> None:
    """Keep in mind that this database was restored; the first reason stays.

    For a database of the present schema that nobody else writes; in the caller's transaction. When
    it is opened, `leave_epoch` does the rest; also where the copy is one of a store that had not
    done with an earlier restoring.
    """
    database.execute(
        "INSERT INTO restored (one, reason) VALUES (1, ?)"
        " ON CONFLICT (one) DO UPDATE SET numbered = 0",
        (reason,),
    )


def restored_reason(reads: Reads) -> str | None:
    """Why nothing may be handed over; None when all is well."""
    row = reads.execute("SELECT reason FROM restored").fetchone()
    return None if row is None else str(row["reason"])


def leave_epoch(tx: Tx) -> None:
    """The unit of work with which a restored database begins: what waits belongs to no epoch.

    The hub grants a new one to whoever comes with none; facts that it has it knows by their ids.
    """
    if tx.execute("SELECT 1 FROM restored WHERE numbered = 0").fetchone() is None:
        return
    number_anew(tx, 0)
    _set_apart(tx)
    tx.execute("UPDATE restored SET numbered = 1")


def _set_apart(tx: Tx) -> None:
    """Have what waits never rolled up: the hub may hold any of it, whatever is noted here."""
    for lane in list(tx.head.lanes.values()):
        tx.head.put(msgspec.structs.replace(lane, handed=lane.waiting))


def granted_since(reads: Reads) -> int | None:
    """The epoch that the hub has granted to a restored database; None while there is none."""
    row = reads.execute(
        "SELECT numbered, (SELECT epoch FROM log) AS epoch FROM restored"
    ).fetchone()
    return int(row["epoch"]) or None if row is not None and row["numbered"] else None


def grant(tx: Tx, epoch: int) -> None:
    """Begin an epoch of the hub's; one after the first says that it has followed another log.

    Raises:
        EpochFenced: the log has a newer epoch.
    """
    fresh = epoch > max(tx.head.epoch, 1)
    renumber(tx, epoch)
    if fresh:
        _set_apart(tx)
        mark_restored(tx, "granted")
        tx.execute("UPDATE restored SET numbered = 1")


def untold(tx: Reads) -> str | None:
    """The reason, once: from then on it is taken to be told."""
    row = tx.execute("UPDATE restored SET told = 1 WHERE told = 0 RETURNING reason").fetchone()
    return None if row is None else str(row["reason"])


def end_restored(tx: Reads) -> bool:
    """The store may hand over again; False when it could already."""
    return tx.execute("DELETE FROM restored").rowcount > 0
