"""`POST /v1/nearby`: what a shopper's phone hears."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, StringConstraints

from edge_agent.radio.nearby import REPORT_EVERY_S, HeardBeacon, Nearby

MOST_HEARD = 64
"""Fixed beacons within earshot; iOS ranges as many at a time, the loudest in a mall are thirty."""

Identity = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, max_length=128, pattern=r"^[A-Za-z]+:[0-9A-Za-z:-]+$"
    ),
]


class BeaconBody(BaseModel):
    """A beacon as the phone heard it: RSSI in dBm, and how long ago."""

    identity: Identity
    rssi: Annotated[float, Field(ge=-127, le=127, allow_inf_nan=False)]
    age_ms: Annotated[float, Field(ge=0, le=3_600_000, allow_inf_nan=False)] = 0


class NearbyBody(BaseModel):
    """All that the phone heard since its last report."""

    heard: Annotated[list[BeaconBody], Field(max_length=MOST_HEARD)]


class TakenBody(BaseModel):
    """How many entries were of use, and when the next report is welcome."""

    used: int
    next_ms: int


def nearby_routes(nearby: Nearby, *, shopper: Callable[..., Any]) -> APIRouter:
    """The route; `shopper` gives the pseudonym."""
    router = APIRouter(tags=["shoppers"])

    @router.post("/v1/nearby")
    async def report(body: NearbyBody, who: Annotated[str, Depends(shopper)]) -> TakenBody:
        """Say which of the store's fixed beacons the phone hears."""
        used = nearby.report(
            who, [HeardBeacon(one.identity, one.rssi, one.age_ms / 1000) for one in body.heard]
        )
        return TakenBody(used=used, next_ms=int(REPORT_EVERY_S * 1000))

    return router
