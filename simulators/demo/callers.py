"""People and machines who call the agent and the hub over HTTP, as their own programs would."""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Self

import httpx

from simulators.demo.failure import DemoFailure
from simulators.demo.live import LiveView

TRY_FOR_S = 20.0
"""How long a caller repeats itself while a server is away: a restart takes two or three seconds."""

AGAIN_S = 0.3

_BUSY = {409: "in_flight", 502: None, 503: None}
"""Answers after which the same call is made again: status, and its code where that matters."""


class CallRefused(DemoFailure):
    """The server said no.

    Attributes:
        status: HTTP status.
        code: the stable reason, as problem+json has it; empty when there is none.
    """

    def __init__(self, method: str, path: str, answer: httpx.Response) -> None:
        problem = _json(answer)
        self.status = answer.status_code
        self.code = str(problem.get("code", ""))
        detail = problem.get("detail", answer.text[:200])
        super().__init__(f"{method} {path}: {answer.status_code} {self.code} {detail}".rstrip())


class Caller:
    """Somebody with their own credentials at one server.

    A call that changes something carries an Idempotency-Key, and is repeated with the same key
    while the server is away: the deed is done once.
    """

    def __init__(self, client: httpx.AsyncClient, headers: Mapping[str, str] | None = None) -> None:
        self.client = client
        self._headers = dict(headers or {})

    @classmethod
    def bearer(cls, client: httpx.AsyncClient, token: str) -> Self:
        """A caller who shows a token."""
        return cls(client, {"Authorization": f"Bearer {token}"})

    def view(self, path: str) -> LiveView:
        """The live view at `path`, as this caller may see it."""
        return LiveView(self.client, path, self._headers)

    async def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """The JSON at `path`."""
        return await self._call("GET", path, None, {})

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Do something, once; the JSON answer or None."""
        return await self._call("POST", path, body or {}, {"Idempotency-Key": str(uuid.uuid4())})

    async def put(self, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Set something; the JSON answer or None."""
        return await self._call("PUT", path, body, {})

    async def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None, extra: Mapping[str, str]
    ) -> Any:  # noqa: ANN401 - JSON
        async with asyncio.timeout(TRY_FOR_S):
            while True:
                answer = await self._once(method, path, body, extra)
                if answer is None:
                    await asyncio.sleep(AGAIN_S)
                    continue
                if answer.is_error:
                    raise CallRefused(method, path, answer)
                return _json(answer) or None

    async def _once(
        self, method: str, path: str, body: Mapping[str, Any] | None, extra: Mapping[str, str]
    ) -> httpx.Response | None:
        try:
            answer = await self.client.request(
                method, path, json=body, headers={**self._headers, **extra}
            )
        except httpx.TransportError:
            return None
        if answer.status_code in _BUSY:
            code = _BUSY[answer.status_code]
            if code is None or _json(answer).get("code") == code:
                return None
        return answer


class Desk(Caller):
    """A clerk or a console, signed in at the agent."""

    async def sign_in(self, key: str) -> None:
        """Exchange the key for the session cookie, which the client keeps."""
        await self.post("/v1/session", {"key": key})

    async def join_code(self, role: str, subject: str) -> str:
        """A fresh one-time code for a phone or a machine."""
        answer = await self.post("/v1/join-codes", {"role": role, "subject": subject})
        return str(answer["code"])


class Hub(Caller):
    """The retailer's own system, at the hub."""

    async def publish(self, campaign_id: str, campaign: Mapping[str, Any]) -> None:
        """Publish a campaign for all stores."""
        await self.put(f"/v1/campaigns/{campaign_id}", campaign)

    async def place(self, store: str, order: Mapping[str, Any]) -> str:
        """Place an order; its number."""
        answer = await self.post(f"/v1/stores/{store}/orders", order)
        return str(answer["order"])


class Till(Caller):
    """A till, with its API key."""

    async def redeem(self, code: str, till: str, receipt: str) -> Mapping[str, Any]:
        """Take a coupon; what it is worth. Raises `CallRefused` when it is worth nothing."""
        answer = await self.post(f"/v1/coupons/{code}/redeem", {"till": till, "receipt": receipt})
        return dict(answer)

    async def sell(self, till: str, receipt: str, gtins: Sequence[str]) -> None:
        """Book a sale, one unit of each."""
        lines = [{"gtin": gtin, "quantity": 1} for gtin in gtins]
        await self.post("/v1/sales", {"till": till, "receipt": receipt, "lines": lines})


async def join(client: httpx.AsyncClient, code: str) -> Mapping[str, Any]:
    """Exchange a one-time code for a token: `{token, role, subject}`."""
    answer = await Caller(client).post("/v1/join", {"code": code})
    return dict(answer)


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {"items": body}
