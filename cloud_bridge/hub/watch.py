"""HTTP of the live stream and of health."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import StreamingResponse

from cloud_bridge.hub.clock import Clock
from cloud_bridge.hub.desk import Desk
from cloud_bridge.hub.errors import Refused

LOOK_AGAIN = timedelta(seconds=15)
"""A live view outlives its session by so much at most; the streams say something as often."""


def routes(desk: Desk, version: str) -> APIRouter:
    """The routes by which the hub is watched."""
    router = APIRouter(prefix="/v1")

    @router.get("/live", dependencies=[Depends(desk.operator)])
    async def live(
        request: Request,
        last_event_id: Annotated[str | None, Header(max_length=64)] = None,
    ) -> StreamingResponse:
        if desk.live.full:
            code, text = "too_many_readers", "too many live views are open; close one"
            raise Refused(code, text, status=503)

        async def allowed() -> bool:
            try:
                await desk.operator(request)
            except Refused:
                return False
            return True

        return StreamingResponse(
            while_allowed(desk.live.read(last_event_id), allowed, desk.clock),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    @router.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok", "version": version}

    return router


async def while_allowed(
    events: AsyncGenerator[bytes, None], allowed: Callable[[], Awaitable[bool]], clock: Clock
) -> AsyncGenerator[bytes, None]:
    """`events`, until the reader, whom somebody let in just now, no longer may read them."""
    looked = clock()
    async with aclosing(events):
        async for event in events:
            now = clock()
            if not timedelta(0) <= now - looked < LOOK_AGAIN:
                if not await allowed():
                    return
                looked = now
            yield event
