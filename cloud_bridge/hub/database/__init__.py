"""The hub's store: one interface, a SQLite file or a PostgreSQL server behind it.

SQL is written once, in PostgreSQL's words, of which SQLite understands the part that is used:
``$1`` for parameters, ``coalesce``, ``ON CONFLICT (…)``, ``RETURNING``, ``CAST``. Flags are
integers and are compared (``online = 1``), times are the text of `clock.stamp`, JSON is text, keys
are bytes.
``FOR NO KEY UPDATE`` stands where a row must be held: SQLite, which has one writer, does without.
"""

from cloud_bridge.hub.database.errors import Taken, Unacceptable, Unavailable, Unfinished
from cloud_bridge.hub.database.opening import PostgresServer, open_database
from cloud_bridge.hub.database.port import Database, Row, Tx, Work
from cloud_bridge.hub.database.savepoint import savepoint

__all__ = [
    "Database",
    "PostgresServer",
    "Row",
    "Taken",
    "Tx",
    "Unacceptable",
    "Unavailable",
    "Unfinished",
    "Work",
    "open_database",
    "savepoint",
]
