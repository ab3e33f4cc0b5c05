"""HTTP of stores."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Response

from cloud_bridge.hub.desk import Desk
from cloud_bridge.hub.rooms.stores import store as table


def routes(desk: Desk) -> APIRouter:
    """The routes of stores and their facts."""
    router = APIRouter(prefix="/v1/stores", dependencies=[Depends(desk.operator)])

    @router.get("")
    async def overview() -> Response:
        stores = await desk.database.read(table.overview)
        return Response(msgspec.json.encode({"stores": stores}), media_type="application/json")

    @router.get("/{store}/facts", dependencies=[Depends(desk.served)])
    async def facts(
        store: str,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        lane: Annotated[str | None, Query(max_length=64)] = None,
    ) -> Response:
        found = await desk.database.read(
            lambda tx: table.newest_facts(tx, store=store, lane=lane, limit=limit)
        )
        return Response(msgspec.json.encode({"facts": found}), media_type="application/json")

    return router
