"""What the CA signs, and what it does not."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP384R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from cloud_bridge.hub.ca.certificates import (
    RENEWAL_ONLY,
    Kind,
    bootstrap_of,
    common_name,
    issue,
    new_authority,
    pem_of,
    requested_key,
    revocations,
)
from cloud_bridge.hub.errors import Refused
from edge_agent.provisioning.keys import request_for
from tests.identity.making import NOW, authority, key


def leaf(kind: Kind, now: datetime = NOW) -> x509.Certificate:
    return issue(authority(), kind, key().public_key(), common_name="gw-7", now=now)


def test_a_ca_signs_leaves_only_for_ten_years() -> None:
    certificate = authority().certificate
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert (constraints.value.ca, constraints.value.path_length) == (True, 0)
    assert certificate.not_valid_after_utc.year - NOW.year == 10


def test_a_ca_of_domains_vouches_for_them_and_for_loopback_only() -> None:
    made = new_authority(key(), domains=["example.com", "10.0.0.0/24"], now=NOW)
    constraints = made.certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    permitted = [str(each.value) for each in constraints.value.permitted_subtrees or ()]
    loopback = ["localhost", "127.0.0.1/32", "::1/128"]
    assert permitted == ["example.com", "10.0.0.0/24", *loopback]


@pytest.mark.parametrize(
    ("kind", "purpose", "days"),
    [
        (Kind.GATEWAY, ExtendedKeyUsageOID.CLIENT_AUTH, 90),
        (Kind.BOOTSTRAP, RENEWAL_ONLY, 3653),
        (Kind.SERVER, ExtendedKeyUsageOID.SERVER_AUTH, 825),
        (Kind.HUB, ExtendedKeyUsageOID.CLIENT_AUTH, 825),
    ],
)
def test_each_certificate_has_one_purpose_and_its_time(
    kind: Kind, purpose: x509.ObjectIdentifier, days: int
) -> None:
    certificate = leaf(kind)
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert list(usage.value) == [purpose]
    assert certificate.not_valid_after_utc == NOW + timedelta(days=days)
    assert common_name(certificate) == "gw-7"
    certificate.verify_directly_issued_by(authority().certificate)


def test_nothing_outlasts_the_ca() -> None:
    late = authority().certificate.not_valid_after_utc - timedelta(days=3)
    assert (
        leaf(Kind.GATEWAY, late).not_valid_after_utc == authority().certificate.not_valid_after_utc
    )


def test_a_request_counts_for_its_key_alone() -> None:
    other = "somebody-else"
    assert requested_key(request_for(key(), other)) == key().public_key()


def tampered() -> str:
    lines = request_for(key(), "gw-7").splitlines()
    lines[3] = lines[3][:-4] + ("AAAA" if lines[3][-4:] != "AAAA" else "BBBB")
    return "\n".join(lines)


def of_curve(private: EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> str:
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    hashed = SHA256() if isinstance(private, EllipticCurvePrivateKey) else None
    return builder.sign(private, hashed).public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize(
    "csr",
    [
        "",
        "no request",
        pytest.param(tampered(), id="tampered"),
        pytest.param(of_curve(generate_private_key(SECP384R1())), id="P-384"),
        pytest.param(of_curve(ed25519.Ed25519PrivateKey.generate()), id="Ed25519"),
    ],
)
def test_a_request_that_proves_no_p256_key_is_refused(csr: str) -> None:
    with pytest.raises(Refused) as caught:
        requested_key(csr)
    assert (caught.value.code, caught.value.status) == ("bad_csr", 422)


def test_only_a_bootstrap_certificate_of_this_ca_in_its_time_renews() -> None:
    good = leaf(Kind.BOOTSTRAP)
    assert bootstrap_of(authority(), pem_of(good), NOW) == good
    foreign = issue(
        authority("theirs"), Kind.BOOTSTRAP, key().public_key(), common_name="gw-7", now=NOW
    )
    cases = [
        (pem_of(leaf(Kind.GATEWAY)), NOW),
        (pem_of(foreign), NOW),
        (pem_of(good), NOW + timedelta(days=3653)),
        (pem_of(good), datetime(1970, 1, 1, tzinfo=UTC)),
        ("-----BEGIN CERTIFICATE-----", NOW),
    ]
    for pem, now in cases:
        with pytest.raises(Refused) as caught:
            bootstrap_of(authority(), pem, now)
        assert caught.value.code == "bad_bootstrap"


def test_a_list_of_the_revoked_names_each_serial_and_counts_until_the_ca_ends() -> None:
    pem = revocations(authority(), [(4711, NOW), (4712, NOW)], NOW)
    crl = x509.load_pem_x509_crl(pem.encode())
    assert sorted(each.serial_number for each in crl) == [4711, 4712]
    assert crl.next_update_utc == authority().certificate.not_valid_after_utc
    assert crl.is_signature_valid(key("ca ours").public_key())
