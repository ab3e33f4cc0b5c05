"""Keys that are made on the gateway and never leave it, and the requests about them."""

from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from edge_agent.kernel.errors import AisleError


class BadKey(AisleError):
    """A key file cannot be used."""


def new_key_pem() -> bytes:
    """A new P-256 key, PKCS #8."""
    key = generate_private_key(SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def load_key(file: Path) -> EllipticCurvePrivateKey:
    """The key in `file`.

    Raises:
        BadKey: others can read it, or it is none.
        OSError: it cannot be read.
    """
    if file.stat().st_mode & 0o077:
        text = f"others can read {file}: chmod 600 it, and think who may have a copy"
        raise BadKey(text)
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as err:
        text = f"{file} is no key"
        raise BadKey(text) from err
    if not isinstance(key, EllipticCurvePrivateKey):
        text = f"{file} is no P-256 key"
        raise BadKey(text)
    return key


def request_for(key: EllipticCurvePrivateKey, gateway: str) -> str:
    """A request (PKCS #10, PEM) that proves that we hold `key`."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, gateway)])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, SHA256())
    return request.public_bytes(Encoding.PEM).decode()


def signature(key: EllipticCurvePrivateKey, words: bytes) -> bytes:
    """ECDSA with SHA-256, DER."""
    return key.sign(words, ECDSA(SHA256()))
