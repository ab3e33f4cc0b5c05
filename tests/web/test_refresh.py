"""Live pages are built apart: one that cannot be built ends alone."""

import asyncio
from collections.abc import AsyncIterator, Mapping

from typing_extensions import override

from edge_agent.storage import Storage
from edge_agent.storage.reads import Reads
from edge_agent.web.views.refresh import Page, Refresh


class Counts(Page):
    """A page that looks into the database."""

    @override
    def stored(self, reads: Reads, subject: str) -> Mapping[str, object]:
        return {"facts": reads.execute("SELECT count(*) FROM fact").fetchone()[0]}

    @override
    def momentary(self, subject: str) -> Mapping[str, object]:
        return {"subject": subject}


class Broken(Counts):
    @override
    def stored(self, reads: Reads, subject: str) -> Mapping[str, object]:
        return {"facts": reads.execute("SELECT count(*) FROM no_table")}


async def everything(events: AsyncIterator[bytes]) -> bytes:
    async with asyncio.timeout(5):
        return b"".join([event async for event in events])


async def until(events: AsyncIterator[bytes], said: bytes) -> None:
    async with asyncio.timeout(5):
        async for event in events:
            if said in event:
                return


async def test_a_page_that_cannot_be_built_ends_its_own_streams_and_no_others(
    storage: Storage,
) -> None:
    refresh = Refresh(storage, {"console": Broken(), "shopper": Counts()})
    with (
        refresh.live.watch("console", b"somebody") as broken,
        refresh.live.watch("shopper:anna", b"somebody") as whole,
    ):
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(refresh.run())
            assert b"event: subject" in await everything(broken.events())
            await until(whole.events(), b"event: facts")
            running.cancel()
