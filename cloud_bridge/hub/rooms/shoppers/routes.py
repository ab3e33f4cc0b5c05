"""HTTP of shoppers: what the retailer's app says of who joined, consented or left there."""

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from cloud_bridge.hub.answers import Answer
from cloud_bridge.hub.database import Tx
from cloud_bridge.hub.desk import Desk
from cloud_bridge.hub.errors import Refused
from cloud_bridge.hub.rooms.shoppers import store as table
from cloud_bridge.wire.facts.shoppers import Purpose
from cloud_bridge.wire.streams.shoppers import Beacon, Consent, Shopper

Pseudonym = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{12,64}$")]
Key = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[0-9A-Fa-f]{32}$")]
Short = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Language = Literal["ko", "en"]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BeaconBody(_Body):
    """One of `identity`, `eid_key` and `irk` (`wire.streams.shoppers.Beacon`)."""

    identity: Short | None = None
    eid_key: Key | None = None
    rotation_exponent: Annotated[int, Field(ge=0, le=15)] = 10
    clock_offset_s: Annotated[float, Field(ge=-(2**32), le=2**32)] = 0.0
    clock_read_at: AwareDatetime | None = None
    irk: Key | None = None

    @model_validator(mode="after")
    def _one_name(self) -> "BeaconBody":
        if [self.identity, self.eid_key, self.irk].count(None) != 2:  # noqa: PLR2004 - of three
            msg = "give one of identity, eid_key and irk"
            raise ValueError(msg)
        return self

    def beacon(self) -> Beacon:
        """In the words of the wire."""
        return Beacon(
            identity=self.identity or "",
            eid_key=self.eid_key or "",
            rotation_exponent=self.rotation_exponent,
            clock_offset_s=self.clock_offset_s,
            clock_read_at=self.clock_read_at,
            irk=self.irk or "",
        )


class ConsentBody(_Body):
    """The newest word to one purpose (`wire.streams.shoppers.Consent`)."""

    purpose: Purpose
    text_version: Short
    language: Language
    given_at: AwareDatetime
    until: AwareDatetime
    evidence: Short
    withdrawn_at: AwareDatetime | None = None


class ShopperBody(_Body):
    """Who joined, as the app knows them now."""

    language: Language
    beacons: Annotated[list[BeaconBody], Field(max_length=8)] = []
    consents: Annotated[list[ConsentBody], Field(max_length=3)] = []

    def item(self, entry: str, shopper: str) -> Shopper:
        """In the words of the wire."""
        return Shopper(
            id=entry,
            shopper=shopper,
            language=self.language,
            beacons=[each.beacon() for each in self.beacons],
            consents=[Consent(**each.model_dump()) for each in self.consents],
        )


def routes(desk: Desk) -> APIRouter:
    """The routes of shoppers; for the retailer's programs and operators."""
    router = APIRouter(
        prefix="/v1/stores/{store}/shoppers",
        dependencies=[Depends(desk.operator), Depends(desk.served)],
    )

    @router.put("/{shopper}")
    async def publish(
        request: Request, store: str, shopper: Pseudonym, body: ShopperBody
    ) -> Response:
        async def work(tx: Tx) -> Answer:
            entry = await table.take_entry(tx, store, shopper)
            version = await table.publish(tx, store, body.item(entry, shopper))
            return Answer(200, msgspec.json.encode({"version": version}))

        return await desk.answer(request, work, [store])

    @router.delete("/{shopper}")
    async def leave(request: Request, store: str, shopper: Pseudonym) -> Response:
        async def work(tx: Tx) -> Answer:
            version = await table.drop(tx, store, shopper)
            if version is None:
                code, text = "shopper_unknown", "nobody of this pseudonym is in the stream"
                raise Refused(code, text, status=404)
            return Answer(200, msgspec.json.encode({"version": version}))

        return await desk.answer(request, work, [store])

    @router.get("")
    async def listed(store: str) -> Response:
        shoppers = await desk.database.read(lambda tx: table.listed(tx, store))
        content = msgspec.json.encode({"shoppers": shoppers})
        return Response(content, media_type="application/json")

    return router
