"""What every HTTP route is given, and who may come in."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from fastapi import Request, Response

from cloud_bridge.hub import access
from cloud_bridge.hub.access import Brake, Keys
from cloud_bridge.hub.answers import Answer, once, request_key
from cloud_bridge.hub.ca.certificates import Authority
from cloud_bridge.hub.clock import Clock
from cloud_bridge.hub.database import Database, Work
from cloud_bridge.hub.errors import Refused
from cloud_bridge.hub.live import Live

COOKIE = "aisle_hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The hub, as its routes see it.

    Attributes:
        stores: the stores that this hub serves.
        poke: called with each store for which a commit brought something new.
        changed: called after each commit that changes what people see.
        authority: signs for gateways; None where the hub has no CA.
        url: where gateways reach the hub.
    """

    database: Database
    live: Live
    keys: Keys
    clock: Clock
    stores: tuple[str, ...]
    poke: Callable[[str], None]
    changed: Callable[[], None]
    authority: Authority | None = None
    url: str = ""
    brake: Brake = field(default_factory=Brake)

    async def operator(self, request: Request) -> str:
        """The caller's role (a FastAPI dependency).

        Raises:
            Refused: ``not_signed_in``.
        """
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self.keys.is_api(key.strip()):
            return "program"
        if token := request.cookies.get(COOKIE):
            now = self.clock()
            role = await self.database.read(lambda tx: access.session_role(tx, token, now))
            if role is not None:
                return role
        code, text = "not_signed_in", "sign in, or send the API key as a bearer token"
        raise Refused(code, text, status=401)

    def served(self, store: str) -> str:
        """`store`, when this hub serves it (a FastAPI dependency).

        Raises:
            Refused: ``store_unknown``.
        """
        if store not in self.stores:
            text = f"this hub serves no store {store!r}; add it to `stores` of hub.toml and restart"
            raise Refused("store_unknown", text, status=404)
        return store

    async def answer(self, request: Request, work: Work[Answer], tell: Iterable[str]) -> Response:
        """Run `work` once per Idempotency-Key, then tell the stores in `tell` and the pages."""
        key = request_key(
            request.headers.get("idempotency-key"),
            request.method,
            request.url.path,
            await request.body(),
        )
        now = self.clock()
        answer = await self.database.run(lambda tx: once(tx, key, now, work))
        for store in tell:
            self.poke(store)
        self.changed()
        return Response(answer.body, answer.status, media_type="application/json")
