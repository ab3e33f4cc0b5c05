"""Carries what can be read of a damaged database over into a new one, row by row.

Where a page cannot be read, its rows are looked for in ever smaller ranges around it, so that only
those are lost that lay there.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

MOST_PROBES: Final = 20_000
"""Reads of one table in search of rows beside damage: some seconds; what is left then is lost."""

FURTHEST: Final = 1000
"""How far beyond the last row that was read others are looked for, where even their greatest number
cannot be read: a page has some ten rows."""

UNKNOWN: Final = -1
"""Rows lost, where nobody can say how many."""


@dataclass(slots=True)
class Salvaged:
    """By table: rows carried over, and rows known to be lost (`UNKNOWN` for no idea)."""

    rows: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)


def salvage(
    source: sqlite3.Connection,
    target: sqlite3.Connection,
    *,
    ends: Mapping[str, int],
    without: frozenset[str],
) -> Salvaged:
    """Copy every table of `target` but `without`, as far as `source` has it.

    `ends` says the greatest number of rows of tables of which that is known from elsewhere. A row
    of `target` gives way to the one of the same key. In the caller's transaction.
    """
    source.execute("PRAGMA writable_schema = ON")  # it also reads a file that was cut short
    with suppress(sqlite3.DatabaseError):  # of a malformed schema the first statement fails
        source.execute("SELECT 1 FROM sqlite_schema")
    source.text_factory = lambda raw: raw.decode("utf-8", "replace")
    done = Salvaged()
    for table, without_rowid in _tables(target):
        if table not in without:
            copy = _Copy(source, target, table, done, known_end=ends.get(table))
            copy.run(by_number=not without_rowid)
    return done


def _tables(target: sqlite3.Connection) -> list[tuple[str, bool]]:
    rows = target.execute("PRAGMA table_list").fetchall()
    return [
        (name, bool(without_rowid))
        for schema, name, kind, _, without_rowid, _ in map(tuple, rows)
        if schema == "main" and kind == "table" and not name.startswith("sqlite_")
    ]


class _Copy:
    """One table's."""

    def __init__(
        self,
        source: sqlite3.Connection,
        target: sqlite3.Connection,
        table: str,
        done: Salvaged,
        *,
        known_end: int | None,
    ) -> None:
        self._source = source
        self._target = target
        self._table = table
        self._done = done
        self._known_end = known_end
        self._columns: Sequence[str] = ()

    def run(self, *, by_number: bool) -> None:
        self._done.rows[self._table] = 0
        try:
            self._columns = self._common_columns()
        except sqlite3.DatabaseError:
            self._lose(UNKNOWN)
            return
        if not self._columns:
            return  # a table of a later release
        if by_number:
            self._by_number()
        else:
            self._from_both_ends()

    def _common_columns(self) -> list[str]:
        theirs = {row[1] for row in self._source.execute(f"PRAGMA table_info({self._table})")}
        ours = [row[1] for row in self._target.execute(f"PRAGMA table_info({self._table})")]
        return [name for name in ours if name in theirs]

    def _by_number(self) -> None:
        """Halve what cannot be read to its end, until what cannot be read is one row."""
        todo, probes, end = [(-(2**62), 2**62)], 0, None
        while todo and probes < MOST_PROBES:
            low, high = todo.pop()
            probes += 1
            reached = self._take(low, high)
            if reached is None:
                continue
            if low == high:
                self._lose(1)
                continue
            end = self._end(reached) if end is None else end
            start, high = max(low, reached + 1), min(high, end)
            middle = (start + high) // 2
            todo += [
                (one, other) for one, other in ((middle + 1, high), (start, middle)) if one <= other
            ]
        if todo:
            self._lose(UNKNOWN)

    def _take(self, low: int, high: int) -> int | None:
        """Copy rows by number; None when all could be read, else the number of the last before."""
        reached = low - 1
        try:
            for number, *row in self._source.execute(
                f"SELECT rowid, {', '.join(self._columns)} FROM {self._table}"  # noqa: S608 - names of our schema
                " WHERE rowid BETWEEN ? AND ? ORDER BY rowid",
                (low, high),
            ):
                reached = number
                self._put(row)
        except sqlite3.DatabaseError:
            return reached
        return None

    def _end(self, reached: int) -> int:
        """The greatest number, or where to stop looking for it."""
        try:
            row = self._source.execute(f"SELECT max(rowid) FROM {self._table}").fetchone()  # noqa: S608 - a name of our schema
        except sqlite3.DatabaseError:
            if self._known_end is not None:
                return self._known_end
            self._lose(UNKNOWN)
            return max(0, reached) + FURTHEST
        return int(row[0] or 0)

    def _from_both_ends(self) -> None:
        """For the small tables without numbers: forwards to the damage, then backwards."""
        columns = ", ".join(self._columns)
        for order in ("", " DESC"):
            keys = ", ".join(f"{key}{order}" for key in self._keys())
            try:
                for row in self._source.execute(
                    f"SELECT {columns} FROM {self._table} ORDER BY {keys}"  # noqa: S608 - as above
                ):
                    self._put(list(row))
            except sqlite3.DatabaseError:
                self._lose(UNKNOWN)
                continue
            return

    def _keys(self) -> list[str]:
        rows = self._target.execute(f"PRAGMA table_info({self._table})").fetchall()
        return [row[1] for row in sorted(rows, key=lambda row: row[5]) if row[5]]

    def _put(self, row: Sequence[Any]) -> None:
        marks = ", ".join("?" * len(row))
        try:
            self._target.execute(
                f"INSERT OR REPLACE INTO {self._table} ({', '.join(self._columns)})"  # noqa: S608 - as above
                f" VALUES ({marks})",
                row,
            )
        except (sqlite3.IntegrityError, UnicodeError):
            self._lose(1)
        else:
            self._done.rows[self._table] += 1

    def _lose(self, number: int) -> None:
        before = self._done.lost.get(self._table, 0)
        unknown = UNKNOWN in (number, before)
        self._done.lost[self._table] = UNKNOWN if unknown else before + number
