"""The CA's folder: `ca.key` (0600), `ca.crt`, `crl.pem`, and what was issued for the servers."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from cloud_bridge.hub.ca.certificates import (
    HUB,
    LOOPBACK,
    Authority,
    Kind,
    issue,
    new_authority,
    pem_of,
    revocations,
)
from cloud_bridge.hub.ca.names import check_permitted
from cloud_bridge.hub.errors import HubError

KEY, CERTIFICATE, CRL = "ca.key", "ca.crt", "crl.pem"

PRIVATE: Final = 0o600
PUBLIC: Final = 0o644
"""Certificates are read by the broker too, which is another user."""


def found(directory: Path, *, domains: Sequence[str], now: datetime) -> Authority:
    """Make a CA in `directory`, whole or not at all.

    Raises:
        HubError: there is something in it already, it cannot be written, or a domain is none.
    """
    authority = new_authority(generate_private_key(SECP256R1()), domains=domains, now=now)
    contents = {
        KEY: (_pem(authority.key), PRIVATE),
        CERTIFICATE: (authority.pem, PUBLIC),
        CRL: (revocations(authority, (), now), PUBLIC),
    }
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".ca-", dir=directory.parent) as scratch:
            made = Path(scratch) / "ca"
            made.mkdir(mode=0o700)
            for name, (text, mode) in contents.items():
                write(made / name, text, mode)
            made.rename(directory)  # onto nothing, or onto an empty folder
        _sync(directory.parent)
    except OSError as err:
        if directory.exists() and any(directory.iterdir()):
            msg = f"{directory} is not empty: a CA is never replaced; name another --directory"
            raise HubError(msg) from err
        msg = f"cannot make a CA in {directory}: {err.strerror}"
        raise HubError(msg) from err
    return authority


def load(directory: Path) -> Authority:
    """The CA in `directory`.

    Raises:
        HubError: it is not there, not ours to read, or others can read its key.
    """
    try:
        key_file = directory / KEY
        if key_file.stat().st_mode & 0o077:
            msg = f"others can read {key_file}: chmod 600 it, and think who may have a copy"
            raise HubError(msg)
        key = load_pem_private_key(key_file.read_bytes(), password=None)
        certificate = x509.load_pem_x509_certificate((directory / CERTIFICATE).read_bytes())
    except OSError as err:
        msg = f"{err.filename}: {err.strerror}; make a CA with `cloud-hub ca init`"
        raise HubError(msg) from err
    except (ValueError, TypeError, UnsupportedAlgorithm) as err:
        msg = f"{directory}: not a key and a certificate of `cloud-hub ca init`: {err}"
        raise HubError(msg) from err
    if not isinstance(key, EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        msg = f"{directory}: {KEY} is not the key of {CERTIFICATE}"
        raise HubError(msg)
    return Authority(certificate, key)


def issue_server(
    authority: Authority, out: Path, *, names: Sequence[str], now: datetime
) -> Mapping[str, Path]:
    """A new key and certificate for the broker or the hub, which answers to `names`.

    Raises:
        HubError: the CA may not vouch for a name; the files are there already; no room for them.
    """
    hosts = tuple(dict.fromkeys((*names, *LOOPBACK)))
    check_permitted(authority.certificate, hosts)
    return _issue(
        authority, out, Kind.SERVER, stem="server", common_name=names[0], now=now, hosts=hosts
    )


def issue_hub(authority: Authority, out: Path, *, now: datetime) -> Mapping[str, Path]:
    """A new key and certificate with which the hub signs in at the broker.

    Raises:
        HubError: as `issue_server`.
    """
    return _issue(authority, out, Kind.HUB, stem="hub", common_name=HUB, now=now)


def _issue(
    authority: Authority,
    out: Path,
    kind: Kind,
    *,
    stem: str,
    common_name: str,
    now: datetime,
    hosts: Sequence[str] = (),
) -> Mapping[str, Path]:
    files = {"key": out / f"{stem}.key", "certificate": out / f"{stem}.crt"}
    for file in files.values():
        if file.exists():
            msg = f"{file} exists already; remove or rename it first if it is to be replaced"
            raise HubError(msg)
    key = generate_private_key(SECP256R1())
    certificate = issue(
        authority, kind, key.public_key(), common_name=common_name, now=now, hosts=hosts
    )
    try:
        out.mkdir(parents=True, exist_ok=True)
        write(files["key"], _pem(key), PRIVATE)
        write(files["certificate"], pem_of(certificate) + authority.pem, PUBLIC)
    except OSError as err:
        msg = f"cannot write into {out}: {err.strerror}"
        raise HubError(msg) from err
    return files


def write(file: Path, text: str, mode: int = PUBLIC) -> None:
    """Replace `file`, so that a reader and a crash find the old text or the new one.

    Raises:
        OSError: it cannot be written.
    """
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            os.fchmod(descriptor, mode)
            stream.write(text)
            stream.flush()
            os.fsync(descriptor)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
    _sync(file.parent)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _pem(key: EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
