"""The command log of each store: gapless, kept for ever, replayed above what the store has done."""

import uuid
from collections.abc import Iterator
from datetime import datetime

import msgspec

from cloud_bridge.hub.database import Tx
from cloud_bridge.wire.envelope import Command

MOST_BYTES = 48 * 1024
"""Of one message: with the largest command of one order it stays under the contract's 64 KiB."""

MOST_AT_ONCE = 200
"""Commands read at once; the rest follows when these have gone out."""

LOST = "hub.command.lost.v1"
"""Type of what stands in the place of commands that a restored database does not have: a store that
was restored too needs something there, and answers that it does not know it."""

MOST_FILLED = 500
"""In one transaction: days of orders of a busy store, in well under a second."""


async def append(
    tx: Tx,
    store: str,
    *,
    command_id: str,
    kind: str,
    subject: str,
    data: object,
    now: datetime,
) -> int:
    """Put a command at the end of the store's log; its sequence."""
    counted = await tx.row(
        "INSERT INTO command_counter VALUES ($1, 1)"
        " ON CONFLICT (store) DO UPDATE SET last = command_counter.last + 1 RETURNING last",
        store,
    )
    assert counted is not None  # noqa: S101 - an upsert returns its row
    sequence = int(counted["last"])
    command = Command(
        id=command_id,
        type=kind,
        subject=subject,
        time=now,
        sequence=sequence,
        data=msgspec.Raw(msgspec.json.encode(data)),
    )
    await tx.execute(
        "INSERT INTO command (store, sequence, id, type, subject, raw)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        store,
        sequence,
        command_id,
        kind,
        subject,
        msgspec.json.encode(command).decode(),
    )
    return sequence


async def above(tx: Tx, store: str, sequence: int) -> list[tuple[int, str]]:
    """The next commands after `sequence`, at most `MOST_AT_ONCE`: (sequence, JSON)."""
    rows = await tx.rows(
        "SELECT sequence, raw FROM command WHERE store = $1 AND sequence > $2"
        " ORDER BY sequence LIMIT $3",
        store,
        sequence,
        MOST_AT_ONCE,
    )
    return [(row["sequence"], row["raw"]) for row in rows]


async def last(tx: Tx, store: str) -> int:
    """The sequence of the store's newest command; 0 for none."""
    row = await tx.row("SELECT last FROM command_counter WHERE store = $1", store)
    return 0 if row is None else int(row["last"])


async def fill(tx: Tx, store: str, done: int, now: datetime) -> None:
    """The store has carried out commands up to `done`: the next one comes after that.

    A hub whose database was restored counts less. What it placed under a number that the store has
    behind it, the store would take for done; so what was lost has a `LOST` in its place. Of a gap
    of more than `MOST_FILLED` the rest follows at the next hello.
    """
    newest = await last(tx, store)
    for sequence in range(newest + 1, min(done, newest + MOST_FILLED) + 1):
        command_id = str(uuid.uuid4())
        await append(tx, store, command_id=command_id, kind=LOST, subject=LOST, data={}, now=now)
        await answered_at(tx, store, sequence, command_id)


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


async def answered(tx: Tx, store: str, subject: str, kind: str, fact_id: str) -> None:
    """The oldest open command of this kind about `subject` has its answer."""
    await tx.execute(
        "UPDATE command SET answered = $1 WHERE store = $2 AND sequence = ("
        " SELECT min(sequence) FROM command"
        " WHERE store = $2 AND subject = $3 AND type = $4 AND answered IS NULL)",
        fact_id,
        store,
        subject,
        kind,
    )


async def answered_at(tx: Tx, store: str, sequence: int, fact_id: str) -> None:
    """The command at `sequence` has its answer."""
    await tx.execute(
        "UPDATE command SET answered = $1 WHERE store = $2 AND sequence = $3 AND answered IS NULL",
        fact_id,
        store,
        sequence,
    )
