"""mosquitto with the rules and lists that the hub writes: TLS 1.3, each in its own store only."""

import asyncio
import os
import signal
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from cloud_bridge.hub.access import Keys
from cloud_bridge.hub.ca import files
from cloud_bridge.hub.ca.certificates import Authority, Kind, issue, pem_of, revocations
from cloud_bridge.hub.clock import system_clock
from cloud_bridge.hub.rooms.gateways.broker import emqx_acl, mosquitto_acl, mosquitto_conf
from cloud_bridge.hub.rooms.gateways.model import Gateway
from cloud_bridge.mqtt import Broker, BrokerError, BrokerRefused, Connection, Tls, connect
from cloud_bridge.wire.topics import DEFAULT_ROOT, hub_filters
from tests.identity.making import key, key_pem
from tests.support.brokers import free_port, listens, mosquitto_path

UP, DOWN = f"{DEFAULT_ROOT}/store-1/up/pickup", f"{DEFAULT_ROOT}/store-1/down/ack"
OTHER_UP, OTHER_DOWN = f"{DEFAULT_ROOT}/store-2/up/pickup", f"{DEFAULT_ROOT}/store-2/down/ack"

GATEWAYS = [
    Gateway(gateway="gw-1", store="store-1", state="active"),
    Gateway(gateway="gw-2", store="store-2", state="active"),
    Gateway(gateway="gw-3", store="store-1", state="revoked"),
    Gateway(gateway="gw-4", store="store-1", state="claimed"),
]


@dataclass
class Mosquitto:
    """A broker with a CA, and certificates for whom a test names."""

    folder: Path
    authority: Authority
    port: int
    process: subprocess.Popen[bytes]

    def broker(self, who: str) -> Broker:
        """To connect as `who`, whose files are in the folder; empty for nobody."""
        own = (self.folder / f"{who}.crt", self.folder / f"{who}.key") if who else (None, None)
        tls = Tls(self.folder / "ca.crt", *own)
        return Broker(host="127.0.0.1", port=self.port, tls=tls, keepalive_s=5)

    def certify(self, who: str, kind: Kind, name: str, by: Authority | None = None) -> int:
        """Put a certificate beside its key; the serial number."""
        now = system_clock()
        made = issue(by or self.authority, kind, key(who).public_key(), common_name=name, now=now)
        files.write(self.folder / f"{who}.crt", pem_of(made))
        files.write(self.folder / f"{who}.key", key_pem(who).decode(), files.PRIVATE)
        return made.serial_number

    def told(self) -> str:
        """Its log so far."""
        return (self.folder / "log").read_text()

    def reload(self, **contents: str) -> None:
        """Replace `acl` or `crl`, and say so; it is read soon after."""
        for name, content in contents.items():
            files.write(self.folder / {"acl": "acl", "crl": "crl.pem"}[name], content)
        self.process.send_signal(signal.SIGHUP)


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    program = mosquitto_path()
    if program is None:
        pytest.skip("mosquitto is not installed; `make test` installs it")
    folder, port, now = tmp_path_factory.mktemp("mosquitto") / "ca", free_port(), system_clock()
    authority = files.found(folder, domains=(), now=now)
    files.issue_server(authority, folder, names=["mqtt.example"], now=now)
    files.issue_hub(authority, folder, now=now)
    files.write(folder / "acl", mosquitto_acl(GATEWAYS, DEFAULT_ROOT))
    settings = mosquitto_conf(str(folder), port)
    if os.geteuid() == 0:
        settings += "user root\n"  # else it changes to a user who may not read a test's folder
    (folder / "mosquitto.conf").write_text(settings)
    command = [program, "-c", str(folder / "mosquitto.conf")]
    with (folder / "log").open("wb") as told, subprocess.Popen(command, stderr=told) as process:
        while not listens(port):
            assert process.poll() is None, (folder / "log").read_text()
        made = Mosquitto(folder, authority, port, process)
        for one in GATEWAYS:
            made.certify(one.gateway, Kind.GATEWAY, one.gateway)
        yield made
        process.kill()


@asynccontextmanager
async def connected(broker: Broker) -> AsyncIterator[Connection]:
    async with asyncio.timeout(20), connect(broker) as connection:
        yield connection


async def test_a_gateway_and_the_hub_hear_each_other(mosquitto: Mosquitto) -> None:
    async with (
        connected(mosquitto.broker("hub")) as hub,
        connected(mosquitto.broker("gw-1")) as gateway,
    ):
        await hub.subscribe(*(f"$share/hub/{DEFAULT_ROOT}/+/{tail}" for tail in ("up/+", "hello")))
        await gateway.subscribe(f"{DEFAULT_ROOT}/store-1/down/#")
        await gateway.publish(UP, b"facts")
        assert (await anext(hub.messages)).payload == b"facts"
        await hub.publish(DOWN, b"ack")
        assert (await anext(gateway.messages)).payload == b"ack"
        for topic in ("hello", "ask", "status"):
            await gateway.publish(f"{DEFAULT_ROOT}/store-1/{topic}", b"")


@pytest.mark.parametrize("topic", [OTHER_UP, DOWN, f"{DEFAULT_ROOT}/store-2/status", "elsewhere"])
async def test_what_is_not_its_own_a_gateway_cannot_publish(
    mosquitto: Mosquitto, topic: str
) -> None:
    async with connected(mosquitto.broker("gw-1")) as gateway:
        with pytest.raises(BrokerRefused):
            await gateway.publish(topic, b"")


async def test_what_is_not_its_own_a_gateway_does_not_hear(mosquitto: Mosquitto) -> None:
    """mosquitto grants every subscription, and asks the rules before each delivery."""
    async with (
        connected(mosquitto.broker("hub")) as hub,
        connected(mosquitto.broker("gw-2")) as victim,
        connected(mosquitto.broker("gw-1")) as gateway,
    ):
        await gateway.subscribe("#", f"{DEFAULT_ROOT}/+/down/#", OTHER_UP, OTHER_DOWN)
        await victim.publish(OTHER_UP, b"theirs")
        await hub.publish(OTHER_DOWN, b"theirs")
        await gateway.publish(UP, b"its own, said and not heard")
        await hub.publish(DOWN, b"its own")
        assert (await anext(gateway.messages)).payload == b"its own"


async def test_a_gateway_takes_nothing_from_the_hubs_workers(mosquitto: Mosquitto) -> None:
    """By the rules alone it could: mosquitto would hand it a share, and then drop that."""
    keys = Keys(operator="operator-key-0123456789", api="program-key-0123456789")
    everything = f"{DEFAULT_ROOT}/+/up/+"
    async with (
        connected(mosquitto.broker("hub")) as hub,
        connected(mosquitto.broker("gw-2")) as victim,
        connected(mosquitto.broker("gw-1")) as gateway,
    ):
        await hub.subscribe(*hub_filters(group=keys.group))
        await gateway.subscribe(f"$share/hub/{everything}", everything)
        said = [b"first", b"second", b"third"]
        for each in said:
            await victim.publish(OTHER_UP, each)
        assert [(await anext(hub.messages)).payload for _ in said] == said


async def test_a_bootstrap_certificate_may_only_renew(mosquitto: Mosquitto) -> None:
    mosquitto.certify("bootstrap", Kind.BOOTSTRAP, "gw-1")
    await refused(mosquitto.broker("bootstrap"))


async def test_without_a_certificate_of_the_ca_nobody_comes_in(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    theirs = files.found(tmp_path / "theirs", domains=(), now=system_clock())
    mosquitto.certify("foreign", Kind.GATEWAY, "gw-1", theirs)
    await refused(mosquitto.broker("foreign"))
    mosquitto.certify("server-as-client", Kind.SERVER, "gw-1")
    await refused(mosquitto.broker("server-as-client"))
    await refused(mosquitto.broker(""))


async def refused(broker: Broker) -> None:
    """In TLS 1.3 a client may believe itself connected until the server has judged it."""
    with pytest.raises(BrokerError):
        async with connected(broker) as connection:
            await connection.publish(UP, b"")


async def test_tls_1_2_is_not_spoken(mosquitto: Mosquitto) -> None:
    context = ssl.create_default_context(cafile=str(mosquitto.folder / "ca.crt"))
    context.load_cert_chain(mosquitto.folder / "gw-1.crt", mosquitto.folder / "gw-1.key")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError):
        await asyncio.open_connection("127.0.0.1", mosquitto.port, ssl=context)


def rules_with(*more: Gateway) -> str:
    return mosquitto_acl([*GATEWAYS, *more], DEFAULT_ROOT)


async def test_who_is_revoked_is_silenced_on_the_connection_that_stands(
    mosquitto: Mosquitto,
) -> None:
    mosquitto.certify("gw-8", Kind.GATEWAY, "gw-8")
    lost = Gateway(gateway="gw-8", store="store-1", state="active")
    mosquitto.reload(acl=rules_with(lost))
    async with eventually_publishing(mosquitto.broker("gw-8")) as connection:
        mosquitto.reload(acl=rules_with())
        with pytest.raises(BrokerRefused):
            await publish_for_ever(connection)


async def test_a_revoked_certificate_is_not_let_in_again_whatever_the_rules_say(
    mosquitto: Mosquitto,
) -> None:
    serial = mosquitto.certify("gw-9", Kind.GATEWAY, "gw-9")
    lost = Gateway(gateway="gw-9", store="store-1", state="active")
    mosquitto.reload(acl=rules_with(lost))
    async with eventually_publishing(mosquitto.broker("gw-9")):
        pass
    now = system_clock()
    mosquitto.reload(crl=revocations(mosquitto.authority, [(serial, now)], now))
    before = mosquitto.told()
    with pytest.raises(BrokerError):
        await connect_for_ever(mosquitto.broker("gw-9"))
    async with asyncio.timeout(20):
        while "verify failed" not in mosquitto.told().removeprefix(before):  # noqa: ASYNC110 - a file
            await asyncio.sleep(0.01)
    async with connected(mosquitto.broker("gw-1")) as other:
        await other.publish(UP, b"")


async def publish_for_ever(connection: Connection) -> None:
    while True:
        await connection.publish(UP, b"")


async def connect_for_ever(broker: Broker) -> None:
    while True:
        async with connected(broker) as connection:
            await connection.publish(UP, b"")


@asynccontextmanager
async def eventually_publishing(broker: Broker) -> AsyncIterator[Connection]:
    """Connected, once the broker has read the rules that allow it to publish."""
    async with connected(broker) as connection, asyncio.timeout(20):
        while True:
            try:
                await connection.publish(UP, b"")
            except BrokerRefused:
                continue
            break
        yield connection


def test_emqx_gets_the_same_rules_in_its_own_words() -> None:
    of_gateway = ", ".join(
        f'"aisle/v1/store-1/{tail}"' for tail in ("up/#", "hello", "ask", "status")
    )
    of_hub = ", ".join(f'"aisle/v1/+/{tail}"' for tail in ("up/+", "hello", "ask", "status"))
    assert emqx_acl(GATEWAYS[:1], "aisle/v1").splitlines()[1:] == [
        '{allow, {username, "hub"}, publish, ["aisle/v1/+/down/#"]}.',
        f'{{allow, {{username, "hub"}}, subscribe, [{of_hub}]}}.',
        f'{{allow, {{username, "gw-1"}}, publish, [{of_gateway}]}}.',
        '{allow, {username, "gw-1"}, subscribe, ["aisle/v1/store-1/down/#"]}.',
        "{deny, all}.",
    ]


def test_whoever_is_not_revoked_is_in_the_rules() -> None:
    rules = mosquitto_acl(GATEWAYS, "aisle/v1")
    users = [line.split()[1] for line in rules.splitlines() if line.startswith("user ")]
    assert users == ["hub", "gw-1", "gw-2", "gw-4"]
