"""Whose settings the gateway takes."""

import base64
import binascii
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def read_public_key(file: Path) -> tuple[Ed25519PublicKey | None, str]:
    """The key in a file of `cloud-hub config key`, or what is wrong with the file."""
    try:
        raw = base64.b64decode(file.read_bytes().strip(), validate=True)
        return Ed25519PublicKey.from_public_bytes(raw), ""
    except OSError as err:
        return None, f"{file}: {err.strerror}; copy the .pub file of `cloud-hub config key` there"
    except (binascii.Error, ValueError):
        return None, f"{file} is no public key: copy the .pub file of `cloud-hub config key` there"
