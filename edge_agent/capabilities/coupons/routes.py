"""A coupon at the till."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, StringConstraints

from edge_agent.capabilities.coupons.service import Coupons, Reduction
from edge_agent.storage.reads import Run

Reference = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class RedeemBody(BaseModel):
    """Which till, and on which receipt."""

    till: Reference
    receipt: Reference


def routes(service: Coupons, *, till: Callable[..., Any], run: Callable[..., Any]) -> APIRouter:
    """The room's routes; `till` lets tills pass, `run` gives the request's `Run`."""
    router = APIRouter(tags=["coupons"])

    @router.post("/v1/coupons/{code}/redeem", dependencies=[Depends(till)])
    async def redeem(
        code: Annotated[str, Path(max_length=32)],
        body: RedeemBody,
        run: Annotated[Run, Depends(run)],
    ) -> Reduction:
        return await service.redeem(code, till=body.till, receipt=body.receipt, run=run)

    return router
