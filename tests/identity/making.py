"""Keys, authorities and identities for tests."""

from datetime import UTC, datetime
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cloud_bridge.hub.ca.certificates import Authority, Kind, issue, new_authority, pem_of
from cloud_bridge.wire.identity import Certificates

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@cache
def key(name: str = "gateway") -> EllipticCurvePrivateKey:
    """A key of that name, the same for the whole run."""
    return generate_private_key(SECP256R1())


@cache
def authority(name: str = "ours") -> Authority:
    return new_authority(key(f"ca {name}"), domains=(), now=NOW)


def key_pem(name: str = "gateway") -> bytes:
    return key(name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def answer(
    *,
    gateway: EllipticCurvePrivateKey,
    bootstrap: EllipticCurvePrivateKey,
    name: str = "gw-7",
    now: datetime = NOW,
    by: Authority | None = None,
) -> Certificates:
    """What a hub answers to a claim."""
    ca = by or authority()
    first = issue(ca, Kind.GATEWAY, gateway.public_key(), common_name=name, now=now)
    second = issue(
        ca, Kind.BOOTSTRAP, bootstrap.public_key(), common_name=f"bootstrap:{name}", now=now
    )
    return Certificates(
        store="store-1",
        gateway=name,
        certificate=pem_of(first),
        bootstrap=pem_of(second),
        ca=ca.pem,
    )
