"""The FastAPI application: routes of all rooms, pages, headers, errors."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import PlainTextResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge_agent.web import problems

LARGEST_BODY = 64 * 1024
"""Bytes of a request's body: an order of 500 lines is 40 KiB."""

PAGES = Path(__file__).parent / "pages"
PAGE_NAMES = ("console", "shopper", "staff", "mirror")


def _headers(connect: str) -> dict[str, str]:
    policy = (
        "default-src 'self'; img-src 'self' blob:; frame-ancestors 'self'; base-uri 'none'; "
        f"form-action 'self'; connect-src 'self' {connect}"
    )
    return {
        "content-security-policy": policy.strip(),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
    }


class Guard:
    """Around every request: bounds what comes in, adds the security headers to what goes out."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the body, whether it says its length or not; answer 413 when it is too much."""
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > LARGEST_BODY:
                raise HTTPException(413, f"A request has at most {LARGEST_BODY} bytes.")
            return message

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                if not scope["path"].startswith("/assets/"):
                    headers.setdefault("cache-control", "no-cache")
            await send(message)

        http = scope["type"] == "http"
        await self._app(scope, counted if http else receive, hardened if http else send)


def create_app(
    routers: Iterable[APIRouter],
    *,
    version: str,
    simulator_url: str = "",
    pages: Sequence[str] = PAGE_NAMES,
) -> FastAPI:
    """The application.

    Args:
        routers: of the rooms and of `web.routes`.
        version: of the agent, shown by `/v1/health` and the API's description.
        simulator_url: an origin that the console may call besides its own; empty in a store.
        pages: by name; the first is shown where none is asked for.
    """
    app = FastAPI(
        title="Aisle edge agent",
        version=version,
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
    )
    problems.install(app)
    app.add_middleware(Guard, headers=_headers(simulator_url))

    for router in routers:
        app.include_router(router)

    @app.get("/v1/health", tags=["health"])
    async def health() -> dict[str, str]:
        """Whether the agent serves."""
        return {"status": "ok", "version": version}

    _mount_pages(app, pages)
    return app


def _mount_pages(app: FastAPI, pages: Sequence[str]) -> None:
    if not (PAGES / pages[0] / "index.html").exists():

        @app.get("/{path:path}", include_in_schema=False)
        async def missing(path: str) -> PlainTextResponse:
            return PlainTextResponse(
                f"The page /{path} is not built: run `make pages`.\n", status_code=503
            )

        return

    @app.get("/", include_in_schema=False)
    async def root() -> RedirectResponse:
        return RedirectResponse(f"/{pages[0]}/")

    for name in pages:
        app.mount(f"/{name}", StaticFiles(directory=PAGES / name, html=True), name=name)
    app.mount("/assets", StaticFiles(directory=PAGES / "assets"), name="assets")
