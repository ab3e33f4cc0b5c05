"""Which hosts a certificate may name."""

import pytest

from cloud_bridge.hub.ca.certificates import Authority, new_authority
from cloud_bridge.hub.ca.names import BadName, check_permitted, host, subtree
from tests.identity.making import NOW, authority, key


@pytest.fixture(scope="module")
def narrow() -> Authority:
    return new_authority(key("ca narrow"), domains=["example.com", "10.0.0.0/24"], now=NOW)


@pytest.mark.parametrize(
    "name", ["example.com", "mqtt.example.com", "10.0.0.5", "127.0.0.1", "::1", "localhost"]
)
def test_a_ca_vouches_for_what_lies_in_its_domains(narrow: Authority, name: str) -> None:
    check_permitted(narrow.certificate, [name])


@pytest.mark.parametrize("name", ["notexample.com", "example.com.evil", "10.0.1.5", "::2", "com"])
def test_and_for_nothing_else(narrow: Authority, name: str) -> None:
    with pytest.raises(BadName, match=r"only for example\.com, 10\.0\.0\.0/24"):
        check_permitted(narrow.certificate, ["mqtt.example.com", name])


def test_a_ca_without_domains_vouches_for_any_host() -> None:
    check_permitted(authority().certificate, ["anywhere.test", "192.0.2.1"])


@pytest.mark.parametrize("name", ["", "two words", "한국.example", "10.0.0.5/8", "a..b", "Example"])
def test_what_is_no_host_is_refused_in_words(name: str) -> None:
    for make in (host, subtree):
        with pytest.raises(BadName, match="no DNS name"):
            make(name)
