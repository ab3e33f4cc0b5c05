"""HTTP of the live stream and of health."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header
from fastapi.responses import StreamingResponse

from cloud_bridge.hub.desk import Desk
from cloud_bridge.hub.errors import Refused


def routes(desk: Desk, version: str) -> APIRouter:
    """The routes by which the hub is watched."""
    router = APIRouter(prefix="/v1")

    @router.get("/live", dependencies=[Depends(desk.operator)])
    async def live(
        last_event_id: Annotated[str | None, Header(max_length=64)] = None,
    ) -> StreamingResponse:
        if desk.live.full:
            code, text = "too_many_readers", "too many live views are open; close one"
            raise Refused(code, text, status=503)
        return StreamingResponse(
            desk.live.read(last_event_id),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    @router.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok", "version": version}

    return router
