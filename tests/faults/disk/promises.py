"""What a store is promised of its database after any fault, looked up in what is left of it."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from edge_agent.storage.head import weight
from tests.faults.disk.script import DATABASE, facts_of, make_tables, opened, unit_of_work
from tests.faults.disk.writelog import NOTES
from tests.storage.support import chain_over

BESIDE = ("", "-wal", "-shm", "-journal", ".lock", ".life", ".witness")
BELONGS = frozenset(DATABASE + end for end in BESIDE)
"""What lies there, besides drafts of ``.life``. Anything else was set aside as damaged, and no
power cut does such damage."""

LATER = 10_000
"""A unit that no run does: the database must take one more when all is over."""


@dataclass(slots=True)
class Told:
    """What a run was told by the storage.

    Attributes:
        tried: handed over.
        kept: acknowledged.
        refused: told that nothing was kept, and not acknowledged on another try.
        after_failure: acknowledged after the storage had said that it has failed.
    """

    tried: set[int] = field(default_factory=set)
    kept: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    after_failure: set[int] = field(default_factory=set)
    failure: str = ""


class Lane(NamedTuple):
    """A row of table ``lane``, as far as it can be held against the facts."""

    name: str
    following: int
    cursor: int
    chain: str
    waiting_bytes: int


def told(notes: bytes) -> Told:
    """Read a run's notes."""
    told = Told()
    for line in notes.decode().splitlines():
        word, _, rest = line.partition(" ")
        match word:
            case "tried":
                told.tried.add(int(rest))
            case "kept":
                told.kept.add(int(rest))
                told.refused.discard(int(rest))
                if told.failure:
                    told.after_failure.add(int(rest))
            case "refused":
                told.refused.add(int(rest))
            case _:
                told.failure = rest
    return told


def told_in(directory: Path) -> Told:
    """Of a run that has noted in `directory`."""
    return told((directory / NOTES).read_bytes())


def units_in(directory: Path) -> set[int]:
    """The units whose row is there; none before the script had made its tables."""
    with closing(sqlite3.connect(directory / DATABASE)) as connection:
        return _units_in(connection)


def broken(directory: Path, was_told: Told, *, in_order: bool) -> list[str]:
    """The promises that are not kept, opening `directory` with the real storage; empty is well.

    Args:
        directory: with the database; is written to.
        was_told: by the run that left it.
        in_order: nothing was refused in that run, so that units are there up to one of them.
    """
    try:
        found = asyncio.run(_found(directory / DATABASE, was_told, in_order=in_order))
    except Exception as err:  # noqa: BLE001 - whatever it is, it is a finding
        return [f"does not open and go on: {err!r}"]
    strange = {each.name for each in directory.iterdir()} - {NOTES, *BELONGS}
    drafts = {name for name in strange if name.startswith(f".{DATABASE}.life.")}
    return found + [f"{name} was set aside" for name in sorted(strange - drafts)]


async def _found(path: Path, was_told: Told, *, in_order: bool) -> list[str]:
    async with opened(path.parent) as storage:
        await storage.run(make_tables)
        with closing(sqlite3.connect(path)) as connection:
            found = [
                *_units_broken(connection, was_told, in_order=in_order),
                *log_broken(connection, whole=True),
            ]
        if not found:
            await storage.run(unit_of_work(LATER))
        return found


def _units_broken(
    connection: sqlite3.Connection, was_told: Told, *, in_order: bool
) -> Iterator[str]:
    there = _units_in(connection)
    lost = was_told.kept - there
    if lost:
        yield f"acknowledged and lost: {_some(lost)} of {len(was_told.kept)}"
    if was_told.after_failure:
        yield f"acknowledged after the failure: {_some(was_told.after_failure)}"
    if doubted := (there & was_told.refused) - was_told.kept:
        yield f"refused and kept: {_some(doubted)}"
    if strange := there - was_told.tried:
        yield f"never tried and there: {_some(strange)}"
    if in_order and there != set(range(1, len(there) + 1)):
        yield f"no prefix: {len(there)} units up to {max(there)}"
    yield from _facts_broken(connection, there)


def _units_in(connection: sqlite3.Connection) -> set[int]:
    try:
        return {row[0] for row in connection.execute("SELECT unit FROM shelf")}
    except sqlite3.OperationalError:
        return set()  # cut before the script had made its tables


def _facts_broken(connection: sqlite3.Connection, there: set[int]) -> Iterator[str]:
    """State and facts go together: each lane has recorded what these units record."""
    wanted: dict[str, int] = {}
    for unit in there:
        for fact in facts_of(unit):
            wanted[fact.data.LANE] = wanted.get(fact.data.LANE, 0) + 1
    for lane, recorded in connection.execute("SELECT lane, recorded FROM lane"):
        if recorded != (should := wanted.get(lane, 0)):
            yield f"lane {lane}: {recorded} facts recorded, by units that record {should}"


def log_broken(connection: sqlite3.Connection, *, whole: bool) -> Iterator[str]:
    """What is not in order in the log itself.

    Args:
        whole: nothing was damaged; what was recovered from damage may have holes, and says so.
    """
    (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
    if sound != "ok":
        yield f"integrity check: {sound}"
    if whole:
        yield from _holes(connection)
    lanes = connection.execute("SELECT lane, next_sequence, cursor, hash, waiting_bytes FROM lane")
    for lane in lanes.fetchall():
        yield from _lane_broken(connection, Lane(*lane), whole=whole)


def _holes(connection: sqlite3.Connection) -> Iterator[str]:
    if connection.execute("SELECT 1 FROM restored").fetchone():
        yield "it is taken for a copy of another database"
    position, dispatched = connection.execute("SELECT position, dispatched FROM log").fetchone()
    positions = [row[0] for row in connection.execute("SELECT position FROM fact ORDER BY 1")]
    first = positions[0] if positions else position + 1
    if positions != list(range(first, position + 1)):
        yield f"positions are not contiguous up to {position}"
    if _effects_in(connection) != list(range(1, dispatched + 1)):
        yield f"effects are not one each up to {dispatched}"


def _effects_in(connection: sqlite3.Connection) -> list[int]:
    return [row[0] for row in connection.execute("SELECT position FROM effect ORDER BY 1")]


def _lane_broken(connection: sqlite3.Connection, lane: Lane, *, whole: bool) -> Iterator[str]:
    """Sequences contiguous, hash, cursor and size what the facts say."""
    facts = connection.execute(
        "SELECT sequence, id, subject, data FROM fact"
        " WHERE lane = ? AND epoch = (SELECT epoch FROM log) ORDER BY sequence",
        (lane.name,),
    ).fetchall()
    sequences = [fact[0] for fact in facts]
    first = sequences[0] if sequences else lane.following
    if sequences != list(range(first, lane.following)):
        yield f"{lane}: sequences are not contiguous"
    if not first - 1 <= lane.cursor < lane.following:
        yield f"{lane}: the cursor is not among them, from {first}"
    if whole and first == 1 and lane.chain != chain_over([(fact[1], fact[3]) for fact in facts]):
        yield f"{lane}: the hash is not that of its facts"
    waits = sum(weight(subject, data) for at, _, subject, data in facts if at > lane.cursor)
    if waits != lane.waiting_bytes:
        yield f"{lane}: {waits} bytes wait"


def _some(units: set[int]) -> str:
    """A few of them, for a failure's message."""
    shown = ", ".join(map(str, sorted(units)[:5]))
    return f"{len(units)} ({shown}{', ...' if len(units) > 5 else ''})"
