"""FastAPI dependencies that say who is asking, or refuse."""

from fastapi import Request

from edge_agent.kernel.errors import Refused
from edge_agent.web.sessions import Session, Sessions

COOKIE = "aisle_session"


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token else None


class Access:
    """The doors of the API; each method is a dependency and returns the subject."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def who(self, request: Request) -> Session:
        """The session behind the cookie, the bearer token, or the API key.

        Raises:
            Refused: 401 when there is none.
        """
        bearer = _bearer(request)
        token = bearer or request.cookies.get(COOKIE)
        session = await self._sessions.session(token) if token else None
        if session is None and bearer:
            session = self._sessions.session_of_key(bearer)
        if session is None:
            raise Refused("not_signed_in", "Sign in first.", status=401)
        return session

    async def staff(self, request: Request) -> str:
        """Staff, signed in."""
        return await self._one_of(request, "staff")

    async def console(self, request: Request) -> str:
        """Who runs the store's computer."""
        return await self._one_of(request, "console")

    async def metrics(self, request: Request) -> str:
        """A monitoring system, by its key, or who runs the store's computer."""
        return await self._one_of(request, "metrics", "console")

    async def till(self, request: Request) -> str:
        """A till, by its API key."""
        return await self._one_of(request, "till")

    async def staff_or_till(self, request: Request) -> str:
        """Staff, or a till."""
        return await self._one_of(request, "staff", "till")

    async def shopper(self, request: Request) -> str:
        """A shopper's own page; the subject is the pseudonym."""
        return await self._one_of(request, "shopper")

    async def newcomer(self, request: Request) -> str:
        """A phone that was invited to join, also once it has joined: a request may be repeated."""
        return await self._one_of(request, "guest", "shopper")

    async def desk(self, request: Request) -> str:
        """Staff, or who runs the store's computer."""
        return await self._one_of(request, "staff", "console")

    async def device(self, request: Request) -> str:
        """A mirror or a locker's scanner; the subject is its id."""
        return await self._one_of(request, "device")

    async def scanner(self, request: Request) -> str:
        """Where a pass may be shown: a bank's scanner (its id), or any place for staff."""
        return await self._one_of(request, "staff", "device")

    async def _one_of(self, request: Request, *roles: str) -> str:
        session = await self.who(request)
        if not session.roles & set(roles):
            raise Refused("not_allowed", "This sign-in does not open that.", status=403)
        return session.subject
