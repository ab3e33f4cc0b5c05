"""Facts and moments as SQLite rows, and back."""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cloud_bridge.wire.sealing import is_sealed
from edge_agent.kernel.facts import ClockQuality, RecordedFact, Seal

_1970: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

INSERT_FACT: Final = """
    INSERT INTO fact (position, id, type, lane, epoch, sequence, subject, time, boot, monotonic,
                      clock_quality, data)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
"""The columns stand in the order of `RecordedFact`."""


def microseconds(moment: datetime) -> int:
    """`moment` as microseconds since 1970, exactly (a float would round)."""
    return (moment - _1970) // _MICROSECOND


def moment_of(microseconds_since_1970: int) -> datetime:
    """The inverse of `microseconds`, in UTC."""
    return _1970 + timedelta(microseconds=microseconds_since_1970)


def fact_to_row(fact: RecordedFact) -> tuple[Any, ...]:
    """The values of `INSERT_FACT`, in order."""
    return (
        *fact[:7],
        microseconds(fact.time),
        fact.boot,
        fact.monotonic,
        str(fact.clock_quality),
        fact.data,
    )


def fact_from_row(row: sqlite3.Row) -> RecordedFact:
    """The fact of a row of table ``fact``, of all columns, as it is written there."""
    return RecordedFact(
        position=row["position"],
        id=row["id"],
        type=row["type"],
        lane=row["lane"],
        epoch=row["epoch"],
        sequence=row["sequence"],
        subject=row["subject"],
        time=moment_of(row["time"]),
        boot=row["boot"],
        monotonic=row["monotonic"],
        clock_quality=ClockQuality(row["clock_quality"]),
        data=row["data"],
        seal=Seal.CLOSED if is_sealed(row["data"]) else Seal.NONE,
        covers=row["covers"],
    )
