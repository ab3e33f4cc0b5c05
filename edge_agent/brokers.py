"""From a broker's settings to what the MQTT adapter connects to."""

from cloud_bridge.mqtt import Broker
from edge_agent import settings as config


def broker_of(settings: config.Broker, *, client_id: str = "") -> Broker:
    """The broker, with the password of its file."""
    file = settings.password_file
    return Broker(
        host=settings.host,
        port=settings.port,
        username=settings.username or None,
        password=file.read_text("utf-8").strip() if file else None,
        client_id=client_id,
        mqtt5=settings.protocol == "5",
    )
