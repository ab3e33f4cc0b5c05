"""The store's own beacons for the staff and console pages."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from edge_agent.capabilities.beacons.model import Status
from edge_agent.capabilities.beacons.service import Beacons


class PlaceShape(BaseModel):
    """Where a trolley or a consenting wearer is, in metres."""

    x: float
    y: float
    zone: str | None
    confidence: float


class BeaconShape(BaseModel):
    """One beacon; None where it does not say, or was never heard."""

    id: str
    role: str
    heard_s: float | None
    battery_low: bool
    battery_v: float | None
    battery_percent: int | None
    temperature_c: float | None
    humidity_percent: float | None
    silent_at: list[str]
    place: PlaceShape | None


def routes(service: Beacons, *, staff: Callable[..., Any]) -> APIRouter:
    """The room's routes; `staff` lets its callers pass."""
    router = APIRouter(tags=["beacons"])

    @router.get("/v1/beacons", dependencies=[Depends(staff)])
    async def beacons() -> list[BeaconShape]:
        return [_shape(status) for status in service.statuses()]

    return router


def _shape(status: Status) -> BeaconShape:
    place, reading = status.place, status.reading
    return BeaconShape(
        id=status.beacon.id,
        role=status.beacon.role.value,
        heard_s=None if status.heard_s is None else round(status.heard_s, 1),
        battery_low=status.battery_low,
        battery_v=reading.battery_v,
        battery_percent=reading.battery_percent,
        temperature_c=reading.temperature_c,
        humidity_percent=reading.humidity_percent,
        silent_at=list(status.silent_at),
        place=None
        if place is None
        else PlaceShape(x=place.x, y=place.y, zone=place.zone, confidence=place.confidence),
    )
