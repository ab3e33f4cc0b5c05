"""HTTP of quarantine and alarms: what waits for a person."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from cloud_bridge.hub import alarms, quarantine
from cloud_bridge.hub.affecting import Effect
from cloud_bridge.hub.answers import Answer
from cloud_bridge.hub.clock import stamp
from cloud_bridge.hub.database import Tx
from cloud_bridge.hub.desk import Desk
from cloud_bridge.hub.errors import Refused
from cloud_bridge.hub.ingest import drive_again

Store = Annotated[str | None, Query(max_length=64)]


def routes(desk: Desk, effects: Mapping[str, Effect]) -> APIRouter:
    """The routes of quarantine; ids of facts may hold slashes."""
    router = APIRouter(prefix="/v1", dependencies=[Depends(desk.operator)])

    @router.get("/quarantine")
    async def listed(
        store: Store = None, limit: Annotated[int, Query(ge=1, le=1000)] = 100
    ) -> Response:
        found = await desk.database.read(lambda tx: quarantine.held(tx, store, limit))
        return _json({"quarantine": found})

    @router.get("/quarantine/{store}/{fact:path}", dependencies=[Depends(desk.served)])
    async def shown(store: str, fact: str) -> Response:
        return _json(await desk.database.read(lambda tx: quarantine.find(tx, store, fact)))

    @router.post("/quarantine/{store}/{fact:path}/again", dependencies=[Depends(desk.served)])
    async def again(request: Request, store: str, fact: str) -> Response:
        async def work(tx: Tx) -> Answer:
            await drive_again(tx, store, fact, now, effects)
            return Answer(200, msgspec.json.encode({"fact": fact}))

        now = stamp(desk.clock())
        return await desk.answer(request, work, [store])

    @router.delete("/quarantine/{store}/{fact:path}", dependencies=[Depends(desk.served)])
    async def drop(request: Request, store: str, fact: str) -> Response:
        async def work(tx: Tx) -> Answer:
            await quarantine.remove(tx, store, fact)
            return Answer(200, msgspec.json.encode({"fact": fact}))

        return await desk.answer(request, work, [])

    return router


def alarm_routes(desk: Desk) -> APIRouter:
    """The routes of alarms."""
    router = APIRouter(prefix="/v1", dependencies=[Depends(desk.operator)])

    @router.get("/alarms")
    async def sounding(store: Store = None) -> Response:
        found = await desk.database.read(lambda tx: alarms.sounding(tx, store))
        return _json({"alarms": found})

    @router.delete("/alarms/{store}/{kind}", dependencies=[Depends(desk.served)])
    async def clear(request: Request, store: str, kind: str) -> Response:
        async def work(tx: Tx) -> Answer:
            if not await alarms.clear(tx, store, kind):
                code, text = "alarm_unknown", f"no alarm {kind} sounds at {store}"
                raise Refused(code, text, status=404)
            return Answer(200, msgspec.json.encode({"store": store, "kind": kind}))

        return await desk.answer(request, work, [])

    return router


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
