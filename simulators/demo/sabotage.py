"""Things done behind everybody's back, which the judge must find out."""

import sqlite3
from contextlib import closing
from enum import StrEnum

from simulators.demo.directory import RunDirectory
from simulators.locker.faults import Faults

DATABASE_PATIENCE_S = 5.0
"""How long the saboteur waits for the hub's own writer."""

BEYOND_ANY_LANE = 1_000_000
"""Added to the sequence of a doubled fact, so that the hub never meets it and goes on."""


class Sabotage(StrEnum):
    """What is done, and when."""

    DROP_FACT = "drop-fact"
    """A fact vanishes from the hub's database in mid-story."""

    DOUBLE_FACT = "double-fact"
    """A fact stands twice in the hub's database."""

    NO_DOOR = "no-door"
    """Every latch of the locker bank is jammed from the start."""

    NO_COUPON = "no-coupon"
    """The campaigns are never published."""


def jam_all(faults: Faults, doors: int) -> None:
    """Jam the latches of a bank of `doors` doors."""
    for door in range(1, doors + 1):
        faults.jam(door)


def drop_fact(run: RunDirectory) -> None:
    """Delete the newest fact from the hub's database."""
    with closing(_books(run)) as books, books:
        books.execute("DELETE FROM fact WHERE rowid = (SELECT max(rowid) FROM fact)")


def double_fact(run: RunDirectory) -> None:
    """Insert the newest fact of the hub's database once more."""
    with closing(_books(run)) as books, books:
        books.execute(
            "INSERT INTO fact SELECT store, epoch, lane, sequence + ?, id || '-again', type,"
            " subject, time, received_at, raw FROM fact ORDER BY rowid DESC LIMIT 1",
            (BEYOND_ANY_LANE,),
        )


def _books(run: RunDirectory) -> sqlite3.Connection:
    return sqlite3.connect(run.hub_database, timeout=DATABASE_PATIENCE_S)
