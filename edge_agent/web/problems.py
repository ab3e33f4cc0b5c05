"""Errors as `application/problem+json` (RFC 9457), in the person's language."""

import msgspec
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from edge_agent.kernel.errors import Refused
from edge_agent.storage import StorageError
from edge_agent.web.answering import Repeated, replay
from edge_agent.web.words import in_words, language_of

log = structlog.get_logger("web")

CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
"""For what the framework refuses by itself."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9457, with `code`: stable, for programs."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str


def problem(status: int, code: str, title: str, detail: str) -> Response:
    """A problem as a response."""
    body = Problem(title=title, status=status, detail=detail, code=code)
    return Response(msgspec.json.encode(body), status, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Have every error of the API told as a problem."""

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        detail = in_words(error, language_of(request.headers.get("accept-language", "")))
        response = problem(error.status, error.code, "Refused", detail)
        if error.retry_after_s is not None:
            response.headers["retry-after"] = str(error.retry_after_s)
        return response

    @app.exception_handler(StorageError)
    async def not_kept(request: Request, error: StorageError) -> Response:
        """What people ask for is refused visibly; nothing of it was done."""
        log.error("request.not_kept", path=request.url.path, reason=str(error))
        text = "The store's computer cannot save anything now; nothing was done."
        refusal = Refused("storage_unavailable", text, status=503)
        return await refused(request, refusal)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return problem(422, "invalid_request", "Invalid request", f"{where}: {first['msg']}")

    @app.exception_handler(HTTPException)
    async def http(_request: Request, error: HTTPException) -> Response:
        code = CODES.get(error.status_code, "http_error")
        return problem(error.status_code, code, "Refused", str(error.detail))

    @app.exception_handler(Exception)
    async def failed(_request: Request, _error: Exception) -> Response:
        text = "The store's computer made a mistake; its log says which."
        return problem(500, "internal_error", "Failed", text)

    @app.exception_handler(Repeated)
    async def repeated(_request: Request, error: Repeated) -> Response:
        return replay(error.answer)
