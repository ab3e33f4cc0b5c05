"""`store-sim mirror`: a mirror's RFID reader, paired by a one-time code, telling what it sees."""

import asyncio
import sys
import uuid
from collections.abc import Sequence
from typing import Annotated

import httpx
import typer

SAY_FOR_S = 20.0
"""An agent that was restarted is back within seconds; later the room has other goods in it."""

SAY_AGAIN_S = 0.5

_UNPAIRED = frozenset({401, 403})
"""The agent no longer knows this reader: nothing that is typed can be of use."""


class PairingRefused(Exception):
    """The agent does not take the code; its text is the agent's."""


class RfidReader:
    """The reader behind one mirror. `client` has the agent's address as its base."""

    def __init__(self, client: httpx.AsyncClient, mirror: str, token: str) -> None:
        self.mirror = mirror
        self.token = token
        self._client = client

    @classmethod
    async def pair(cls, client: httpx.AsyncClient, mirror: str, code: str) -> "RfidReader":
        """Exchange a one-time code for a token.

        Raises:
            PairingRefused: when the code is unknown, used or too old.
            httpx.TransportError: when the agent is out of reach.
        """
        answer = await client.post("/v1/join", json={"code": code}, headers=_key())
        if answer.is_error:
            raise PairingRefused(_reason(answer))
        return cls(client, mirror, answer.json()["token"])

    async def see(self, gtins: Sequence[str]) -> None:
        """Say what lies before the antenna now; nothing when the room is empty.

        Said again, under the same key, for `SAY_FOR_S` while the agent is away.

        Raises:
            TimeoutError: when the agent stays away.
            httpx.HTTPStatusError: when it refuses.
        """
        headers = _key() | {"Authorization": f"Bearer {self.token}"}
        path, body = f"/v1/mirrors/{self.mirror}/items", {"gtins": list(gtins)}
        async with asyncio.timeout(SAY_FOR_S):
            while True:
                try:
                    answer = await self._client.post(path, json=body, headers=headers)
                except httpx.TransportError:
                    await asyncio.sleep(SAY_AGAIN_S)
                    continue
                answer.raise_for_status()
                return


def _key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


def mirror(
    mirror: Annotated[str, typer.Option("--mirror", help="The mirror's id in store.toml.")],
    join: Annotated[str, typer.Option(help="The one-time code that staff made for it.")],
    agent: Annotated[str, typer.Option(help="The agent's address.")] = "http://127.0.0.1:8080",
) -> None:
    """Play a mirror's RFID reader.

    Each line on standard input is what lies before the antenna: GTINs with spaces between them,
    or an empty line when the room is left. A line that is refused changes nothing.
    """
    try:
        asyncio.run(_play(agent, mirror, join))
    except (PairingRefused, TimeoutError, httpx.HTTPError) as err:
        typer.echo(f"store-sim mirror: {err}", err=True)
        raise typer.Exit(1) from None


async def _play(agent: str, mirror_id: str, code: str) -> None:
    async with httpx.AsyncClient(base_url=agent) as client:
        reader = await RfidReader.pair(client, mirror_id, code)
        typer.echo(f"{mirror_id} is paired; type GTINs, or an empty line to leave")
        await tell_lines(reader)


async def tell_lines(reader: RfidReader) -> None:
    """Say what each line of standard input has; one that is refused is told, and changes nothing.

    Raises:
        TimeoutError: when the agent stays away.
        httpx.HTTPStatusError: when it knows this reader no more.
    """
    for line in sys.stdin:
        try:
            await reader.see(line.split())
        except httpx.HTTPStatusError as err:
            if err.response.status_code in _UNPAIRED:
                raise
            typer.echo(f"store-sim mirror: {_reason(err.response)}", err=True)


def _reason(answer: httpx.Response) -> str:
    """What the agent says is wrong, in one line."""
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    detail = problem.get("detail") if isinstance(problem, dict) else None
    return f"refused ({answer.status_code}): {detail or answer.reason_phrase}"
