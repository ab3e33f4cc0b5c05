"""The two shapes under which a room meets the database."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from edge_agent.storage.statements import Reads
from edge_agent.storage.unit import Tx

__all__ = ["Reads", "Run"]

R = TypeVar("R")


class Run(Protocol):
    """Runs one unit of work and returns its result after the commit.

    `Storage.run` is one; a request's own runs the work and keeps its answer for the
    Idempotency-Key in the same transaction.
    """

    def __call__(self, work: Callable[[Tx], R], /) -> Awaitable[R]:
        """Run `work`."""
        ...
