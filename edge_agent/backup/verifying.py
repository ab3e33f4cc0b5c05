"""Whether a file is a whole database of an agent, and what it holds."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge_agent.backup.errors import BackupError
from edge_agent.storage.head import load_head

_WAITING: Final = """
    SELECT count(*) AS rows, ifnull(sum(sequence - ifnull(covers, sequence) + 1), 0) AS facts
    FROM fact WHERE lane = ? AND epoch = (SELECT epoch FROM log) AND sequence > ?
"""
"""A fact may stand for others before it (schema/0113_limits.sql)."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds.

    Attributes:
        gateway: whose log it is.
        position: of its newest fact.
        waiting: facts that the hub was not known to have.
        people: who had joined; their keys are in it.
    """

    gateway: str
    position: int
    waiting: int
    people: int


def check_sound(file: Path) -> None:
    """Whether pages and references of a database of any release are whole; nobody may write to it.

    Raises:
        BackupError: they are not; the text names the first that is wrong.
    """
    with _reading(file) as connection:
        _sound(connection)


def verify(file: Path) -> Contents:
    """What is in a database of the present schema to which nobody writes.

    Raises:
        BackupError: as `check_sound`, or its counters do not say what its rows do.
    """
    with _reading(file) as connection:
        _sound(connection)
        return _contents(connection)


@contextmanager
def _reading(file: Path) -> Iterator[sqlite3.Connection]:
    """A connection that writes nothing, no -shm either."""
    uri = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            yield connection
    except sqlite3.Error as err:
        msg = f"{file} is not the whole database of an agent: {err}"
        raise BackupError(msg) from err


def _sound(connection: sqlite3.Connection) -> None:
    (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        raise sqlite3.DatabaseError(said)
    broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if broken is not None:
        msg = f"a row of {broken[0]} refers to a row of {broken[2]} that is not there"
        raise sqlite3.DatabaseError(msg)


def _contents(connection: sqlite3.Connection) -> Contents:
    head = load_head(connection)
    for lane in head.lanes.values():
        row = connection.execute(_WAITING, (lane.lane, lane.cursor)).fetchone()
        if row["facts"] != lane.waiting:
            msg = f"lane {lane.lane} counts {lane.waiting} facts that wait and has {row['facts']}"
            raise sqlite3.DatabaseError(msg)
    (gateway,) = connection.execute("SELECT gateway FROM log").fetchone()
    (newest,) = connection.execute("SELECT ifnull(max(position), 0) FROM fact").fetchone()
    if newest > head.position:
        msg = f"a fact lies at position {newest}, beyond the log's {head.position}"
        raise sqlite3.DatabaseError(msg)
    (people,) = connection.execute("SELECT count(*) FROM person_key").fetchone()
    waiting = sum(lane.waiting for lane in head.lanes.values())
    return Contents(str(gateway), head.position, waiting, int(people))
