"""The key directory of the device bus: who may speak, and as whom.

Layout, each file one Z85 key (40 characters, RFC 32 of ZeroMQ) and a newline::

    server.key                    the agent's public key; devices need it
    server.key_secret             the agent's secret key, mode 0600
    allowed/<device>.key          public keys of the devices that may connect
    private/<device>.key_secret   a device's secret key, mode 0600; moves to the device's machine

The name of a file in `allowed` is the device's name; nothing that a device says can change it.
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import zmq

from edge_agent.kernel.errors import AisleError

DEVICE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""A device's name is a file's name; 64 characters fit every page that shows it."""

_KEY = re.compile(rb"[\x21-\x7e]{40}")


class KeyProblem(AisleError):
    """A key is missing, unreadable or no key; the text names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class DeviceKeys:
    """What a device needs to connect: Z85, 40 bytes each."""

    public: bytes
    secret: bytes = field(repr=False)
    server: bytes


@dataclass(frozen=True, slots=True)
class ServerKeys:
    """What the agent's end needs: Z85, 40 bytes each."""

    public: bytes
    secret: bytes = field(repr=False)


def enrol(directory: Path, device: str) -> None:
    """Make the keys of `device`, and the agent's own where there are none yet.

    Takes effect at once, without a restart of the agent. Repeating it changes nothing, so that
    an installation script may run twice; to renew a key, delete the device's two files first.
    """
    if not DEVICE_NAME.fullmatch(device):
        text = f"{device!r} is no device name: letters, digits, '.', '_', '-', at most 64"
        raise KeyProblem(text)
    for folder, mode in ((directory, 0o755), (directory / "allowed", 0o755)):
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    (directory / "private").mkdir(mode=0o700, exist_ok=True)
    _make_pair(directory / "server.key_secret", directory / "server.key")
    _make_pair(
        directory / "private" / f"{device}.key_secret", directory / "allowed" / f"{device}.key"
    )


def server_keys(directory: Path) -> ServerKeys:
    """The agent's keys, made on first use; raises `KeyProblem`."""
    directory.mkdir(parents=True, exist_ok=True)
    _make_pair(directory / "server.key_secret", directory / "server.key")
    secret = _read(directory / "server.key_secret")
    return ServerKeys(public=zmq.curve_public(secret), secret=secret)


def device_keys(directory: Path, device: str) -> DeviceKeys:
    """The keys with which `device` connects; raises `KeyProblem`."""
    secret = _read(directory / "private" / f"{device}.key_secret")
    return DeviceKeys(
        public=zmq.curve_public(secret), secret=secret, server=_read(directory / "server.key")
    )


def allowed_devices(directory: Path) -> dict[bytes, str]:
    """Public key (Z85) to device name, read anew at each handshake, so that enrolling is enough.

    A file that holds no key allows nobody; it does not keep the other devices out.
    """
    devices = {}
    for file in sorted((directory / "allowed").glob("*.key")):
        try:
            content = file.read_bytes().strip()
        except OSError:  # unreadable, or withdrawn just now
            continue
        if _KEY.fullmatch(content) and DEVICE_NAME.fullmatch(file.stem):
            devices[content] = file.stem
    return devices


def _make_pair(secret_file: Path, public_file: Path) -> None:
    if not secret_file.exists():
        _, secret = zmq.curve_keypair()
        _write(secret_file, secret, mode=0o600)
    if not public_file.exists():
        _write(public_file, zmq.curve_public(_read(secret_file)), mode=0o644)


def _write(file: Path, key: bytes, *, mode: int) -> None:
    """Create `file` with its final mode and content, or not at all."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(key + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)


def _read(file: Path) -> bytes:
    try:
        content = file.read_bytes().strip()
    except OSError as err:
        make = "`edge-agent adapter locker --enrol` or `edge-agent adapter receiver`"
        text = f"{file}: {err.strerror}; make it with {make}"
        raise KeyProblem(text) from err
    if not _KEY.fullmatch(content):
        text = f"{file}: no Z85 key of 40 characters; delete it and enrol again"
        raise KeyProblem(text)
    return content
