"""From a broker's settings to what the MQTT adapter connects to."""

from dataclasses import replace
from pathlib import Path

from cloud_bridge.mqtt import Broker, Tls
from edge_agent import settings as config
from edge_agent.provisioning.files import CA, GATEWAY_CERTIFICATE, GATEWAY_KEY, Folder


def cloud_broker(settings: config.Settings) -> Broker:
    """The cloud's broker, as this store's gateway connects to it."""
    client_id = f"{settings.store.id}/{settings.store.gateway}"
    broker = broker_of(settings.cloud, client_id=client_id)
    return replace(broker, tls=_tls(settings.cloud.tls, Folder(settings.state.directory).live))


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
