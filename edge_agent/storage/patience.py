"""What goes on when storage can keep nothing for a while: the same step, again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog

from edge_agent.storage.errors import StorageUnavailable

R = TypeVar("R")

RETRY_S: Final = 1.0
"""Between tries while storage keeps nothing (a full disk): a clerk frees space in minutes."""

log = structlog.get_logger("storage")


async def outlast(step: Callable[[], Awaitable[R]], *, retry_s: float = RETRY_S) -> R:
    """What `step` returns once storage keeps it; `step` must be safe to repeat from its beginning.

    For what happens whether or not it can be written down: a door has moved, a device has come,
    the hub has acknowledged. What people ask for is refused instead, so that they see it.

    Raises:
        Exception: whatever `step` raises but `StorageUnavailable`, alone or in a group.
    """
    told = False
    while True:
        try:
            return await step()
        except StorageUnavailable as err:
            reason = str(err)
        except ExceptionGroup as group:
            unavailable, others = group.split(StorageUnavailable)
            if others is not None or unavailable is None:
                raise
            reason = str(unavailable)
        if not told:
            log.warning("storage.unavailable", reason=reason)
            told = True
        await asyncio.sleep(retry_s)
