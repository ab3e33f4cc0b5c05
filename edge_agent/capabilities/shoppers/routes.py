"""Joining at the desk, and a shopper's own consents."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, StringConstraints

from cloud_bridge.wire.facts.shoppers import Purpose
from edge_agent.capabilities.shoppers.model import PURPOSES, Enrolment, Welcome
from edge_agent.capabilities.shoppers.service import Shoppers
from edge_agent.storage.reads import Run

Identity = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, max_length=128, pattern=r"^[A-Za-z]+:[0-9A-Za-z:-]+$"
    ),
]
"""Canonical identities are lower case (`device_profiles.beacons`); people type as they please."""


class ConsentsBody(BaseModel):
    """What the person ticked."""

    location: bool = False
    advertising: bool = False


class EnrolBody(BaseModel):
    """A person joins."""

    beacon: Identity
    language: Literal["ko", "en"]
    consents: ConsentsBody
    text_version: Annotated[str, StringConstraints(min_length=1, max_length=32)]


class ConsentBody(BaseModel):
    """A shopper changes their mind about one purpose."""

    purpose: Purpose
    given: bool


def routes(
    service: Shoppers,
    *,
    staff: Callable[..., Any],
    shopper: Callable[..., Any],
    run: Callable[..., Any],
) -> APIRouter:
    """The room's routes.

    Args:
        service: the room's service.
        staff: dependency that lets staff pass.
        shopper: dependency that gives the asking shopper's pseudonym.
        run: dependency that gives the request's `Run`.
    """
    router = APIRouter(tags=["shoppers"])

    @router.post("/v1/shoppers", status_code=201, dependencies=[Depends(staff)])
    async def enrol(body: EnrolBody, run: Annotated[Run, Depends(run)]) -> Welcome:
        given = frozenset(purpose for purpose in PURPOSES if getattr(body.consents, purpose))
        enrolment = Enrolment(body.beacon, body.language, given, body.text_version)
        return await service.enrol(enrolment, run=run)

    @router.post("/v1/me/consents", status_code=204)
    async def consent(
        body: ConsentBody,
        pseudonym: Annotated[str, Depends(shopper)],
        run: Annotated[Run, Depends(run)],
    ) -> None:
        change = service.agree if body.given else service.withdraw
        await change(pseudonym, body.purpose, run=run)

    return router
