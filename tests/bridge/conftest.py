"""The brokers that link and hub are held to."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from cloud_bridge.mqtt import Broker
from tests.support.brokers import BrokerProcess, broker_process, mosquitto_path


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
