"""HTTP of settings for stores."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from cloud_bridge.hub.clock import stamp
from cloud_bridge.hub.desk import Desk
from cloud_bridge.hub.errors import Refused
from cloud_bridge.hub.rooms.configuration import store as table
from cloud_bridge.wire.envelope import UNREADABLE
from cloud_bridge.wire.streams.config import ITEM, SignedSettings


def routes(desk: Desk) -> APIRouter:
    """The routes of settings; who may publish at the hub cannot sign, and who signs is not asked.

    The version says what is new, so that a repeat changes nothing without an Idempotency-Key.
    """
    router = APIRouter(
        prefix="/v1/stores/{store}/configuration", dependencies=[Depends(desk.operator)]
    )
    served = Annotated[str, Depends(desk.served)]

    @router.get("")
    async def listed(store: served) -> Response:
        versions = await desk.database.read(lambda tx: table.listed(tx, store))
        content = msgspec.json.encode({"versions": versions})
        return Response(content, media_type="application/json")

    @router.put("")
    async def publish(request: Request, store: served) -> Response:
        signed = await _body(request)
        if (signed.store, signed.id) != (store, ITEM):
            code, text = "wrong_store", f"these settings are signed for {signed.store!r}"
            raise Refused(code, text, status=422)
        now = stamp(desk.clock())
        await desk.database.run(lambda tx: table.publish(tx, store, signed, now))
        desk.poke(store)
        desk.changed()
        content = msgspec.json.encode({"store": store, "version": signed.version})
        return Response(content, media_type="application/json")

    return router


async def _body(request: Request) -> SignedSettings:
    try:
        return msgspec.json.decode(await request.body(), type=SignedSettings)
    except UNREADABLE as err:
        code, text = "invalid", f"not signed settings: {err}"
        raise Refused(code, text, status=422) from err
