"""Receipts from tills, counts from staff, and how many there are."""

from collections import Counter
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field, StringConstraints

from edge_agent.capabilities.stock.service import Stock
from edge_agent.storage.reads import Run

_GTIN = r"^[0-9]{13}$"
Gtin = Annotated[str, StringConstraints(pattern=_GTIN)]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=64)]

_MOST_LINES = 200
"""A full count of a shelf is about a hundred articles."""

_MOST_UNITS = 100_000
"""More than a store has of anything; catches a GTIN scanned into the quantity."""


class SaleLine(BaseModel):
    """Units of one article that left, or came back where negative."""

    gtin: Gtin
    quantity: Annotated[int, Field(ge=-_MOST_UNITS, le=_MOST_UNITS)]


class SaleBody(BaseModel):
    """A receipt."""

    till: Reference
    receipt: Reference
    lines: Annotated[list[SaleLine], Field(min_length=1, max_length=_MOST_LINES)]


class CountLine(BaseModel):
    """Units of one article that were found."""

    gtin: Gtin
    on_hand: Annotated[int, Field(ge=0, le=_MOST_UNITS)]


class CountBody(BaseModel):
    """A count."""

    lines: Annotated[list[CountLine], Field(min_length=1, max_length=_MOST_LINES)]


class StockLine(BaseModel):
    """What the ledger says of one article."""

    gtin: str
    on_hand: int
    reserved: int
    available: int


def routes(
    service: Stock,
    *,
    till: Callable[..., Any],
    staff: Callable[..., Any],
    staff_or_till: Callable[..., Any],
    run: Callable[..., Any],
) -> APIRouter:
    """The room's routes; `run` gives the request's `Run`, the others let their callers pass."""
    router = APIRouter(tags=["stock"])

    @router.post("/v1/sales", status_code=204, dependencies=[Depends(till)])
    async def sell(body: SaleBody, run: Annotated[Run, Depends(run)]) -> None:
        units: Counter[str] = Counter()
        for line in body.lines:
            units[line.gtin] += line.quantity
        await service.sell(units, till=body.till, receipt=body.receipt, run=run)

    @router.post("/v1/counts", status_code=204, dependencies=[Depends(staff)])
    async def count(body: CountBody, run: Annotated[Run, Depends(run)]) -> None:
        await service.count({line.gtin: line.on_hand for line in body.lines}, run=run)

    @router.get("/v1/stock/{gtin}", dependencies=[Depends(staff_or_till)])
    async def look_up(gtin: Annotated[str, Path(pattern=_GTIN)]) -> StockLine:
        entry = await service.entry(gtin)
        return StockLine(
            gtin=gtin,
            on_hand=entry.on_hand,
            reserved=entry.reserved,
            available=entry.available,
        )

    return router
