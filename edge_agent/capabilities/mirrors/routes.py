"""The RFID reader of a mirror."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field, StringConstraints

from edge_agent.capabilities.mirrors.service import Mirrors
from edge_agent.kernel.errors import Refused
from edge_agent.storage.reads import Run

_MOST_ITEMS = 50
"""Nobody carries more into a fitting room; a reader that sees more reads the shelf behind it."""


class ItemsBody(BaseModel):
    """All that the reader sees now; empty when the room was left."""

    gtins: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^[0-9]{13}$")]],
        Field(max_length=_MOST_ITEMS),
    ]


def routes(service: Mirrors, *, device: Callable[..., Any], run: Callable[..., Any]) -> APIRouter:
    """The room's routes; `device` gives the asking mirror's id, `run` the request's `Run`."""
    router = APIRouter(tags=["mirrors"])

    @router.post("/v1/mirrors/{mirror}/items", status_code=204)
    async def items(
        mirror: Annotated[str, Path(max_length=64)],
        body: ItemsBody,
        asking: Annotated[str, Depends(device)],
        run: Annotated[Run, Depends(run)],
    ) -> None:
        if asking != mirror:
            raise Refused("not_allowed", "A mirror speaks for itself only.", status=403)
        await service.read(mirror, body.gtins, run=run)

    return router
