"""Joining at the desk and by oneself, a shopper's own consents and record, leaving, receipts."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from cloud_bridge.wire.facts.shoppers import Purpose
from device_profiles.beacons.keys import BeaconKey, key_identity, names_itself
from edge_agent.capabilities.shoppers.model import (
    PURPOSES,
    Enrolment,
    Farewell,
    Language,
    Named,
    Origin,
    Welcome,
)
from edge_agent.capabilities.shoppers.service import Shoppers
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.qr import qr_svg
from edge_agent.storage.reads import Run


def _said_in_the_clear(identity: str) -> str:
    if not names_itself(identity):
        msg = "write ibeacon:<uuid>:<major>:<minor>, altbeacon:<id> or eddystone:<uid>:<instance>"
        raise ValueError(msg)
    return identity


Identity = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, max_length=128),
    AfterValidator(_said_in_the_clear),
]
"""Canonical identities are lower case (`device_profiles.beacons`); people type as they please."""

Key = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9A-Fa-f]{32}$")]
Version = Annotated[str, StringConstraints(min_length=1, max_length=32)]


class KeysBody(BaseModel):
    """What an app advertises by: an EID identity key with its rotation, or an IRK.

    `beacon_time_s` is what the beacon's clock says now; an app that counts Unix time leaves it.
    """

    eid_key: Key | None = None
    rotation_exponent: Annotated[int, Field(ge=0, le=15)] = 10
    beacon_time_s: Annotated[float, Field(ge=0, le=2**32)] | None = None
    irk: Key | None = None

    @model_validator(mode="after")
    def _one_key(self) -> "KeysBody":
        if (self.eid_key is None) == (self.irk is None):
            msg = "give eid_key or irk, one of both"
            raise ValueError(msg)
        return self

    def beacon(self, utc_s: float) -> BeaconKey:
        """In the words of the radio; `utc_s` is now."""
        if self.irk is not None:
            irk = bytes.fromhex(self.irk)
            return BeaconKey(identity=key_identity("irk", irk), irk=irk)
        key = bytes.fromhex(self.eid_key or "")
        return BeaconKey(
            identity=key_identity("eid", key),
            eid_key=key,
            rotation_exponent=self.rotation_exponent,
            clock_offset_s=0.0 if self.beacon_time_s is None else self.beacon_time_s - utc_s,
            clock_read_at_s=utc_s,
        )


class ConsentsBody(BaseModel):
    """What the person ticked."""

    location: bool = False
    advertising: bool = False
    night_advertising: bool = False


class JoinBody(BaseModel):
    """A person joins; without `beacon` their phone can only hear (`POST /v1/nearby`)."""

    beacon: Identity | KeysBody | None
    language: Language
    consents: ConsentsBody
    text_version: Version

    def enrolment(self, origin: Origin, now: Instant) -> Enrolment:
        """In the words of the room."""
        given = frozenset(purpose for purpose in PURPOSES if getattr(self.consents, purpose))
        beacons = tuple(self._beacons(now.wall.timestamp()))
        return Enrolment(beacons, self.language, given, self.text_version, origin)

    def _beacons(self, utc_s: float) -> Iterator[BeaconKey]:
        if isinstance(self.beacon, KeysBody):
            yield self.beacon.beacon(utc_s)
        elif self.beacon is not None:
            yield BeaconKey(identity=self.beacon)


class ConsentBody(BaseModel):
    """A shopper changes their mind about one purpose; `text_version` is of the words shown."""

    purpose: Purpose
    given: bool
    text_version: Version | None = None
    language: Language | None = None


class PauseBody(BaseModel):
    """A shopper pauses, or goes on."""

    paused: bool


class ReceiptBody(BaseModel):
    """A receipt, and the pseudonym that it is said to be about."""

    receipt: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    shopper: Annotated[str, StringConstraints(max_length=80)] | None = None


@dataclass(frozen=True, slots=True)
class GivenReceipt:
    """The answer to leaving: the receipt as text and as a QR code."""

    receipt: str
    svg: str
    left_at: datetime


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """What a receipt says; `concerns` whether it is about the pseudonym given, None without one."""

    store: str
    key: str
    hash: str
    left_at: datetime
    concerns: bool | None


def join_routes(
    service: Shoppers,
    *,
    clock: Clock,
    staff: Callable[..., Any],
    newcomer: Callable[..., Any],
    run: Callable[..., Any],
) -> APIRouter:
    """Becoming a shopper.

    Args:
        service: the room's service.
        clock: dates the reading of a beacon's clock.
        staff: dependency that lets staff pass.
        newcomer: dependency that gives the subject of who was invited.
        run: dependency that gives the request's `Run`.
    """
    router = APIRouter(tags=["shoppers"])

    @router.get("/v1/consents/texts")
    async def texts() -> Mapping[str, object]:
        return {"version": service.texts.version, "texts": service.texts.purposes}

    @router.post("/v1/shoppers", status_code=201, dependencies=[Depends(staff)])
    async def enrol(body: JoinBody, run: Annotated[Run, Depends(run)]) -> Welcome:
        return await service.enrol(body.enrolment("desk", clock.now()), run=run)

    @router.post("/v1/enrolment", status_code=201)
    async def join(
        body: JoinBody,
        guest: Annotated[str, Depends(newcomer)],
        run: Annotated[Run, Depends(run)],
    ) -> Named:
        return await service.join(guest, body.enrolment("page", clock.now()), run=run)

    return router


def own_routes(
    service: Shoppers,
    *,
    shopper: Callable[..., Any],
    leaver: Callable[..., Any],
    run: Callable[..., Any],
) -> APIRouter:
    """What a shopper does with their own data.

    Args:
        service: the room's service.
        shopper: dependency that gives the asking one's pseudonym.
        leaver: dependency that gives the `Farewell` of who leaves.
        run: dependency that gives the request's `Run`.
    """
    router = APIRouter(prefix="/v1/me", tags=["shoppers"])
    Asking = Annotated[str, Depends(shopper)]  # noqa: N806 - a type

    @router.post("/consents", status_code=204)
    async def consent(
        body: ConsentBody, pseudonym: Asking, run: Annotated[Run, Depends(run)]
    ) -> None:
        if body.given:
            await service.agree(
                pseudonym,
                body.purpose,
                text_version=body.text_version,
                language=body.language,
                run=run,
            )
        else:
            await service.withdraw(pseudonym, body.purpose, run=run)

    @router.post("/pause", status_code=204)
    async def pause(body: PauseBody, pseudonym: Asking, run: Annotated[Run, Depends(run)]) -> None:
        await (service.pause if body.paused else service.resume)(pseudonym, run=run)

    @router.post("/leave")
    async def leave(asking: Annotated[Farewell, Depends(leaver)]) -> GivenReceipt:
        if asking.said:
            text, departure = asking.said, service.read_receipt(asking.said)
        else:
            receipt = await service.leave(asking.shopper, run=asking.run)
            text, departure = receipt.text, receipt.departure
        return GivenReceipt(text, qr_svg(text), departure.left_at)

    return router


def receipt_routes(service: Shoppers) -> APIRouter:
    """Receipts, for anybody: what they say names nobody."""
    router = APIRouter(prefix="/v1/receipts", tags=["shoppers"])

    @router.get("/key")
    async def key() -> Mapping[Literal["algorithm", "public_key"], str]:
        return {"algorithm": "Ed25519", "public_key": service.receipt_public_key}

    @router.post("/verify")
    async def verify(body: ReceiptBody) -> VerifiedReceipt:
        told = service.read_receipt(body.receipt)
        concerns = None if body.shopper is None else told.concerns(body.shopper)
        return VerifiedReceipt(told.store, told.key, told.hash, told.left_at, concerns)

    return router
