"""The keys with which the store signs: pickup passes, and the receipts of those who left."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from edge_agent.kernel.errors import AisleError

PICKUP_KEY = "pickup-pass.key"
RECEIPT_KEY = "receipt.key"
"""The files in the state directory."""

_BYTES = 32
"""An Ed25519 private key (RFC 8032, section 5.1.5)."""


class BadSigningKey(AisleError):
    """The key file cannot be used; the text says what to do."""


def signing_key(file: Path) -> Ed25519PrivateKey:
    """The store's key, made at the first start: 32 raw bytes, mode 0600.

    Deleting the file and restarting makes worthless whatever it has signed.

    Raises:
        BadSigningKey: the file is not a key, or others may read it.
    """
    if not file.exists():
        _make(file)
    content = file.read_bytes()
    if len(content) != _BYTES:
        text = f"{file} is no key to sign with; delete it and restart"
        raise BadSigningKey(text)
    if file.stat().st_mode & 0o077:
        text = f"{file} can be read by others: chmod 600 it, or delete it and restart"
        raise BadSigningKey(text)
    return Ed25519PrivateKey.from_private_bytes(content)


def _make(file: Path) -> None:
    """Write a new key so that the file has it whole, or is not there."""
    key = Ed25519PrivateKey.generate()
    raw = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(raw)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)
