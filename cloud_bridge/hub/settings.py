"""`hub.toml`: read once, checked, frozen. Paths in it are relative to its folder."""

import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

import msgspec

from cloud_bridge.hub.access import Keys, read_key, read_text
from cloud_bridge.hub.database import PostgresServer
from cloud_bridge.hub.errors import BadSettings
from cloud_bridge.hub.views import Catalogue
from cloud_bridge.mqtt import Broker, Tls
from cloud_bridge.wire.identity import Url
from cloud_bridge.wire.topics import DEFAULT_ROOT, IllegalStoreId, StoreTopics

PAGES = Path(__file__).parent / "pages"
"""Where the build puts the hub's page."""

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
T = TypeVar("T")


class BrokerTlsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PEM files, read at each connection; `cloud-hub ca issue-hub` makes certificate and key.

    Attributes:
        ca: who the broker's certificate is from; the system's own trust when absent.
    """

    ca: str | None = None
    certificate: str | None = None
    key: str | None = None


class BrokerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The cloud broker. `mqtt5` false speaks MQTT 3.1.1, as the demo's embedded broker does.

    Attributes:
        shared_subscription: whether several workers share what stores send; when absent they do
            where both broker (MQTT 5) and database (PostgreSQL) can.
    """

    host: str
    port: Port = 1883
    mqtt5: bool = True
    username: str | None = None
    password_file: str | None = None
    shared_subscription: bool | None = None
    tls: BrokerTlsSettings | None = None


class AccessSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Key files: `operator_key_file` signs people in, `api_key_file` is for programs."""

    operator_key_file: str
    api_key_file: str


class HttpsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PEM files for HTTPS of the hub itself; `cloud-hub ca issue-server` makes such."""

    certificate: str
    key: str


class HubSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of `hub.toml`.

    Attributes:
        database: SQLite file, made when it is not there; or ``postgresql://user@host/name``.
        database_password_file: of PostgreSQL, so that no password stands in this file.
        stores: ids of the stores that this hub serves.
        listen: ``host:port`` of HTTP; loopback unless you say otherwise.
        root: first levels of every topic.
        ca: folder of `cloud-hub ca init`; without one no gateway is given a certificate.
        url: where gateways reach this hub, ``https://hub.example``; claims name it.
        https: absent where a proxy in front has the certificate.
        catalogue: TOML file with the articles that the hub's forms offer.
        pages: folder of the built page, when it is not the package's own.
        log: ``console``, ``json``, or ``auto``: console on a terminal.
    """

    database: str
    stores: Annotated[list[str], msgspec.Meta(min_length=1)]
    broker: BrokerSettings
    access: AccessSettings
    database_password_file: str | None = None
    listen: str = "127.0.0.1:8070"
    root: str = DEFAULT_ROOT
    ca: str | None = None
    url: Url | None = None
    https: HttpsSettings | None = None
    catalogue: str | None = None
    pages: str | None = None
    log: Annotated[str, msgspec.Meta(pattern="^(auto|console|json)$")] = "auto"


class Https(msgspec.Struct, frozen=True):
    """Files of the hub's own HTTPS."""

    certificate: Path
    key: Path


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the hub runs with: everything that files name has been read.

    Attributes:
        api_key_file: with which the hub's own commands speak to the running hub.
        url: where gateways reach the hub; its own address on loopback when nobody said.
    """

    database: Path | PostgresServer
    stores: tuple[str, ...]
    broker: Broker
    shared_subscription: bool | None
    keys: Keys
    api_key_file: Path
    host: str
    port: int
    url: str
    https: Https | None
    ca: Path | None
    root: str
    catalogue: Catalogue
    pages: Path
    log: str


def load_settings(path: Path) -> Settings:
    """Read and check `path` and the files that it names.

    Raises:
        HubError: something in them is wrong; names file, key and remedy.
    """
    raw = _read(path, HubSettings)
    folder = path.parent
    host, port = _address(path, raw.listen)
    for store in raw.stores:
        try:
            StoreTopics(store)
        except IllegalStoreId as err:
            msg = f"{path}: stores: {err}"
            raise BadSettings(msg) from err
    catalogue = _read(folder / raw.catalogue, Catalogue) if raw.catalogue else Catalogue()
    return Settings(
        database=_database(path, raw),
        stores=tuple(sorted(set(raw.stores))),
        broker=_broker(folder, raw.broker),
        shared_subscription=raw.broker.shared_subscription,
        keys=Keys(
            operator=read_key(folder / raw.access.operator_key_file),
            api=read_key(folder / raw.access.api_key_file),
        ),
        api_key_file=folder / raw.access.api_key_file,
        host=host,
        port=port,
        url=_url(path, raw),
        https=_https(path, raw.https),
        ca=folder / raw.ca if raw.ca else None,
        root=raw.root,
        catalogue=catalogue,
        pages=folder / raw.pages if raw.pages else PAGES,
        log=raw.log,
    )


def _database(path: Path, raw: HubSettings) -> Path | PostgresServer:
    scheme, mark, _ = raw.database.partition("://")
    if not mark:
        return path.parent / raw.database
    if scheme not in ("postgresql", "postgres"):
        msg = f'{path}: database: {scheme} is none; write a file name or "postgresql://user@host/name"'
        raise BadSettings(msg)
    secret = raw.database_password_file
    return PostgresServer(raw.database, read_text(path.parent / secret) if secret else None)


def _broker(folder: Path, raw: BrokerSettings) -> Broker:
    password = read_text(folder / raw.password_file) if raw.password_file else None
    return Broker(
        host=raw.host,
        port=raw.port,
        mqtt5=raw.mqtt5,
        username=raw.username,
        password=password,
        tls=_broker_tls(folder, raw.tls),
        receive_maximum=10,  # contract, "Engines": what a killed worker holds is sent elsewhere
    )


def _url(path: Path, raw: HubSettings) -> str:
    url = raw.url or f"{'https' if raw.https else 'http'}://{raw.listen}"
    if raw.ca and url.startswith("http:") and not _is_loopback(urlsplit(url).hostname or ""):
        msg = f"{path}: url: {url} would carry claims in clear; see docs/how-to/provision.md"
        raise BadSettings(msg)
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _broker_tls(folder: Path, raw: BrokerTlsSettings | None) -> Tls | None:
    if raw is None:
        return None
    ca, certificate, key = (
        folder / name if name else None for name in (raw.ca, raw.certificate, raw.key)
    )
    return Tls(ca, certificate, key)


def _https(path: Path, raw: HttpsSettings | None) -> Https | None:
    if raw is None:
        return None
    files = [path.parent / each for each in (raw.certificate, raw.key)]
    for file in files:
        if not file.is_file():
            msg = f"{path}: https: {file} is not there; see `cloud-hub ca issue-server --help`"
            raise BadSettings(msg)
    return Https(*files)


def _address(path: Path, listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - the largest port
        msg = f'{path}: listen: {listen!r} is no address; write "127.0.0.1:8070"'
        raise BadSettings(msg)
    return host.strip("[]"), int(port)


def _read(path: Path, shape: type[T]) -> T:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as err:
        msg = f"{path}: cannot be read: {err.strerror}; say where it is with --settings"
        raise BadSettings(msg) from err
    except (tomllib.TOMLDecodeError, UnicodeError) as err:
        msg = f"{path}: not TOML: {err}"
        raise BadSettings(msg) from err
    try:
        return msgspec.convert(table, shape)
    except msgspec.ValidationError as err:
        what, _, where = str(err).partition(" - at ")
        key = where.strip("`").removeprefix("$").lstrip(".") or "top level"
        msg = f"{path}: {key}: {what}; see docs/reference/contract.md or `cloud-hub run --help`"
        raise BadSettings(msg) from err
