"""The simulator's control API: the console's levers in the demo. Loopback, behind a key."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated, Any

import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, Field
from typing_extensions import override

from simulators.demo.callers import CallRefused
from simulators.demo.stage import NothingToShow, Stage
from simulators.world.faults import NoSuchFault

TRUTH_EVERY_S = 0.2
"""Five times a second: smooth to the eye, a few kilobytes a second."""

COMMENT_EVERY = 75
"""Beats without news before a comment is sent: 15 s, so that a dead connection is noticed."""


class Spot(BaseModel):
    """A place on the floor, in metres."""

    x: float = Field(ge=0, le=1000)
    y: float = Field(ge=0, le=1000)


class Switch(BaseModel):
    """On or off."""

    up: bool


class Latch(BaseModel):
    """Stuck or not."""

    jammed: bool


class Turn(BaseModel):
    """A fault on or off, at one target or, without one, at all."""

    on: bool
    target: str | None = Field(default=None, max_length=64)


class Goods(BaseModel):
    """What lies before a mirror."""

    gtins: list[str] = Field(max_length=20)


def create(stage: Stage, key: str, origins: list[str], closing: asyncio.Event) -> FastAPI:
    """The API; `origins` are the console's. Its streams end once `closing` is set."""

    def let_in(authorization: Annotated[str, Header()] = "") -> None:
        if not hmac.compare_digest(authorization.encode(), f"Bearer {key}".encode()):
            raise HTTPException(401, "the simulator's key is needed")

    app = FastAPI(title="Aisle simulator", dependencies=[Depends(let_in)], openapi_url=None)
    app.add_middleware(
        CORSMiddleware, allow_origins=origins, allow_methods=["*"], allow_headers=["*"]
    )
    app.include_router(_people(stage, closing))
    app.include_router(_switches(stage))
    for kind in (KeyError, NoSuchFault, NothingToShow, CallRefused):
        app.add_exception_handler(kind, _problem)
    return app


def _people(stage: Stage, closing: asyncio.Event) -> APIRouter:
    router = APIRouter(prefix="/sim")

    @router.get("/live")
    async def live() -> StreamingResponse:
        return StreamingResponse(
            _events(stage, closing),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store"},
        )

    @router.post("/people/{person}/walk", status_code=204)
    async def walk(person: str, to: Spot) -> None:
        stage.walk(person, (to.x, to.y))

    @router.post("/surveyor")
    async def surveyor(at: Spot) -> dict[str, float]:
        x, y = stage.surveyor.stand((at.x, at.y))
        return {"x": round(x, 2), "y": round(y, 2)}

    @router.post("/people/{person}/phone")
    async def phone(person: str) -> dict[str, str]:
        return {"join_code": await stage.phone(person)}

    @router.post("/people/{person}/order", status_code=201)
    async def order(person: str) -> dict[str, str]:
        return {"order": await stage.order(person)}

    @router.post("/people/{person}/show-pass")
    async def show_pass(person: str) -> dict[str, Any]:
        return dict(await stage.show_pass(person))

    return router


def _switches(stage: Stage) -> APIRouter:
    router = APIRouter(prefix="/sim")

    @router.post("/cloud", status_code=204)
    async def cloud(switch: Switch) -> None:
        await stage.cloud(up=switch.up)

    @router.post("/store-broker", status_code=204)
    async def store_broker(switch: Switch) -> None:
        await stage.store_broker(up=switch.up)

    @router.get("/faults")
    async def faults() -> dict[str, Any]:
        return {"faults": stage.switches.show()}

    @router.post("/faults/{fault}", status_code=204)
    async def turn(fault: str, to: Turn) -> None:
        await stage.switches.turn(fault, to.target, on=to.on)

    @router.post("/doors/{bank}/{door}", status_code=204)
    async def door(bank: str, door: int, latch: Latch) -> None:
        stage.jam(bank, door, jammed=latch.jammed)

    @router.post("/mirrors/{mirror}/pair")
    async def pair(mirror: str) -> dict[str, str]:
        return {"join_code": await stage.pair_mirror(mirror)}

    @router.post("/mirrors/{mirror}/items", status_code=204)
    async def items(mirror: str, goods: Goods) -> None:
        await stage.mirror_items(mirror, goods.gtins)

    return router


async def _problem(_request: Request, error: Exception) -> JSONResponse:
    status, code, detail = 404, "unknown", f"there is no {error}"
    if isinstance(error, NoSuchFault):
        code, detail = "no_such_fault", str(error)
    if isinstance(error, NothingToShow):
        status, code, detail = 409, "no_pass", str(error)
    if isinstance(error, CallRefused):
        status, code, detail = error.status, error.code, str(error)
    body = {
        "type": "about:blank",
        "title": "Refused",
        "status": status,
        "code": code,
        "detail": detail,
    }
    return JSONResponse(body, status, media_type="application/problem+json")


async def _events(stage: Stage, closing: asyncio.Event) -> AsyncIterator[str]:
    """The latest value of each name, whenever it is another one, until `closing`."""
    told: dict[str, str] = {}
    quiet = number = 0
    while not closing.is_set():
        for name, look in (
            ("truth", stage.truth),
            ("faults", stage.faults),
            ("switches", stage.switches.show),
            ("story", stage.strip.show),
        ):
            text = json.dumps(look(), ensure_ascii=False)
            if told.get(name) != text:
                told[name] = text
                number += 1
                quiet = 0
                yield f"event: {name}\nid: {number}\ndata: {text}\n\n"
        quiet += 1
        if quiet % COMMENT_EVERY == 0:
            yield ": still here\n\n"
        await asyncio.sleep(TRUTH_EVERY_S)


class _Server(uvicorn.Server):
    """Serves inside the supervisor, who has the signals."""

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the process's signal handlers alone."""
        yield


@asynccontextmanager
async def serving(stage: Stage, key: str, origins: list[str], port: int) -> AsyncIterator[None]:
    """The API on a port of loopback for the length of the block; its streams end before it does."""
    closing = asyncio.Event()
    config = uvicorn.Config(
        create(stage, key, origins, closing),
        host="127.0.0.1",
        port=port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
        lifespan="off",
    )
    server = _Server(config)
    async with asyncio.TaskGroup() as tasks:
        levers = tasks.create_task(server.serve(), name="levers")
        try:
            yield
        finally:
            closing.set()
            server.should_exit = True
            await asyncio.wait(
                [levers]
            )  # before the group may cancel it: requests end by themselves
