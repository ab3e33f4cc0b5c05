"""Where time is spent on the floor, for who runs the store."""

import math
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from edge_agent.capabilities.presence.decide.heat import HOURS, Heat, HeatHour
from edge_agent.capabilities.presence.service import Presence


class HeatHourBody(BaseModel):
    """Shopper-seconds of an hour, by row and column; null where fewer than k people were."""

    since: Annotated[datetime, Field(serialization_alias="from")]
    seconds: list[list[float | None]]


class HeatBody(BaseModel):
    """The heat map: cells of `cell_m` metres from the floor's top left, the present hour first."""

    cell_m: float
    columns: int
    rows: int
    at_least: int
    hours: list[HeatHourBody]


def routes(service: Presence, *, console: Callable[..., Any]) -> APIRouter:
    """The room's routes."""
    router = APIRouter(tags=["presence"])

    @router.get("/v1/floor/heat", dependencies=[Depends(console)])
    async def heat(hours: Annotated[int, Query(ge=1, le=HOURS)] = HOURS) -> HeatBody:
        return _body(service.heat, hours)

    return router


def _body(heat: Heat, hours: int) -> HeatBody:
    return HeatBody(
        cell_m=heat.cell_m,
        columns=heat.columns,
        rows=heat.rows,
        at_least=heat.at_least,
        hours=[_hour(hour) for hour in heat.hours(hours)],
    )


def _hour(hour: HeatHour) -> HeatHourBody:
    rows = hour.seconds.tolist()
    seconds = [[None if math.isnan(cell) else round(cell, 1) for cell in row] for row in rows]
    return HeatHourBody(since=hour.since, seconds=seconds)
