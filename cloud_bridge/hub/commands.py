"""The command log of each store: gapless, kept for ever, replayed above what the store has done."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime

import msgspec

from cloud_bridge.wire.envelope import Command

MOST_BYTES = 48 * 1024
"""Of one message: with the largest command of one order it stays under the contract's 64 KiB."""

MOST_AT_ONCE = 200
"""Commands read at once; the rest follows when these have gone out."""


def append(
    tx: sqlite3.Connection,
    store: str,
    *,
    command_id: str,
    kind: str,
    subject: str,
    data: object,
    now: datetime,
) -> int:
    """Put a command at the end of the store's log; its sequence."""
    (sequence,) = tx.execute(
        "INSERT INTO command_counter VALUES (?, 1)"
        " ON CONFLICT (store) DO UPDATE SET last = last + 1 RETURNING last",
        (store,),
    ).fetchone()
    command = Command(
        id=command_id,
        type=kind,
        subject=subject,
        time=now,
        sequence=sequence,
        data=msgspec.Raw(msgspec.json.encode(data)),
    )
    tx.execute(
        "INSERT INTO command (store, sequence, id, type, subject, raw) VALUES (?, ?, ?, ?, ?, ?)",
        (store, sequence, command_id, kind, subject, msgspec.json.encode(command).decode()),
    )
    return int(sequence)


def above(tx: sqlite3.Connection, store: str, sequence: int) -> list[tuple[int, str]]:
    """The next commands after `sequence`, at most `MOST_AT_ONCE`: (sequence, JSON)."""
    rows = tx.execute(
        "SELECT sequence, raw FROM command WHERE store = ? AND sequence > ?"
        " ORDER BY sequence LIMIT ?",
        (store, sequence, MOST_AT_ONCE),
    )
    return [(row["sequence"], row["raw"]) for row in rows]


def messages(commands: list[tuple[int, str]]) -> Iterator[bytes]:
    """The payloads that carry `commands`, in order."""
    part: list[str] = []
    for _, raw in commands:
        if part and sum(map(len, part)) + len(raw) > MOST_BYTES:
            yield _payload(part)
            part = []
        part.append(raw)
    if part:
        yield _payload(part)


def _payload(raws: list[str]) -> bytes:
    return f"[{','.join(raws)}]".encode()


def answered(tx: sqlite3.Connection, store: str, subject: str, kind: str, fact_id: str) -> None:
    """The oldest open command of this kind about `subject` has its answer."""
    tx.execute(
        "UPDATE command SET answered = ? WHERE store = ? AND sequence = ("
        " SELECT min(sequence) FROM command"
        " WHERE store = ? AND subject = ? AND type = ? AND answered IS NULL)",
        (fact_id, store, store, subject, kind),
    )


def answered_at(tx: sqlite3.Connection, store: str, sequence: int, fact_id: str) -> None:
    """The command at `sequence` has its answer."""
    tx.execute(
        "UPDATE command SET answered = ? WHERE store = ? AND sequence = ? AND answered IS NULL",
        (fact_id, store, sequence),
    )
