"""A hub with a CA, served over HTTP or HTTPS on loopback, with a clock that a test sets."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from cryptography import x509
from typing_extensions import override

from cloud_bridge.hub.access import Keys
from cloud_bridge.hub.ca.certificates import Authority
from cloud_bridge.hub.database import Database, open_database
from cloud_bridge.hub.desk import Desk
from cloud_bridge.hub.live import Live
from cloud_bridge.hub.rooms.stores import store as stores
from cloud_bridge.hub.web import make_app
from cloud_bridge.wire.identity import Claim, read_claim
from tests.identity.making import NOW, authority

STORES = 8
"""More than a file has tests that make a gateway lead its store."""

OPERATOR, PROGRAM = "operator-key-0123456789", "program-key-0123456789"


@dataclass
class ServedHub:
    """What a test holds of it.

    Attributes:
        now: the hub's clock.
        gateway, store: of the test.
    """

    folder: Path
    url: str
    database: Database
    authority: Authority
    client: httpx.AsyncClient
    now: datetime = NOW
    gateway: str = "gw-0"
    store: str = "store-0"

    async def claim(self, *, hours: float = 24) -> Claim:
        body = {"store": self.store, "gateway": self.gateway, "hours": hours}
        return read_claim((await self.asked("POST", "/claims", body)).json()["claim"])

    async def revoke(self) -> None:
        await self.asked("POST", f"/{self.gateway}/revoke", {"reason": "stolen"})

    async def told(self) -> dict[str, Any]:
        """What an operator is told about the gateway."""
        listed = (await self.asked("GET", "")).json()["gateways"]
        [one] = [each for each in listed if each["gateway"] == self.gateway]
        return dict(one)

    async def revoked(self) -> set[int]:
        """Serial numbers in the list for the broker."""
        crl = x509.load_pem_x509_crl((await self.asked("GET", "/crl")).content)
        return {each.serial_number for each in crl}

    async def asked(self, method: str, path: str, body: object = None) -> httpx.Response:
        """The answer to an operator's program, which must be a good one."""
        response = await self.send(method, path, body)
        assert response.is_success, response.text
        return response

    async def send(self, method: str, path: str, body: object = None) -> httpx.Response:
        return await self.client.request(method, f"{self.url}/v1/gateways{path}", json=body)

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)


class _Server(uvicorn.Server):
    """Without signal handlers: the tests' own stay."""

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def served_hub(
    folder: Path, *, ca: Authority | None = None, https: Mapping[str, Path] | None = None
) -> AsyncIterator[ServedHub]:
    """Serve `STORES` stores; over HTTPS with the files of `issue_server`."""
    made = ca or authority()
    headers = {"authorization": f"Bearer {PROGRAM}"}
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"{'https' if https else 'http'}://127.0.0.1:{listening.getsockname()[1]}"
    async with (
        open_database(folder / "hub.db") as database,
        httpx.AsyncClient(headers=headers, verify=False) as client,  # noqa: S501 - our own
    ):
        hub = ServedHub(folder, url, database, made, client)
        names = tuple(f"store-{number}" for number in range(STORES))
        for name in names:
            await database.run(partial(stores.add, store=name))
        desk = Desk(
            database=database,
            live=Live(),
            keys=Keys(operator=OPERATOR, api=PROGRAM),
            clock=lambda: hub.now,
            stores=names,
            poke=lambda _: None,
            changed=lambda: None,
            authority=made,
            url=url,
        )
        config = uvicorn.Config(
            make_app(desk, folder),
            ssl_certfile=https["certificate"] if https else None,
            ssl_keyfile=https["key"] if https else None,
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        server = _Server(config)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve([listening]))
            try:
                yield hub
            finally:
                server.should_exit = True
