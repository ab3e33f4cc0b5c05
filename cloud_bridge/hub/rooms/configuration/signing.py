"""The key that signs settings: made once, kept where the hub is not, and its public half."""

import base64
import binascii
import tomllib
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud_bridge.hub.errors import HubError
from cloud_bridge.wire.streams.config import MOST_CHARACTERS, SignedSettings, signed_bytes


def make_key(file: Path) -> Path:
    """Make the key in a new file that only its owner reads; where its public half lies.

    Raises:
        HubError: one of the files is there, or cannot be written.
    """
    key, public = Ed25519PrivateKey.generate(), file.with_name(f"{file.name}.pub")
    _write_new(file, key.private_bytes_raw(), mode=0o600)
    _write_new(public, key.public_key().public_bytes_raw(), mode=0o644)
    return public


def read_signing_key(file: Path) -> Ed25519PrivateKey:
    """The key in a file of `make_key`.

    Raises:
        HubError: it is none, or others may read it.
    """
    try:
        if file.stat().st_mode & 0o077:
            msg = f"others can read {file}: chmod 600 {file}"
            raise HubError(msg)
        raw = base64.b64decode(file.read_bytes().strip(), validate=True)
        return Ed25519PrivateKey.from_private_bytes(raw)
    except (OSError, binascii.Error, ValueError) as err:
        msg = f"{file} is no key to sign with: {err}; make one with `cloud-hub config key {file}`"
        raise HubError(msg) from err


def sign(file: Path, key: Ed25519PrivateKey, *, store: str, version: int) -> SignedSettings:
    """The settings in `file`, signed for a store.

    Raises:
        HubError: they are no TOML, or too long.
    """
    try:
        toml = file.read_text("utf-8")
        tomllib.loads(toml)
    except (OSError, ValueError, RecursionError) as err:
        msg = f"{file}: {err}"
        raise HubError(msg) from err
    if len(toml) > MOST_CHARACTERS:
        msg = (
            f"{file}: {len(toml)} characters, at most {MOST_CHARACTERS} travel; leave out comments"
        )
        raise HubError(msg)
    signature = key.sign(signed_bytes(store, version, toml))
    return SignedSettings(store=store, version=version, toml=toml, signature=signature)


def next_version(newest: int, now: datetime) -> int:
    """A version above `newest`, and above whatever a hub of before has given out.

    Seconds since 1970: a hub whose database was restored does not know its last versions, but the
    stores do.
    """
    return max(newest + 1, int(now.timestamp()))


def _write_new(file: Path, raw: bytes, *, mode: int) -> None:
    try:
        file.touch(mode=mode, exist_ok=False)
        file.write_bytes(base64.b64encode(raw) + b"\n")
    except FileExistsError as err:
        msg = f"{file} exists already; remove it first if the key is to be replaced"
        raise HubError(msg) from err
    except OSError as err:
        msg = f"cannot write {file}: {err}"
        raise HubError(msg) from err
