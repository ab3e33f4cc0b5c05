"""The gateway's identity on the disk: `<state>/identity/`, replaced as a whole.

A new identity is prepared in ``identity.new``: first the keys, synced, then the request, then what
the hub answered, its certificate last. Whole, the folder takes the place of the old one. Wherever
the power goes, what is found at the next start is the old identity, keys that can ask again, or a
whole new one whose place is still to be taken (`Folder.settle`). A renewal replaces one file.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from cloud_bridge.wire.identity import Certificates, Url
from edge_agent.kernel.errors import AisleError
from edge_agent.kernel.files import sync_folder, write_whole
from edge_agent.provisioning.keys import BadKey, load_key, new_key_pem

GATEWAY_KEY, GATEWAY_CERTIFICATE = "gateway.key", "gateway.crt"
BOOTSTRAP_KEY, BOOTSTRAP_CERTIFICATE = "bootstrap.key", "bootstrap.crt"
CA, HUB, CLAIM = "ca.crt", "hub.json", "claim.sha256"

LIVE, NEXT, PAST = "identity", "identity.new", "identity.old"


class BadIdentity(AisleError):
    """The files of the identity cannot be used; the text says what to do."""


class Hub(msgspec.Struct, frozen=True, kw_only=True):
    """`hub.json`: where to renew, and as whom."""

    url: Url
    store: str
    gateway: str


@dataclass(frozen=True, slots=True)
class Identity:
    """A whole identity, as read from its folder; the CA signed both certificates."""

    hub: Hub
    key: EllipticCurvePrivateKey
    certificate: x509.Certificate
    bootstrap_key: EllipticCurvePrivateKey
    bootstrap: x509.Certificate
    ca: x509.Certificate

    @property
    def until(self) -> datetime:
        """When the gateway's certificate ends."""
        return self.certificate.not_valid_after_utc


@dataclass(frozen=True, slots=True)
class Folder:
    """Where a gateway keeps who it is.

    Attributes:
        state: the agent's state directory.
    """

    state: Path

    @property
    def live(self) -> Path:
        """The identity in use."""
        return self.state / LIVE

    @property
    def next(self) -> Path:
        """The identity that is being prepared."""
        return self.state / NEXT

    @property
    def unsettled(self) -> bool:
        """Whether a whole new identity waits for its place: `provision` was interrupted."""
        return (self.next / GATEWAY_CERTIFICATE).exists()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time changes the identity: `provision`, or the agent that renews.

        Raises:
            BadIdentity: another one does.
        """
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.state / "identity.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as err:
            text = "another `edge-agent provision` is under way, or a renewal: try again"
            raise BadIdentity(text) from err
        finally:
            os.close(descriptor)

    def settle(self) -> None:
        """Let a whole new identity take its place, also after a crash (under the lock)."""
        if self.unsettled:
            past = self.state / PAST
            if self.live.exists():
                shutil.rmtree(past, ignore_errors=True)
                self.live.rename(past)
            self.next.rename(self.live)
            sync_folder(self.state)
        if self.live.exists():
            shutil.rmtree(self.state / PAST, ignore_errors=True)

    def prepare(self, claim_sha256: str) -> tuple[EllipticCurvePrivateKey, EllipticCurvePrivateKey]:
        """The keys of the next identity, the same at each call until it has taken its place."""
        self.next.mkdir(mode=0o700, exist_ok=True)
        for name in (GATEWAY_KEY, BOOTSTRAP_KEY):
            if not (self.next / name).exists():
                write_whole(self.next / name, new_key_pem())
        write_whole(self.next / CLAIM, claim_sha256.encode())
        sync_folder(self.state)
        return load_key(self.next / GATEWAY_KEY), load_key(self.next / BOOTSTRAP_KEY)

    def forget_next(self) -> None:
        """Throw away the identity that is being prepared (under the lock)."""
        shutil.rmtree(self.next)
        sync_folder(self.state)

    def take(self, hub: Hub, answer: Certificates) -> None:
        """Put the hub's answer beside the keys, and the new identity in its place (locked)."""
        write_whole(self.next / CA, answer.ca.encode())
        write_whole(self.next / BOOTSTRAP_CERTIFICATE, answer.bootstrap.encode())
        write_whole(self.next / HUB, msgspec.json.encode(hub))
        write_whole(self.next / GATEWAY_CERTIFICATE, answer.certificate.encode())
        self.settle()

    def renew(self, certificate: x509.Certificate, pem: str) -> None:
        """Replace the live certificate by a newer one of the same key.

        Raises:
            BadIdentity: the identity was replaced in the meantime, by one with other keys.
        """
        with self.locked():
            if self.read().key.public_key() != certificate.public_key():
                text = "the identity was replaced while its certificate was being renewed"
                raise BadIdentity(text)
            write_whole(self.live / GATEWAY_CERTIFICATE, pem.encode())

    def spent(self, claim_sha256: str) -> bool:
        """Whether the live identity was bought by this claim."""
        try:
            return (self.live / CLAIM).read_bytes() == claim_sha256.encode()
        except FileNotFoundError:
            return False

    def read(self) -> Identity:
        """The live identity.

        Raises:
            BadIdentity: there is none, or its files do not belong together.
        """
        live = self.live
        try:
            identity = Identity(
                hub=msgspec.json.decode((live / HUB).read_bytes(), type=Hub),
                key=load_key(live / GATEWAY_KEY),
                certificate=_certificate(live / GATEWAY_CERTIFICATE),
                bootstrap_key=load_key(live / BOOTSTRAP_KEY),
                bootstrap=_certificate(live / BOOTSTRAP_CERTIFICATE),
                ca=_certificate(live / CA),
            )
            check(identity.certificate, identity.key, identity.ca)
            check(identity.bootstrap, identity.bootstrap_key, identity.ca)
        except FileNotFoundError as err:
            text = f"{err.filename} is not there: `edge-agent provision` with a claim of the hub"
            raise BadIdentity(text) from err
        except (OSError, ValueError, BadKey) as err:
            text = f"{live}: {err}; `edge-agent provision` with a new claim makes it anew"
            raise BadIdentity(text) from err
        return identity


def check(
    certificate: x509.Certificate, key: EllipticCurvePrivateKey, ca: x509.Certificate
) -> None:
    """See that the CA gave `certificate` to the holder of `key`.

    Raises:
        ValueError: it did not.
    """
    if certificate.public_key() != key.public_key():
        msg = "the certificate is of another key"
        raise ValueError(msg)
    try:
        certificate.verify_directly_issued_by(ca)
    except (InvalidSignature, TypeError, UnsupportedAlgorithm) as err:
        msg = "the certificate is not signed by the hub's CA"
        raise ValueError(msg) from err


def _certificate(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())
