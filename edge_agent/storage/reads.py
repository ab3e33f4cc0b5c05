"""The two shapes under which a room meets the database."""

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from edge_agent.storage.unit import Params, Tx

R = TypeVar("R")


class Reads(Protocol):
    """Something that answers SELECTs with `sqlite3.Row`s: a unit of work, or a page's view."""

    def execute(self, sql: str, params: Params = ()) -> sqlite3.Cursor:
        """Run one statement."""
        ...


class Run(Protocol):
    """Runs one unit of work and returns its result after the commit.

    `Storage.run` is one; a request's own runs the work and keeps its answer for the
    Idempotency-Key in the same transaction.
    """

    def __call__(self, work: Callable[[Tx], R], /) -> Awaitable[R]:
        """Run `work`."""
        ...
