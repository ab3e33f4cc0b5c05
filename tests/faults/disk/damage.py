"""Files that rot: bytes flipped, a page of zeros, a file cut short or gone; and what came of it."""

import asyncio
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from edge_agent.storage import StorageFailed
from tests.faults.disk.image import Cut, Disk, lay_out
from tests.faults.disk.promises import LATER, log_broken
from tests.faults.disk.script import DATABASE, make_tables, opened, unit_of_work
from tests.faults.disk.writelog import Op
from tests.faults.seeds import chance

PAGE: Final = 4096
MOST_FLIPPED: Final = 8
"""Bytes, beside each other: a bad cell of a card rather than a bad card."""

WAL: Final = f"{DATABASE}-wal"

Files = dict[str, bytes]


def _flipped(content: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(content))
    harmed = bytearray(content)
    for place in range(at, min(at + dice.randint(1, MOST_FLIPPED), len(content))):
        harmed[place] ^= dice.randint(1, 255)
    return bytes(harmed)


def _zeroed(content: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(content)) // PAGE * PAGE
    size = min(PAGE, len(content) - at)
    return content[:at] + bytes(size) + content[at + size :]


def _cut_short(content: bytes, dice: random.Random) -> bytes:
    return content[: dice.randrange(len(content))]


class Harm(StrEnum):
    """What happens to the files of a database at rest."""

    FLIPPED = "flipped bytes"
    WAL_FLIPPED = "flipped bytes in the -wal"
    ZEROED = "a page of zeros"
    CUT_SHORT = "file cut short"
    WAL_CUT_SHORT = "-wal cut short"
    WAL_LOST = "-wal lost"


_DONE_TO: Final[dict[Harm, tuple[str, Callable[[bytes, random.Random], bytes] | None]]] = {
    Harm.FLIPPED: (DATABASE, _flipped),
    Harm.WAL_FLIPPED: (WAL, _flipped),
    Harm.ZEROED: (DATABASE, _zeroed),
    Harm.CUT_SHORT: (DATABASE, _cut_short),
    Harm.WAL_CUT_SHORT: (WAL, _cut_short),
    Harm.WAL_LOST: (WAL, None),
}


def harmed(files: Files, harm: Harm, dice: random.Random) -> Files:
    """The same files after `harm`."""
    name, how = _DONE_TO[harm]
    rest = {each: content for each, content in files.items() if each != name}
    return rest if how is None else rest | {name: how(files[name], dice)}


class Outcome(StrEnum):
    """What the store has after a damage."""

    WHOLE = "whole"
    """All that was there: nothing that matters was hit."""
    DECLARED = "declared"
    """Something is missing or altered, and the database says of itself that it was recovered."""
    ALTERED = "altered"
    """Bytes of a value differ, and nobody knows here: SQLite keeps no checksum of its pages."""


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of a damaged database.

    Attributes:
        aside: damaged files were kept.
        broken: what must not be, after any damage.
    """

    outcome: Outcome | None
    aside: bool
    broken: list[str]


def killed_files(ops: list[Op]) -> Files:
    """The files after a kill in mid-run, a WAL beside a database that has been checkpointed."""
    disk = Disk()
    for op in ops:
        disk.replay(op)
    return disk.image(Cut.KEPT, chance(0))


def content_of(files: Files, directory: Path) -> list[object]:
    """What units and facts say in undamaged `files`."""
    lay_out(files, directory)
    with closing(sqlite3.connect(directory / DATABASE)) as connection:
        return _content(connection)


def rest_of(files: Files, directory: Path, content: list[object]) -> Rest:
    """Open the damaged `files` with the real storage; again where it says that only this helps."""
    lay_out(files, directory)
    try:
        try:
            asyncio.run(_restarted(directory))
        except StorageFailed:  # and systemd starts the agent again
            asyncio.run(_restarted(directory))
    except Exception as err:  # noqa: BLE001 - whatever it is, it is a finding
        return Rest(None, aside=False, broken=[f"does not open and go on: {err!r}"])
    aside = any(".damaged-" in path.name for path in directory.iterdir())
    with closing(sqlite3.connect(directory / DATABASE)) as connection:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        declared = connection.execute("SELECT 1 FROM restored").fetchone() is not None
        same = _content(connection) == content
        broken = list(log_broken(connection, whole=not declared)) if same or declared else []
    outcome = Outcome.DECLARED if declared else Outcome.WHOLE if same else Outcome.ALTERED
    return Rest(outcome, aside, broken)


async def _restarted(directory: Path) -> None:
    """Open it, read every fact as the link and the console do, and record one more."""
    async with opened(directory) as storage:
        await storage.log.above(0, LATER)
        await storage.run(make_tables)
        await storage.run(unit_of_work(LATER))


def _content(connection: sqlite3.Connection) -> list[object]:
    return [
        connection.execute("SELECT unit FROM shelf WHERE unit <> ?", (LATER,)).fetchall(),
        connection.execute(
            "SELECT lane, subject, data FROM fact WHERE subject <> ? ORDER BY position",
            (f"units/{LATER}",),
        ).fetchall(),
    ]
