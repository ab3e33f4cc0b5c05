"""Tasks that run beside something and end with it."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


class Background:
    """Starts tasks; made by `background`, which ends them."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._tasks = tasks
        self.started: list[asyncio.Task[Any]] = []

    def start(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        """Run `work` until the block is left; its failure ends the block."""
        self.started.append(self._tasks.create_task(work, name=name))


@asynccontextmanager
async def background() -> AsyncIterator[Background]:
    """A block whose tasks are cancelled when it is left."""
    async with asyncio.TaskGroup() as tasks:
        beside = Background(tasks)
        yield beside
        for task in beside.started:
            task.cancel()
