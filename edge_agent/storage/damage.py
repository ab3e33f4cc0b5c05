"""Whether a database file can be trusted, before it is opened for writing."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Final

from edge_agent.storage.readers import BUSY_MS, read_only_uri
from edge_agent.storage.suspicion import is_damage, suspect_file

CHECK_AT_MOST_S: Final = 3.0
"""Of each start: an SSD reads a month's log in that time (measured: 0.4 GB/s), a card a week's.
What lies beyond is found when it is read, and looked for to the end at the next start."""


def damage_in(database: Path) -> str:
    """What is wrong with the file, in SQLite's words; empty where nothing was found.

    Looks at every page, for `CHECK_AT_MOST_S` at most; if it is suspect to the end, and whether
    texts are texts. It is suspect no longer where that finds nothing.
    """
    if not database.exists() or not database.stat().st_size:
        return ""
    suspect = suspect_file(database)
    found = _found(database, None if suspect.exists() else CHECK_AT_MOST_S)
    if not found:
        suspect.unlink(missing_ok=True)
    return found


def _found(database: Path, at_most_s: float | None) -> str:
    try:
        return _checked(database, at_most_s)
    except UnicodeDecodeError:  # in SQLite's own words, which quote the schema
        return "malformed database schema"
    except sqlite3.DatabaseError as err:
        if is_damage(err):
            return str(err).partition(" with text ")[0]
        if err.sqlite_errorcode == sqlite3.SQLITE_READONLY_ROLLBACK:
            return ""  # a power cut while it was made: opening it for writing takes that back
        raise


def _checked(database: Path, at_most_s: float | None) -> str:
    with closing(
        sqlite3.connect(read_only_uri(database), uri=True, check_same_thread=False)
    ) as connection:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        timer = threading.Timer(at_most_s or 0, connection.interrupt)
        if at_most_s is not None:
            timer.start()
        try:
            (page,) = connection.execute("PRAGMA page_size").fetchone()
            # The rest of a page that was cut short reads as zeros: only the indexes contradict it.
            check = "integrity_check" if database.stat().st_size % page else "quick_check"
            found = connection.execute(f"PRAGMA {check}(1)").fetchone()[0]
        except sqlite3.OperationalError as err:
            if err.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            return ""
        finally:
            timer.cancel()
            if at_most_s is not None:
                timer.join()
        if found == "ok":
            _read(connection, most_rows=0 if at_most_s is not None else -1)
    return "" if found == "ok" else " ".join(str(found).split())


def _read(connection: sqlite3.Connection, *, most_rows: int) -> None:
    """Read so many rows of every table (-1: all); raises where a name or a value is no text."""
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    for (table,) in tables:
        rows = connection.execute(f'SELECT * FROM "{table}" LIMIT {most_rows}')  # noqa: S608 - a name of the schema
        for _ in rows:
            pass
