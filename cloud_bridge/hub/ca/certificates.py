"""What the CA signs, as values: pure but for the random serial numbers that X.509 asks for.

Profiles follow RFC 5280; everything has a P-256 key (ECDSA with SHA-256, in TLS 1.3 everywhere).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cloud_bridge.hub.ca.names import host, subtree
from cloud_bridge.hub.errors import Refused

CA_LASTS: Final = timedelta(days=3653)
"""Ten years: longer than a gateway stays in a store."""

GATEWAY_LASTS: Final = timedelta(days=90)
"""The contract's; renewed at two thirds, so that a hub may be away for a month."""

SERVER_LASTS: Final = timedelta(days=825)
"""The longest that Apple's clients accept from a CA of one's own (support.apple.com/103769)."""

BACKDATED: Final = timedelta(hours=1)
"""A gateway whose clock is up to an hour slow can use its certificate at once."""

RENEWAL_ONLY: Final = x509.ObjectIdentifier("2.25.91122481610122696943698293854218194877")
"""Key purpose of a bootstrap certificate, under a UUID (ITU-T X.667). It lacks the purpose of TLS
clients, so that every TLS server refuses it in the handshake."""

HUB: Final = "hub"
"""Common name of the hub's own client certificate; no gateway and no store may have it."""

LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
"""In each server's certificate: the hub's own commands and a broker beside it use them."""

_NO_USE: Final = dict.fromkeys(
    (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ),
    False,
)


class Kind(Enum):
    """What a leaf certificate is for: its key purpose, and how long it lasts at the most."""

    GATEWAY = (ExtendedKeyUsageOID.CLIENT_AUTH, GATEWAY_LASTS)
    BOOTSTRAP = (RENEWAL_ONLY, CA_LASTS)
    SERVER = (ExtendedKeyUsageOID.SERVER_AUTH, SERVER_LASTS)
    HUB = (ExtendedKeyUsageOID.CLIENT_AUTH, SERVER_LASTS)

    @property
    def purpose(self) -> x509.ObjectIdentifier:
        """The one extended key usage."""
        return self.value[0]

    @property
    def lasts(self) -> timedelta:
        """From its issue; never beyond the CA's own end."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA with its key, which signs.

    Attributes:
        pin: SHA-256 of the certificate (DER), hex.
    """

    certificate: x509.Certificate
    key: EllipticCurvePrivateKey

    @property
    def pin(self) -> str:
        """What a claim tells the gateway to trust."""
        return self.certificate.fingerprint(SHA256()).hex()

    @property
    def pem(self) -> str:
        """The certificate, for everybody."""
        return pem_of(self.certificate)


def new_authority(
    key: EllipticCurvePrivateKey, *, domains: Sequence[str], now: datetime
) -> Authority:
    """A CA that signs itself, for leaves only, and for hosts of `domains` only where there are any.

    `domains` are DNS names, which stand for what lies below them too, addresses and networks.

    Raises:
        BadName: one of them is none of these.
    """
    public = key.public_key()
    mark = public_hash(public)[:8]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Aisle CA {mark}")])
    builder = (
        _builder(name, name, public, now, now + CA_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(**_NO_USE | {"key_cert_sign": True, "crl_sign": True}), critical=True
        )
    )
    if domains:
        permitted = [subtree(each) for each in (*domains, *LOOPBACK)]
        constraints = x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None)
        builder = builder.add_extension(constraints, critical=True)
    return Authority(builder.sign(key, SHA256()), key)


def issue(
    authority: Authority,
    kind: Kind,
    public: EllipticCurvePublicKey,
    *,
    common_name: str,
    now: datetime,
    hosts: Iterable[str] = (),
) -> x509.Certificate:
    """A leaf for `public`; whatever else its request asked for does not count.

    Raises:
        BadName: one of `hosts` is none.
    """
    end = min(now + kind.lasts, authority.certificate.not_valid_after_utc)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    ours = authority.key.public_key()
    builder = (
        _builder(name, authority.certificate.subject, public, now, end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**_NO_USE | {"digital_signature": True}), critical=True)
        .add_extension(x509.ExtendedKeyUsage([kind.purpose]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ours), critical=False)
    )
    names = [host(each) for each in hosts]
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(authority.key, SHA256())


def revocations(
    authority: Authority, revoked: Iterable[tuple[int, datetime]], now: datetime
) -> str:
    """The list (CRL, PEM) of the `revoked` serial numbers and when each was revoked.

    It counts until the CA's own end: a broker that checks an outdated list refuses every store,
    and whoever could hold back a newer list holds the broker's disk already.
    """
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now - BACKDATED)
        .next_update(authority.certificate.not_valid_after_utc)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()),
            critical=False,
        )
    )
    for serial, at in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
        builder = builder.add_revoked_certificate(entry)
    crl = builder.sign(authority.key, SHA256())
    return crl.public_bytes(Encoding.PEM).decode()


def requested_key(csr: str) -> EllipticCurvePublicKey:
    """The key that a request (PKCS #10, PEM) is about, once it has proved to hold its other half.

    Raises:
        Refused: ``bad_csr``.
    """
    code = "bad_csr"
    try:
        request = x509.load_pem_x509_csr(csr.encode())
        public, signed = request.public_key(), request.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm) as err:
        raise Refused(code, "the certificate request cannot be read", status=422) from err
    if not isinstance(public, EllipticCurvePublicKey) or not isinstance(public.curve, SECP256R1):
        raise Refused(code, "the certificate request has no P-256 key", status=422)
    if not signed:
        raise Refused(code, "the certificate request is not signed by its own key", status=422)
    return public


def bootstrap_of(authority: Authority, pem: str, now: datetime) -> x509.Certificate:
    """A certificate that may renew, signed by this CA and valid at `now`.

    Raises:
        Refused: ``bad_bootstrap``.
    """
    code = "bad_bootstrap"
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        certificate.verify_directly_issued_by(authority.certificate)
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound) as err:
        raise Refused(code, "no certificate of this hub's CA", status=403) from err
    if RENEWAL_ONLY not in usage:
        raise Refused(code, "this certificate is not the one that renews", status=403)
    if not certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc:
        raise Refused(code, "the certificate that renews has expired; claim anew", status=403)
    return certificate


def common_name(certificate: x509.Certificate) -> str:
    """The one common name of a certificate that `issue` made."""
    [attribute] = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(attribute.value)


def pem_of(certificate: x509.Certificate) -> str:
    """As files and answers carry it."""
    return certificate.public_bytes(Encoding.PEM).decode()


def public_hash(public: EllipticCurvePublicKey) -> str:
    """SHA-256 of a public key (SubjectPublicKeyInfo), hex."""
    digest = Hash(SHA256())
    digest.update(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return digest.finalize().hex()


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: EllipticCurvePublicKey,
    now: datetime,
    end: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
