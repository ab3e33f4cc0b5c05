"""`cloud-hub ca`: makes a CA once, whole, and its key stays with its owner."""

import ssl
from pathlib import Path

import pytest
from cryptography import x509

from cloud_bridge.hub.ca import files
from cloud_bridge.hub.errors import HubError
from tests.identity.making import NOW


def test_a_ca_is_made_whole_with_a_key_for_its_owner_alone(tmp_path: Path) -> None:
    made = files.found(tmp_path / "ca", domains=(), now=NOW)
    names = {each.name: each.stat().st_mode & 0o777 for each in (tmp_path / "ca").iterdir()}
    assert names == {"ca.key": 0o600, "ca.crt": 0o644, "crl.pem": 0o644}
    assert files.load(tmp_path / "ca").pin == made.pin
    assert list(tmp_path.iterdir()) == [tmp_path / "ca"]


def test_a_ca_is_never_overwritten(tmp_path: Path) -> None:
    made = files.found(tmp_path, domains=(), now=NOW)
    with pytest.raises(HubError, match="never replaced"):
        files.found(tmp_path, domains=(), now=NOW)
    assert files.load(tmp_path).pin == made.pin


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    files.found(tmp_path, domains=(), now=NOW)
    (tmp_path / "ca.key").chmod(0o640)
    with pytest.raises(HubError, match="chmod 600"):
        files.load(tmp_path)


@pytest.mark.parametrize("name", ["ca.key", "ca.crt"])
def test_what_is_missing_or_damaged_is_named(tmp_path: Path, name: str) -> None:
    files.found(tmp_path, domains=(), now=NOW)
    (tmp_path / name).write_text("nothing")
    with pytest.raises(HubError, match="cloud-hub ca init"):
        files.load(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(HubError, match=name):
        files.load(tmp_path)


def test_a_key_of_another_ca_is_noticed(tmp_path: Path) -> None:
    files.found(tmp_path / "a", domains=(), now=NOW)
    files.found(tmp_path / "b", domains=(), now=NOW)
    (tmp_path / "a" / "ca.key").replace(tmp_path / "b" / "ca.key")
    with pytest.raises(HubError, match="not the key"):
        files.load(tmp_path / "b")


def test_a_server_answers_to_its_names_and_to_loopback(tmp_path: Path) -> None:
    authority = files.found(tmp_path, domains=["example", "10.0.0.5"], now=NOW)
    made = files.issue_server(authority, tmp_path, names=["mqtt.example", "10.0.0.5"], now=NOW)
    leaf, ca = x509.load_pem_x509_certificates(made["certificate"].read_bytes())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["mqtt.example", "localhost"]
    addresses = [str(each) for each in names.get_values_for_type(x509.IPAddress)]
    assert addresses == ["10.0.0.5", "127.0.0.1", "::1"]
    assert ca == authority.certificate
    assert made["key"].stat().st_mode & 0o777 == 0o600
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made["certificate"], made["key"])
    with pytest.raises(HubError, match="exists already"):
        files.issue_server(authority, tmp_path, names=["other.example"], now=NOW)
