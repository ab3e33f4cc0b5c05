"""Running one statement: what a unit of work and a page's view have in common."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Protocol

Params = Sequence[object] | Mapping[str, object]
"""What SQL's question marks, or its names, stand for."""


class Reads(Protocol):
    """Something that answers SELECTs with `sqlite3.Row`s: a unit of work, or a page's view."""

    def execute(self, sql: str, params: Params = ()) -> sqlite3.Cursor:
        """Run one statement."""
        ...
