"""Waiting for a state, with a deadline."""

import asyncio
from collections.abc import Awaitable, Callable

DEADLINE_S = 60.0
"""Two programs start and reconnect in five seconds on a machine of their own; others share it."""

LOOK_AGAIN_S = 0.02


async def until(
    holds: Callable[[], bool], what: str | Callable[[], str], deadline_s: float = DEADLINE_S
) -> None:
    """Wait until `holds`; fails with `what` when it never does."""

    async def look() -> bool:
        return holds()

    await until_async(look, what, deadline_s)


async def until_async(
    holds: Callable[[], Awaitable[bool]],
    what: str | Callable[[], str],
    deadline_s: float = DEADLINE_S,
) -> None:
    """As `until`, of what must be awaited."""
    try:
        async with asyncio.timeout(deadline_s):
            while not await holds():  # noqa: ASYNC110 - it happens in another process
                await asyncio.sleep(LOOK_AGAIN_S)
    except TimeoutError:
        msg = f"never came about: {what if isinstance(what, str) else what()}"
        raise AssertionError(msg) from None
