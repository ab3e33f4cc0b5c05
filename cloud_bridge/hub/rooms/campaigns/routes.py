"""HTTP of campaigns."""

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from cloud_bridge.hub.answers import Answer
from cloud_bridge.hub.database import Tx
from cloud_bridge.hub.desk import Desk
from cloud_bridge.hub.errors import Refused
from cloud_bridge.hub.rooms.campaigns import store as table
from cloud_bridge.wire.streams.coupons import Campaign

CampaignId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")]
Language = Literal["ko", "en"]


class CampaignBody(BaseModel):
    """A campaign as it is published: `wire.streams.coupons.Campaign` without its id."""

    model_config = ConfigDict(extra="forbid")

    title: dict[Language, Text]
    text: dict[Language, Text]
    zone: Code
    gtins: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^(\d{8}|\d{12,14})$")]],
        Field(min_length=1, max_length=500),
    ]
    discount: Annotated[int, Field(ge=1, le=10**9)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    starts: AwareDatetime
    ends: AwareDatetime
    valid_s: Annotated[int, Field(ge=60, le=30 * 86400)] = 3600
    per_shopper: Annotated[int, Field(ge=1, le=100)] = 1
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    stores: Annotated[list[str], Field(max_length=10000)] | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "CampaignBody":
        if self.ends <= self.starts:
            msg = "ends must be later than starts"
            raise ValueError(msg)
        return self

    def campaign(self, campaign: str) -> Campaign:
        """The campaign in the words of the wire."""
        return Campaign(id=campaign, **self.model_dump(exclude={"stores"}))


def routes(desk: Desk) -> APIRouter:
    """The routes of campaigns."""
    router = APIRouter(prefix="/v1/campaigns", dependencies=[Depends(desk.operator)])

    @router.put("/{campaign}")
    async def publish(request: Request, campaign: CampaignId, body: CampaignBody) -> Response:
        async def work(tx: Tx) -> Answer:
            moved = await table.publish(tx, body.campaign(campaign), chosen, desk.stores)
            return Answer(200, msgspec.json.encode({"campaign": campaign, "stores": moved}))

        chosen = None if body.stores is None else [desk.served(each) for each in body.stores]
        return await desk.answer(request, work, desk.stores)

    @router.delete("/{campaign}")
    async def end(request: Request, campaign: CampaignId) -> Response:
        async def work(tx: Tx) -> Answer:
            moved = await table.end(tx, campaign, desk.stores)
            if moved is None:
                code, text = "campaign_unknown", f"no campaign {campaign} is running"
                raise Refused(code, text, status=404)
            return Answer(200, msgspec.json.encode({"campaign": campaign, "stores": moved}))

        return await desk.answer(request, work, desk.stores)

    @router.get("")
    async def running() -> Response:
        campaigns = await desk.database.read(table.running)
        content = msgspec.json.encode({"campaigns": campaigns})
        return Response(content, media_type="application/json")

    return router
