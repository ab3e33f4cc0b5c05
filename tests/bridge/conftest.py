"""The brokers that link and hub are held to, and the databases that the hub is."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cloud_bridge.hub.database import Database, PostgresServer, open_database
from cloud_bridge.mqtt import Broker
from tests.support.brokers import BrokerProcess, broker_process, mosquitto_path
from tests.support.postgres import PostgresProcess, postgres_path, postgres_process


@dataclass(frozen=True)
class Seam:
    """A broker process and the protocol version that a test speaks to it."""

    process: BrokerProcess
    mqtt5: bool

    def broker(self) -> Broker:
        return Broker(host="127.0.0.1", port=self.process.port, mqtt5=self.mqtt5)


@pytest.fixture(scope="session")
def amqtt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerProcess]:
    with broker_process("amqtt", tmp_path_factory.mktemp("amqtt")) as process:
        yield process


@pytest.fixture(scope="session")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerProcess]:
    if mosquitto_path() is None:
        pytest.skip("mosquitto is not installed; `make test` installs it")
    with broker_process("mosquitto", tmp_path_factory.mktemp("mosquitto")) as process:
        yield process


SEAMS = ["amqtt-3.1.1", "mosquitto-3.1.1", "mosquitto-5"]


@pytest.fixture(params=SEAMS)
def seam(request: pytest.FixtureRequest) -> Seam:
    kind, _, version = request.param.partition("-")
    return Seam(request.getfixturevalue(kind), mqtt5=version == "5")


@pytest.fixture(params=SEAMS)
def own_seam(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Seam]:
    """A broker of the test's own, to kill."""
    kind, _, version = request.param.partition("-")
    if kind == "mosquitto" and mosquitto_path() is None:
        pytest.skip("mosquitto is not installed; `make test` installs it")
    with broker_process(kind, tmp_path_factory.mktemp(kind)) as process:
        yield Seam(process, mqtt5=version == "5")


Where = Path | PostgresServer
ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresProcess]:
    """One server for all; COMMIT does not wait for the disk, which no test here is about."""
    programs = postgres_path()
    if programs is None:
        if "CI" in os.environ:
            pytest.fail("PostgreSQL is not installed; `make test` installs it")
        pytest.skip("PostgreSQL is not installed; `make test` installs it")
    with postgres_process(programs) as process:
        asyncio.run(_migrated(PostgresServer(process.create(EMPTY_HUB))))
        yield process


EMPTY_HUB = "empty_hub"
"""A database with the hub's schema and nothing in it: copied in a tenth of the time."""


async def _migrated(server: PostgresServer) -> None:
    async with open_database(server):
        pass


@pytest.fixture
def new_postgres(postgres: PostgresProcess) -> Iterator[Callable[[], PostgresServer]]:
    """Makes empty databases on the common server; they go with the test."""
    made: list[str] = []

    def make() -> PostgresServer:
        made.append(f"hub_{uuid.uuid4().hex[:12]}")
        return PostgresServer(postgres.create(made[-1], like=EMPTY_HUB))

    yield make
    for name in made:
        postgres.drop(name)


@pytest.fixture(params=ENGINES)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Where:
    """An empty database of each engine."""
    if request.param == "sqlite":
        return tmp_path / "hub.db"
    server: PostgresServer = request.getfixturevalue("new_postgres")()
    return server


@pytest.fixture
async def database(where: Where) -> AsyncIterator[Database]:
    """An open database of each engine."""
    async with open_database(where) as opened:
        yield opened
