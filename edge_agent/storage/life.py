"""The file beside the database that knows its present life, so that an old copy is recognised.

Whoever puts yesterday's file in the database's place puts back a life that has ended, or the
present one at a position that it has left behind.
"""

import secrets
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from edge_agent.kernel.files import write_whole
from edge_agent.storage.migrations import transaction
from edge_agent.storage.restored import mark_restored

KEEP_EVERY_S: Final = 60.0
"""Between two notes of the position, while facts come: a copy of the last minute is for the hub to
recognise, and 4 KiB a minute are no wear on a card (20 facts/s cost it 100 times that)."""

_ID_BYTES: Final = 16


class Life(msgspec.Struct, frozen=True):
    """What the file says.

    Attributes:
        ids: the database's life; during a start also the one that begins.
        position: of the newest fact that was seen committed.
    """

    ids: list[str]
    position: int


def life_file(database: Path) -> Path:
    """Where the life of the database at that path stands."""
    return database.with_name(f"{database.name}.life")


def begin_life(connection: sqlite3.Connection, file: Path) -> None:
    """Begin the next life of a database; one that is not `file`'s own is marked as copied here.

    A crash in between leaves a database that is either life's own, and on a full disk the present
    life goes on.

    Raises:
        OSError: `file` is there and may not be read: that makes no copy of the database.
    """
    row = connection.execute("SELECT id FROM life").fetchone()
    (position,) = connection.execute("SELECT position FROM log").fetchone()
    present, known = (None if row is None else str(row[0])), _read(file)
    begun = secrets.token_hex(_ID_BYTES)
    copied = _is_copy(present, position, known)
    if not copied and not _written(file, Life([*filter(None, [present]), begun], position)):
        return
    try:
        with transaction(connection):
            _put(connection, begun, copied=copied)
    except sqlite3.OperationalError as err:
        if copied or err.sqlite_errorcode != sqlite3.SQLITE_FULL:
            raise
    else:
        _written(file, Life([begun], position))


def _put(connection: sqlite3.Connection, begun: str, *, copied: bool) -> None:
    if copied:
        mark_restored(connection, "copied")
    connection.execute(
        "INSERT INTO life (one, id) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET id = excluded.id",
        (begun,),
    )


def keep_position(file: Path, position: int) -> None:
    """Note how far the database has come: its facts up to there are committed.

    Where the disk is full or fails the note before stands, and says less.
    """
    with suppress(OSError):
        life = _read(file)
        if life is not None and position > life.position:
            _written(file, Life(life.ids, position))


def _is_copy(present: str | None, position: int, known: Life | None) -> bool:
    """Whether a database of life `present` (None: it never had one) is not the file's.

    A database that never had a life and no fact is new: what the hub makes of it is the hub's word.
    """
    if known is None:
        return present is not None
    if present is None:
        return position > 0
    return present not in known.ids or position < known.position


def _read(file: Path) -> Life | None:
    """None where there is no file, or no life in it."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Life)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def _written(file: Path, life: Life) -> bool:
    """Whether `file` says so now, also after a power cut."""
    try:
        write_whole(file, msgspec.json.encode(life))
    except OSError:
        return False
    return True
