"""Signing in, joining, live streams, health: the routes that belong to no room."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from edge_agent.kernel.errors import Refused
from edge_agent.qr import qr_svg
from edge_agent.web.access import COOKIE, Access
from edge_agent.web.live import Live
from edge_agent.web.sessions import LIFETIME, JoinRole, Known, Session, Sessions


class SignIn(BaseModel):
    """A sign-in key."""

    key: Annotated[str, Field(min_length=1, max_length=200)]


class JoinCode(BaseModel):
    """A one-time code."""

    code: Annotated[str, Field(min_length=1, max_length=40)]


class Pairing(BaseModel):
    """For whom a one-time code is wanted."""

    role: JoinRole
    subject: Annotated[str, Field(max_length=80)] = ""


class Minted(BaseModel):
    """A one-time code and its end; for a phone also the page that takes it, and that as QR code."""

    code: str
    expires: datetime
    url: str = ""
    svg: str = ""


def session_routes(
    sessions: Sessions,
    access: Access,
    live: Live,
    devices: Collection[str],
    *,
    public_url: str = "",
    joined: Known | None = None,
) -> APIRouter:
    """Sign-in with a key, joining with a one-time code.

    Args:
        sessions: who may come in.
        access: the dependencies.
        live: whose streams end with their session.
        devices: ids of the mirrors and banks for which a code may be made.
        joined: whether somebody goes by a pseudonym; None: everybody does. Of who left no code
            must write the pseudonym down again.
        public_url: where phones reach the pages; empty: where the asking page was reached.
    """
    router = APIRouter(prefix="/v1", tags=["sessions"])

    @router.post("/session", status_code=204)
    async def sign_in(body: SignIn, request: Request) -> Response:
        """Trade a sign-in key for a cookie."""
        response = Response(status_code=204)
        response.set_cookie(
            COOKIE,
            await sessions.sign_in(body.key, peer=request.client.host if request.client else ""),
            max_age=int(LIFETIME["staff"].total_seconds()),
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return response

    @router.get("/session")
    async def signed_in(who: Annotated[Session, Depends(access.who)]) -> dict[str, list[str]]:
        """Which roles the caller has."""
        return {"roles": sorted(who.roles)}

    @router.delete("/session", status_code=204)
    async def sign_out(who: Annotated[Session, Depends(access.who)]) -> Response:
        """Forget the session and its cookie, and end its streams."""
        await sessions.sign_out(who.holder)
        live.dismiss(who.holder)
        response = Response(status_code=204)
        response.delete_cookie(COOKIE)
        return response

    @router.post("/join")
    async def join(body: JoinCode) -> dict[str, str]:
        """Trade a one-time code for a token."""
        joined = await sessions.join(body.code)
        return {"token": joined.token, "role": joined.role, "subject": joined.subject}

    @router.post("/join-codes", dependencies=[Depends(access.desk)])
    async def mint(body: Pairing, request: Request) -> Minted:
        """A one-time code for a phone, a screen, or somebody who is invited to join."""
        code, expires = await sessions.mint(
            body.role,
            _subject(body, devices),
            known=joined if body.role == "shopper" else None,
        )
        if body.role == "device":
            return Minted(code=code, expires=expires.wall)
        base = (public_url or str(request.base_url)).rstrip("/")
        url = f"{base}/shopper/#join={code}"
        return Minted(code=code, expires=expires.wall, url=url, svg=qr_svg(url))

    return router


def _subject(wanted: Pairing, devices: Collection[str]) -> str:
    """For whom the code is: a new name for a guest.

    Raises:
        Refused: `device_unknown`.
    """
    if wanted.role == "guest":
        return f"guest:{secrets.token_hex(8)}"
    if wanted.role == "device" and wanted.subject not in devices:
        known = ", ".join(sorted(devices))
        text = f"There is no mirror and no bank {wanted.subject!r}; there are: {known}."
        raise Refused("device_unknown", text, status=404)
    return wanted.subject


def live_routes(live: Live, access: Access) -> APIRouter:
    """One event stream per page."""
    router = APIRouter(prefix="/v1/live", tags=["live"])

    def stream(channel: str, who: Session) -> StreamingResponse:
        async def events() -> AsyncIterator[bytes]:
            loop = asyncio.get_running_loop()
            ends_at = loop.time() + who.ends_in_s
            with live.watch(channel, who.holder) as subscription:
                async for event in subscription.events():
                    if loop.time() >= ends_at:
                        return
                    yield event

        return StreamingResponse(
            events(), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    @router.get("/{page}")
    async def watch(
        page: Literal["console", "staff", "shopper", "mirror"],
        who: Annotated[Session, Depends(access.who)],
    ) -> StreamingResponse:
        """What `page` shows, now and whenever it changes (`docs/reference/http.md`)."""
        needed = "device" if page == "mirror" else page
        if needed not in who.roles:
            raise Refused("not_allowed", "This sign-in does not open that.", status=403)
        return stream(page if page in ("console", "staff") else f"{page}:{who.subject}", who)

    return router
