"""HTTP of orders."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from cloud_bridge.hub.answers import Answer
from cloud_bridge.hub.database import Tx
from cloud_bridge.hub.desk import Desk
from cloud_bridge.hub.rooms.orders import service
from cloud_bridge.hub.rooms.orders import store as table
from cloud_bridge.wire.streams.orders import OrderLine

Name = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
OrderId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]
Gtin = Annotated[str, StringConstraints(pattern=r"^(\d{8}|\d{12,14})$")]
Language = Literal["ko", "en"]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LineBody(_Body):
    """A line of an order."""

    gtin: Gtin
    quantity: Annotated[int, Field(ge=1, le=99)]
    name: dict[Language, Name]
    size: Annotated[str, StringConstraints(max_length=16)] = ""


class OrderBody(_Body):
    """An order to place."""

    order: OrderId | None = None
    lines: Annotated[list[LineBody], Field(min_length=1, max_length=50)]
    shopper: Annotated[str, StringConstraints(max_length=64)] | None = None
    collector: Name
    phone_last4: Annotated[str, StringConstraints(pattern=r"^\d{4}$")]
    language: Language = "ko"
    collect_by: AwareDatetime | None = None

    def wish(self) -> service.Wish:
        """The order in the hub's own words."""
        return service.Wish(
            order=self.order,
            lines=[
                OrderLine(
                    gtin=line.gtin,
                    quantity=line.quantity,
                    name={str(code): name for code, name in line.name.items()},
                    size=line.size,
                )
                for line in self.lines
            ],
            shopper=self.shopper,
            collector=self.collector,
            phone_last4=self.phone_last4,
            language=self.language,
            collect_by=self.collect_by,
        )


class CancelBody(_Body):
    """Why an order is to be cancelled."""

    reason: Name


def routes(desk: Desk) -> APIRouter:
    """The routes of orders."""
    router = APIRouter(
        prefix="/v1/stores/{store}/orders",
        dependencies=[Depends(desk.operator), Depends(desk.served)],
    )

    @router.post("")
    async def place(request: Request, store: str, body: OrderBody) -> Response:
        now = desk.clock()
        return await desk.answer(request, lambda tx: _place(tx, store, body, now), [store])

    @router.post("/{order}/cancel")
    async def cancel(request: Request, store: str, order: str, body: CancelBody) -> Response:
        async def work(tx: Tx) -> Answer:
            sequence = await service.cancel(tx, store, order, body.reason, now)
            return Answer(202, msgspec.json.encode({"order": order, "sequence": sequence}))

        now = desk.clock()
        return await desk.answer(request, work, [store])

    @router.get("")
    async def newest(store: str) -> Response:
        orders = await desk.database.read(lambda tx: table.newest(tx, store))
        return Response(msgspec.json.encode({"orders": orders}), media_type="application/json")

    return router


async def _place(tx: Tx, store: str, body: OrderBody, now: datetime) -> Answer:
    order, sequence = await service.place(tx, store, body.wish(), now)
    return Answer(201, msgspec.json.encode({"order": order, "sequence": sequence}))
