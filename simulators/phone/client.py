"""The phone's side of the API: joins with a one-time code, then says what it hears."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

MOST_HEARD = 64
"""Entries that the store takes at once; the loudest are told."""

CONSENTS = ("location", "advertising", "night_advertising")


class Refused(Exception):
    """The store says no; the text is the store's."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One beacon that the phone heard at second `at` of its own clock."""

    identity: str
    rssi: float
    at: float


class Phone:
    """A phone that has joined. `client` has the agent's address as its base."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client = client
        self._headers = {"authorization": f"Bearer {token}"}

    @classmethod
    async def join(
        cls, client: httpx.AsyncClient, code: str, *, consents: Iterable[str] = ("location",)
    ) -> "Phone":
        """Trade a one-time code for a token; a guest then joins, agreeing to `consents`.

        Raises:
            Refused: the code is unknown, used or too old, or the store has newer texts.
            httpx.TransportError: the store is out of reach.
        """
        key = {"idempotency-key": str(uuid.uuid4())}
        joined = _body(await client.post("/v1/join", json={"code": code}, headers=key))
        phone = cls(client, joined["token"])
        if joined["role"] == "guest":
            await phone._enrol(frozenset(consents))
        return phone

    async def say(self, heard: Iterable[Entry], now: float) -> tuple[int | None, float]:
        """Tell what was heard up to `now`; how many entries were of use, seconds until the next.

        A store that has had enough for the moment takes nothing (None) and says when to come again.

        Raises:
            Refused: for any other reason.
            httpx.TransportError: the store is out of reach.
        """
        loudest = sorted(heard, key=lambda one: one.rssi, reverse=True)[:MOST_HEARD]
        entries = [
            {
                "identity": one.identity,
                "rssi": one.rssi,
                "age_ms": round(1000 * max(0.0, now - one.at)),
            }
            for one in loudest
        ]
        answer = await self._client.post(
            "/v1/nearby", json={"heard": entries}, headers=self._headers
        )
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            return None, float(answer.headers.get("retry-after", 1))
        taken = _body(answer)
        return taken["used"], taken["next_ms"] / 1000

    async def _enrol(self, given: frozenset[str]) -> None:
        texts = _body(await self._client.get("/v1/consents/texts"))
        body = {
            "beacon": None,
            "language": "en",
            "consents": {purpose: purpose in given for purpose in CONSENTS},
            "text_version": texts["version"],
        }
        key = {"idempotency-key": str(uuid.uuid4())}
        _body(await self._client.post("/v1/enrolment", json=body, headers=self._headers | key))


def _body(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        msg = f"{answer.request.url} answered {answer.status_code}: no agent of ours"
        raise Refused(msg)
    if answer.is_error:
        raise Refused(str(body.get("detail", answer.status_code)))
    return body
