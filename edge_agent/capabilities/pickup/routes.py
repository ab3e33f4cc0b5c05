"""Pickup over HTTP: staff, the shopper's own page, the scanners of the banks."""

import io
from collections.abc import Callable, Collection
from typing import Annotated, Any, Literal

import segno
from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, StringConstraints

from edge_agent.capabilities.pickup.machine import refusal
from edge_agent.capabilities.pickup.model import ORDER_ID, AtDesk, AtDoor, Size
from edge_agent.capabilities.pickup.service import Pickups
from edge_agent.devices.messages import MOST_COMPARTMENTS
from edge_agent.storage.reads import Run

OrderId = Annotated[str, Path(pattern=ORDER_ID)]
BankId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,16}$")]
"""As in `store.toml`; ``desk`` stands for the pickup desk."""


class StageBody(BaseModel):
    """Where the bag should go, and how large it is; both may be left to the store."""

    bank: BankId | None = None
    size: Literal["S", "M", "L"] = "S"


class HandOverBody(BaseModel):
    """By what the clerk knows the customer."""

    proof: Literal["staff"] = "staff"


class ArriveBody(BaseModel):
    """I am here for this order."""

    order: Annotated[str, StringConstraints(pattern=ORDER_ID)]


class ScanBody(BaseModel):
    """A pass, and the bank or ``desk`` at which it was shown."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    at: BankId


def staff_routes(
    service: Pickups, *, staff: Callable[..., Any], run: Callable[..., Any]
) -> APIRouter:
    """What a clerk does to an order; `staff` lets staff pass, `run` gives the request's `Run`."""
    router = APIRouter(prefix="/v1", tags=["pickup"], dependencies=[Depends(staff)])
    running = Annotated[Run, Depends(run)]

    @router.post("/orders/{order}/pick", status_code=204)
    async def pick(order: OrderId, run: running) -> None:
        await service.start_picking(order, run=run)

    @router.post("/orders/{order}/picked", status_code=204)
    async def picked(order: OrderId, run: running) -> None:
        await service.finish_picking(order, run=run)

    @router.post("/orders/{order}/stage")
    async def stage(order: OrderId, body: StageBody, run: running) -> AtDoor | AtDesk:
        return await service.stage(order, bank=body.bank, size=Size[body.size], run=run)

    @router.post("/orders/{order}/handover", status_code=204)
    async def hand_over(order: OrderId, body: HandOverBody, run: running) -> None:
        await service.hand_over(order, run=run)

    @router.post("/orders/{order}/remove")
    async def remove(order: OrderId, run: running) -> AtDoor | AtDesk:
        return await service.remove(order, run=run)

    @router.post("/lockers/{bank}/{compartment}/in-service", status_code=204)
    async def in_service(
        bank: Annotated[str, Path(max_length=16)],
        compartment: Annotated[int, Path(ge=1, le=MOST_COMPARTMENTS)],
        run: running,
    ) -> None:
        await service.return_to_service(bank, compartment, run=run)

    return router


def shopper_routes(
    service: Pickups, *, shopper: Callable[..., Any], run: Callable[..., Any]
) -> APIRouter:
    """A shopper's own orders; `shopper` gives the asking pseudonym."""
    router = APIRouter(prefix="/v1/me", tags=["pickup"])
    asking = Annotated[str, Depends(shopper)]

    @router.post("/arrive", status_code=204)
    async def arrive(
        body: ArriveBody, pseudonym: asking, run: Annotated[Run, Depends(run)]
    ) -> None:
        await service.arrive(body.order, pseudonym, run=run)

    @router.get("/orders/{order}/pass.svg")
    async def pass_image(order: OrderId, pseudonym: asking) -> Response:
        image = io.BytesIO()
        segno.make(await service.pass_of(order, pseudonym), error="m").save(
            image, kind="svg", xmldecl=False, scale=4
        )
        return Response(
            image.getvalue(), media_type="image/svg+xml", headers={"cache-control": "no-store"}
        )

    return router


def scan_routes(
    service: Pickups,
    *,
    scanner: Callable[..., Any],
    anywhere: Collection[str],
    run: Callable[..., Any],
) -> APIRouter:
    """Where passes are shown.

    Args:
        service: the room's service.
        scanner: dependency that gives who asks: a bank's id for its own scanner, or staff.
        anywhere: who may scan for any bank and for the desk.
        run: dependency that gives the request's `Run`.
    """
    router = APIRouter(prefix="/v1", tags=["pickup"])

    @router.post("/passes/scan")
    async def scan(
        body: ScanBody,
        asking: Annotated[str, Depends(scanner)],
        run: Annotated[Run, Depends(run)],
    ) -> AtDoor | AtDesk:
        if asking != body.at and asking not in anywhere:
            raise refusal("wrong_bank")
        return await service.scan(body.code, at=body.at, run=run)

    return router
