"""What the hub asks of its database."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

R = TypeVar("R")


class Row(Protocol):
    """A row of an answer, by column name."""

    def __getitem__(self, name: str, /) -> Any:  # noqa: ANN401 - whatever the column holds
        """The value of the column `name`."""
        ...


class Tx(Protocol):
    """An open transaction.

    Raises:
        Unacceptable: the database will never take what it was given; the transaction goes on only
            from a `savepoint` before it.
        Unavailable: the database cannot be had now.
    """

    async def execute(self, sql: str, *params: object) -> int:
        """Run one statement; the number of rows that it changed."""
        ...

    async def rows(self, sql: str, *params: object) -> list[Row]:
        """Every row of the answer."""
        ...

    async def row(self, sql: str, *params: object) -> Row | None:
        """The first row of the answer; None for none."""
        ...

    async def many(self, sql: str, params: Sequence[Sequence[object]]) -> None:
        """Run one statement with each of `params`."""
        ...

    async def insert(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]
    ) -> None:
        """Put many new rows into `table` in the fastest way that the engine knows."""
        ...


Work = Callable[[Tx], Awaitable[R]]
"""A unit of work: awaits nothing but its `Tx`, and may be run again from its beginning."""


class Database(Protocol):
    """Made by `open_database`.

    Attributes:
        shared: whether several processes may work on it at once.
    """

    shared: bool

    async def run(self, work: Work[R]) -> R:
        """One transaction; resolves after its COMMIT. A work that raises rolls back.

        A work that lost a race with another process is run again from its beginning. Cancelled, the
        work may be done all the same.

        Raises:
            Unavailable: nothing, or nobody knows whether anything, was committed; ask again later.
        """
        ...

    async def read(self, work: Work[R]) -> R:
        """A look at what is committed, all at one moment; keeps no writer waiting.

        Raises:
            Unavailable: as `run`.
        """
        ...

    async def scrub(self) -> bool:
        """Remove what was deleted from where the engine still keeps it, as far as it lets us.

        False while a reader prevents it; waits for nobody.
        """
        ...
