"""TLS 1.3 with client certificates, on mosquitto, and what a broken one is told as."""

import asyncio
import shutil
import ssl
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from cryptography import x509

from cloud_bridge.mqtt import Broker, BrokerError, BrokerRefused, BrokerUnreachable, Tls, connect
from cloud_bridge.mqtt.tls import hinted
from tests.bridge.rig import Store, running, until
from tests.support.brokers import BrokerProcess, broker_process, free_port, mosquitto_path
from tests.support.certificates import Authority, Pair


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def strict(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrokerProcess]:
    """A mosquitto that admits whom `authority` has signed, and nobody else."""
    if mosquitto_path() is None:
        pytest.skip("mosquitto is not installed; `make test` installs it")
    pair = authority.server("strict")
    settings = (
        f"cafile {authority.file}\ncertfile {pair.certificate}\nkeyfile {pair.key}\n"
        "tls_version tlsv1.3\nrequire_certificate true\nuse_identity_as_username true\n"
    )
    with broker_process("mosquitto", tmp_path_factory.mktemp("strict"), settings) as process:
        yield process


def broker(port: int, authority: Authority, pair: Pair | None, host: str = "127.0.0.1") -> Broker:
    tls = Tls(authority.file, pair.certificate, pair.key) if pair else Tls(authority.file)
    return Broker(host=host, port=port, tls=tls)


@asynccontextmanager
async def deaf(pair: Pair) -> AsyncIterator[int]:
    """The port of a server that shakes hands and says nothing."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)
    async with await asyncio.start_server(silent, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


async def failure(of: Broker) -> str:
    """Why no connection to this broker comes about."""
    with pytest.raises(BrokerError) as caught:
        async with connect(of) as connection:
            await connection.subscribe("test/never")
    assert isinstance(caught.value, BrokerUnreachable | BrokerRefused)
    assert of.where in str(caught.value)
    return str(caught.value)


async def test_a_gateway_with_a_certificate_is_heard_over_tls_1_3(
    strict: BrokerProcess, authority: Authority
) -> None:
    topic, payload = f"test/{uuid.uuid4().hex}", Random(1).randbytes(200_000)  # noqa: S311 - any
    async with connect(broker(strict.port, authority, authority.client("gw-1"))) as connection:
        sock = connection._client.socket()
        assert isinstance(sock, ssl.SSLSocket)
        assert sock.version() == "TLSv1.3"
        await connection.subscribe(topic)
        await connection.publish(topic, payload)
        async with asyncio.timeout(10):
            assert (await anext(connection.messages)).payload == payload


async def test_a_broker_is_reached_on_ipv6(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if mosquitto_path() is None:
        pytest.skip("mosquitto is not installed; `make test` installs it")
    pair, port = authority.server("six"), free_port()
    settings = f"listener {port} ::1\ncertfile {pair.certificate}\nkeyfile {pair.key}\n"
    with broker_process("mosquitto", tmp_path_factory.mktemp("six"), settings):
        at = broker(port, authority, None, host="::1")
        assert at.where == f"[::1]:{port}"
        async with connect(at) as connection:
            await connection.subscribe("test/ipv6")


@pytest.mark.parametrize("own", [None, "stranger", "late"])
async def test_a_gateway_that_the_broker_does_not_admit_is_told_so(
    strict: BrokerProcess, authority: Authority, tmp_path: Path, own: str | None
) -> None:
    signer = Authority(tmp_path, "Another authority") if own == "stranger" else authority
    ends = _hours(-1) if own == "late" else _hours(1)
    pair = signer.client(own, not_after=ends) if own else None
    assert "our certificate" in await failure(broker(strict.port, authority, pair))


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "wants a certificate of ours"),
        ("SSLV3_ALERT_CERTIFICATE_EXPIRED", "our certificate has expired"),
        ("TLSV1_ALERT_UNKNOWN_CA", "does not know the authority"),
        ("SSLV3_ALERT_CERTIFICATE_REVOKED", "was revoked"),
        ("TLSV1_ALERT_PROTOCOL_VERSION", "TLS 1.3"),
    ],
)
def test_the_brokers_alerts_are_told_in_words(reason: str, says: str) -> None:
    text = f"failed to receive on socket: [SSL: {reason}] some alert (_ssl.c:2578)"
    assert hinted(text).endswith(f"({reason})")
    assert says in hinted(text)


def test_other_errors_are_told_as_they_are() -> None:
    for text in ("[Errno 111] Connection refused", "[SSL: NEVER_HEARD_OF] odd (_ssl.c:1)"):
        assert hinted(text) == text


@pytest.mark.parametrize(
    ("valid", "says"),
    [
        ((-48, -1), "has expired"),
        ((1, 2), "is the clock of this machine set?"),
    ],
)
async def test_a_broker_certificate_out_of_its_time_is_told_with_the_clock_in_mind(
    authority: Authority, valid: tuple[int, int], says: str
) -> None:
    pair = authority.server("odd", not_before=_hours(valid[0]), not_after=_hours(valid[1]))
    async with deaf(pair) as port:
        assert says in await failure(broker(port, authority, None))


async def test_a_broker_of_another_authority_or_name_is_told(
    authority: Authority, tmp_path: Path
) -> None:
    other = Authority(tmp_path, "Another authority")
    async with deaf(other.server()) as port:
        assert f"signed by none of {authority.file}" in await failure(broker(port, authority, None))
    async with deaf(authority.server("far", hosts=(x509.DNSName("broker.example"),))) as port:
        assert "another host than 127.0.0.1" in await failure(broker(port, authority, None))


async def test_files_that_are_missing_or_do_not_belong_together_are_told(
    authority: Authority, tmp_path: Path
) -> None:
    one, other = authority.client("one"), authority.client("other")
    missing = Pair(tmp_path / "gateway.crt", one.key)
    told = await failure(broker(1, authority, missing))
    assert f"{missing.certificate} is not there" in told
    assert "`edge-agent provision`" in told
    mixed = Pair(one.certificate, other.key)
    assert "our key does not belong" in await failure(broker(1, authority, mixed))


async def test_a_port_that_speaks_no_tls_is_told(authority: Authority) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"\x20\x02\x00\x00 no handshake")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert "speak TLS" in await failure(broker(port, authority, None))


async def test_a_link_comes_up_with_the_certificate_that_was_put_in_place_of_the_old_one(
    strict: BrokerProcess, authority: Authority, tmp_path: Path
) -> None:
    old, new = authority.client("former", not_after=_hours(-1)), authority.client("new")
    pair = Pair(tmp_path / "gateway.crt", tmp_path / "gateway.key")
    shutil.copy(old.certificate, pair.certificate)
    shutil.copy(old.key, pair.key)
    store = Store("store-tls", broker(strict.port, authority, pair))
    link = store.link()
    async with running(link.run()):
        await until(lambda: "our certificate" in (link.state.last_error or ""), "it says why")
        shutil.copy(new.certificate, pair.certificate)
        shutil.copy(new.key, pair.key)
        await until(lambda: "does not answer" in (link.state.last_error or ""), "it is connected")


async def test_a_link_comes_up_once_the_clock_has_come_to_the_brokers_certificate(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if mosquitto_path() is None:
        pytest.skip("mosquitto is not installed; `make test` installs it")
    begins = datetime.now(UTC) + timedelta(seconds=2)  # noqa: TID251 - X.509 knows the wall clock
    pair = authority.server("soon", not_before=begins)
    settings = f"certfile {pair.certificate}\nkeyfile {pair.key}\n"
    with broker_process("mosquitto", tmp_path_factory.mktemp("soon"), settings) as process:
        store = Store("store-tls", broker(process.port, authority, None))
        link = store.link()
        async with running(link.run()):
            await until(lambda: "clock" in (link.state.last_error or ""), "it says why")
            connected = "does not answer"
            await until(lambda: connected in (link.state.last_error or ""), "it is connected")


def _hours(ahead: int) -> datetime:
    return datetime.now(UTC) + timedelta(hours=ahead)  # noqa: TID251 - X.509 knows the wall clock
