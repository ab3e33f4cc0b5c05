"""HTTP of sign-in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from cloud_bridge.hub import access
from cloud_bridge.hub.desk import COOKIE, Desk
from cloud_bridge.hub.errors import Refused


class KeyBody(BaseModel):
    """A key, to sign in."""

    model_config = ConfigDict(extra="forbid")
    key: Annotated[str, StringConstraints(min_length=1, max_length=256)]


def routes(desk: Desk) -> APIRouter:
    """The routes of the session."""
    router = APIRouter(prefix="/v1/session")

    @router.post("", status_code=204)
    async def sign_in(request: Request, body: KeyBody) -> Response:
        now = desk.clock()
        desk.brake.attempt(request.client.host if request.client else "", now)
        if not desk.keys.is_operator(body.key):
            code, text = "key_wrong", "this key does not sign in here"
            raise Refused(code, text, status=401)
        token = await desk.database.run(lambda tx: access.open_session(tx, now))
        response = Response(status_code=204)
        response.set_cookie(
            COOKIE,
            token,
            max_age=int(access.SESSION_LASTS.total_seconds()),
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return response

    @router.delete("", status_code=204)
    async def sign_out(request: Request) -> Response:
        if token := request.cookies.get(COOKIE):
            await desk.database.run(lambda tx: access.close_session(tx, token))
        response = Response(status_code=204)
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return response

    @router.get("")
    async def session(role: Annotated[str, Depends(desk.operator)]) -> dict[str, str]:
        return {"role": role}

    return router
