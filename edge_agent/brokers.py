"""From a broker's settings to what the MQTT adapter connects to."""

import hashlib
from dataclasses import replace
from pathlib import Path

from cloud_bridge.mqtt import Broker, Tls
from edge_agent import settings as config
from edge_agent.provisioning.files import CA, GATEWAY_CERTIFICATE, GATEWAY_KEY, Folder


def cloud_broker(settings: config.Settings) -> Broker:
    """The cloud's broker, as this store's gateway connects to it."""
    tls = _tls(settings.cloud.tls, Folder(settings.state.directory).live)
    client_id = _client_id(settings.store, tls.key if tls else None)
    return replace(broker_of(settings.cloud, client_id=client_id), tls=tls)


def _client_id(store: config.Store, key: Path | None) -> str:
    """The same at each start, so that a connection ends a half-open one of before.

    A broker ends whoever else has it, too: where there is a key, no other gateway knows it.
    """
    try:
        secret = key.read_bytes() if key else None
    except OSError:
        secret = None
    if secret is None:
        return f"{store.id}/{store.gateway}"
    return f"{store.gateway}-{hashlib.sha256(b'aisle client id' + secret).hexdigest()[:32]}"


def _tls(settings: bool | config.Tls, identity: Path) -> Tls | None:  # noqa: FBT001 - as TOML says it
    if settings is False:
        return None
    own = settings if isinstance(settings, config.Tls) else config.Tls()
    return Tls(
        ca=own.ca or identity / CA,
        certificate=own.certificate or identity / GATEWAY_CERTIFICATE,
        key=own.key or identity / GATEWAY_KEY,
    )


def broker_of(settings: config.Broker, *, client_id: str = "") -> Broker:
    """The broker, with the password of its file and without TLS."""
    file = settings.password_file
    return Broker(
        host=settings.host,
        port=settings.port,
        username=settings.username or None,
        password=file.read_text("utf-8").strip() if file else None,
        client_id=client_id,
        mqtt5=settings.protocol == "5",
    )
