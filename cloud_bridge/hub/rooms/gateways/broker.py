"""What the cloud broker is told: who may publish and subscribe what. Pure text.

Sources: mosquitto.conf(5) of 2.0.11, "acl_file", "use_identity_as_username", "crlfile"; EMQX 5,
"ACL file" (docs.emqx.com/en/emqx/v5.8/access-control/authz/file.html).
"""

from collections.abc import Iterable, Sequence
from typing import Final

from cloud_bridge.hub.ca.certificates import HUB
from cloud_bridge.hub.rooms.gateways.model import Gateway
from cloud_bridge.wire.topics import StoreTopics, hub_filters

_HEAD: Final = "Written by `cloud-hub broker`; write it anew after each claim or revocation."

MOSQUITTO_CONF: Final = """\
# mosquitto 2.0: TLS 1.3, nobody without a certificate of the CA, each in its own store only.
per_listener_settings false
listener {port}
tls_version tlsv1.3
cafile {folder}/ca.crt
certfile {folder}/server.crt
keyfile {folder}/server.key
crlfile {folder}/crl.pem
require_certificate true
use_identity_as_username true
allow_anonymous false
acl_file {folder}/acl
# The broker is no store of anything: what the hub has not acknowledged is sent again.
persistence false
max_queued_messages 1000
max_inflight_messages 20
max_packet_size 262144
"""


def gateway_topics(gateway: Gateway, root: str) -> tuple[Sequence[str], Sequence[str]]:
    """What a gateway may publish, and what it may subscribe: of its own store only."""
    topics = StoreTopics(gateway.store, root)
    return (topics.up("#"), topics.hello, topics.ask, topics.status), (topics.everything_down,)


def hub_topics(root: str) -> tuple[Sequence[str], Sequence[str]]:
    """What the hub may publish, and what it may subscribe."""
    return (f"{root}/+/down/#",), hub_filters(root)


def mosquitto_acl(gateways: Iterable[Gateway], root: str) -> str:
    """An `acl_file`: a user is a certificate's common name. Nobody may what is not named."""
    parts = [f"# {_HEAD}", _stanza(HUB, *hub_topics(root))]
    parts += [
        _stanza(each.gateway, *gateway_topics(each, root)) for each in gateways if each.may_connect
    ]
    return "\n\n".join(parts) + "\n"


def _stanza(user: str, publish: Iterable[str], subscribe: Iterable[str]) -> str:
    lines = [f"user {user}"]
    lines += [f"topic write {topic}" for topic in publish]
    lines += [f"topic read {topic}" for topic in subscribe]
    return "\n".join(lines)


def mosquitto_conf(folder: str, port: int) -> str:
    """A whole mosquitto.conf; `folder` holds the CA's files and the ACL."""
    return MOSQUITTO_CONF.format(folder=folder, port=port)


def emqx_acl(gateways: Iterable[Gateway], root: str) -> str:
    """An `acl.conf`; the listener is to have `peer_cert_as_username = cn`."""
    lines = [f"%% {_HEAD}", *_rules(HUB, *hub_topics(root))]
    for each in gateways:
        if each.may_connect:
            lines += _rules(each.gateway, *gateway_topics(each, root))
    return "\n".join([*lines, "{deny, all}."]) + "\n"


def _rules(user: str, publish: Iterable[str], subscribe: Iterable[str]) -> list[str]:
    return [
        f'{{allow, {{username, "{user}"}}, {action}, [{_quoted(topics)}]}}.'
        for action, topics in (("publish", publish), ("subscribe", subscribe))
    ]


def _quoted(topics: Iterable[str]) -> str:
    return ", ".join(f'"{topic}"' for topic in topics)
