"""HTTP of gateways: theirs, without sign-in but with proof; and the operators'."""

from datetime import timedelta
from typing import Annotated, Final, TypeVar

import msgspec
from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from cloud_bridge.hub.access import Brake
from cloud_bridge.hub.ca.certificates import HUB, Authority, revocations
from cloud_bridge.hub.desk import Desk
from cloud_bridge.hub.errors import Refused
from cloud_bridge.hub.rooms.gateways import challenges, service
from cloud_bridge.hub.rooms.gateways import store as table
from cloud_bridge.hub.rooms.gateways.model import CLAIM_LASTS, LONGEST_CLAIM
from cloud_bridge.wire.identity import (
    PATHS,
    Challenge,
    ChallengeRequest,
    ProvisionRequest,
    RenewalRequest,
    Renewed,
)

T = TypeVar("T")

NAME: Final = r"^[a-z0-9][a-z0-9-]{0,62}$"

ATTEMPTS: Final = 60
"""Of gateways, per address and minute: twenty stores behind one address that renew at once. A
token has 256 random bits; what is spared is the processor, at 1 ms a signature."""

_HOURS: Final = LONGEST_CLAIM / timedelta(hours=1)
_UNSEEN: Final = {"Cache-Control": "no-store"}


class ClaimBody(BaseModel):
    """A gateway that is to be set up."""

    model_config = ConfigDict(extra="forbid")
    store: Annotated[str, StringConstraints(pattern=NAME)]
    gateway: Annotated[str, StringConstraints(pattern=NAME)]
    hours: Annotated[float, Field(gt=0, le=_HOURS)] = CLAIM_LASTS / timedelta(hours=1)


class RevokeBody(BaseModel):
    """Why a gateway is to be refused."""

    model_config = ConfigDict(extra="forbid")
    reason: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


def routes(desk: Desk) -> list[APIRouter]:
    """The routes of gateways."""
    return [_of_gateways(desk), _of_operators(desk)]


def _of_gateways(desk: Desk) -> APIRouter:
    brake = Brake(ATTEMPTS)

    def spare(request: Request) -> None:
        brake.attempt(request.client.host if request.client else "", desk.clock())

    router = APIRouter(prefix=PATHS)
    spared = [Depends(spare)]

    @router.get("/ca")
    async def ca() -> Response:
        return _pem(_authority(desk).pem)

    @router.get("/crl", dependencies=spared)
    async def crl() -> Response:
        authority, now = _authority(desk), desk.clock()
        revoked = await desk.database.read(lambda tx: table.revoked(tx, now))
        return _pem(revocations(authority, revoked, now))

    @router.post("/provision", dependencies=spared)
    async def provision(request: Request) -> Response:
        authority, now = _authority(desk), desk.clock()
        asked = await _body(request, ProvisionRequest)
        answer = await desk.database.run(lambda tx: service.provision(tx, authority, asked, now))
        desk.changed()
        return _json(answer)

    @router.post("/challenges", dependencies=spared)
    async def challenge(request: Request) -> Response:
        asked = await _body(request, ChallengeRequest)
        text = challenges.challenge(_authority(desk), asked.gateway, desk.clock())
        return _json(Challenge(challenge=text))

    @router.post("/renewals", dependencies=spared)
    async def renew(request: Request) -> Response:
        authority, now = _authority(desk), desk.clock()
        asked = await _body(request, RenewalRequest)
        pem = await desk.database.run(lambda tx: service.renew(tx, authority, asked, now))
        desk.changed()
        return _json(Renewed(certificate=pem))

    return router


def _of_operators(desk: Desk) -> APIRouter:
    router = APIRouter(prefix=PATHS, dependencies=[Depends(desk.operator)])

    @router.get("")
    async def listed() -> Response:
        now = desk.clock()
        gateways = await desk.database.read(lambda tx: table.listed(tx, now))
        return _json({"gateways": gateways, "ca": desk.authority is not None})

    @router.post("/claims")
    async def claim(body: ClaimBody) -> Response:
        """Not kept under an Idempotency-Key: the answer is a secret, shown once."""
        authority, store = _authority(desk), desk.served(body.store)
        if body.gateway == HUB:
            code, text = (
                "gateway_reserved",
                f"{HUB!r} names the hub itself",
            )
            raise Refused(code, text, status=422)
        until = desk.clock() + timedelta(hours=body.hours)
        made = await desk.database.run(
            lambda tx: service.claim(
                tx, authority, store=store, gateway=body.gateway, url=desk.url, until=until
            )
        )
        desk.changed()
        return _json({"claim": made.text(), "until": until}, status=201)

    @router.post("/{gateway}/revoke")
    async def revoke(gateway: Annotated[str, Path(pattern=NAME)], body: RevokeBody) -> Response:
        now = desk.clock()
        await desk.database.run(lambda tx: service.revoke(tx, gateway, body.reason, now))
        desk.changed()
        return _json({"gateway": gateway, "state": "revoked"})

    return router


def _authority(desk: Desk) -> Authority:
    if desk.authority is None:
        code, text = "no_ca", "this hub has no CA: `cloud-hub ca init`, then `ca` in hub.toml"
        raise Refused(code, text, status=503)
    return desk.authority


async def _body(request: Request, kind: type[T]) -> T:
    """The request's body; `web.Limits` has bounded it."""
    try:
        return msgspec.json.decode(await request.body(), type=kind)
    except (msgspec.DecodeError, UnicodeError) as err:
        code, text = "invalid", f"not a {kind.__name__}: {err}"
        raise Refused(code, text, status=422) from err


def _json(content: object, *, status: int = 200) -> Response:
    body = msgspec.json.encode(content)
    return Response(body, status, headers=_UNSEEN, media_type="application/json")


def _pem(text: str) -> Response:
    return Response(text, media_type="application/x-pem-file")
