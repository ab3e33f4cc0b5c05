"""The hub's HTTP application: rooms' routes, problems, limits and the page."""

from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cloud_bridge.hub import metrics, quarantine_routes, signin, watch
from cloud_bridge.hub.database import Unavailable
from cloud_bridge.hub.desk import Desk
from cloud_bridge.hub.effects import EFFECTS
from cloud_bridge.hub.errors import Refused
from cloud_bridge.hub.rooms.campaigns import routes as campaigns
from cloud_bridge.hub.rooms.configuration import routes as configuration
from cloud_bridge.hub.rooms.gateways import routes as gateways
from cloud_bridge.hub.rooms.orders import routes as orders
from cloud_bridge.hub.rooms.shoppers import routes as shoppers
from cloud_bridge.hub.rooms.stores import routes as stores

MOST_BODY = 64 * 1024
"""Bytes of a request: an order of 50 lines takes 10 KiB."""

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

NOT_BUILT = "The hub's page is not built: run `npm ci && npm run build` in web/, or `make demo`.\n"


def make_app(desk: Desk, pages: Path) -> FastAPI:
    """The application; `pages` is the folder that holds ``hub/index.html`` and ``assets/``."""
    app = FastAPI(title="Aisle hub", openapi_url=None)
    app.include_router(signin.routes(desk))
    app.include_router(watch.routes(desk, version("aisle")))
    app.include_router(metrics.routes(desk, version("aisle")))
    app.include_router(stores.routes(desk))
    app.include_router(orders.routes(desk))
    app.include_router(campaigns.routes(desk))
    app.include_router(shoppers.routes(desk))
    app.include_router(configuration.routes(desk))
    for router in gateways.routes(desk):
        app.include_router(router)
    app.include_router(quarantine_routes.routes(desk, EFFECTS))
    app.include_router(quarantine_routes.alarm_routes(desk))
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(Unavailable, _unavailable)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_middleware(Limits)
    _add_page(app, pages)
    return app


def _add_page(app: FastAPI, pages: Path) -> None:
    index = pages / "hub" / "index.html"

    @app.get("/")
    async def page() -> Response:
        if not index.is_file():
            return PlainTextResponse(NOT_BUILT, 503)
        return FileResponse(index, headers={"Cache-Control": "no-cache"})

    app.mount("/assets", StaticFiles(directory=pages / "assets", check_dir=False))


class Limits:
    """ASGI: refuses what is too large or does not say how large it is; adds `HEADERS`.

    Not Starlette's BaseHTTPMiddleware, which keeps a stream from noticing that its reader left.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _too_much(Headers(scope=scope)) or self._app
        await answer(scope, receive, send_with_headers)


def _too_much(headers: Headers) -> Response | None:
    if "transfer-encoding" in headers:
        return _problem(411, "length_required", "send a Content-Length")
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MOST_BODY:
        return _problem(413, "too_large", f"a request may have {MOST_BODY} bytes")
    return None


def _problem(status: int, code: str, detail: str) -> Response:
    """RFC 9457; `code` is stable, `detail` for people."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code}
    return Response(msgspec.json.encode(body), status, media_type="application/problem+json")


async def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, Refused):
        raise error
    return _problem(error.status, error.code, str(error))


async def _unavailable(_: Request, error: Exception) -> Response:
    """Nothing was done, or nobody knows whether it was: with an Idempotency-Key, ask again."""
    answer = _problem(503, "database_unavailable", str(error))
    answer.headers["Retry-After"] = "5"
    return answer


async def _http_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return _problem(error.status_code, "http_error", str(error.detail))


async def _invalid(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return _problem(422, "invalid", f"{where}: {first['msg']}")
