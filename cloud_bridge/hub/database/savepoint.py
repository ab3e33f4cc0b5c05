"""A part of a transaction that may fail alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cloud_bridge.hub.database.errors import Unfinished
from cloud_bridge.hub.database.port import Tx


@asynccontextmanager
async def savepoint(tx: Tx) -> AsyncIterator[None]:
    """What the block changed is undone when it raises; what was before it stays. They nest."""
    await tx.execute("SAVEPOINT part")
    try:
        yield
    except Unfinished:  # the whole transaction is lost
        raise
    except Exception:
        await tx.execute("ROLLBACK TO SAVEPOINT part")
        await tx.execute("RELEASE SAVEPOINT part")
        raise
    await tx.execute("RELEASE SAVEPOINT part")
