"""When a certificate is renewed, and which answer is taken for the next one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from cloud_bridge.hub.ca.certificates import Authority, Kind, issue, pem_of
from edge_agent.kernel.files import write_whole
from edge_agent.provisioning.files import Folder, Hub, Identity
from edge_agent.provisioning.renewal import accept, due_at, is_due
from tests.identity.making import NOW, answer, authority, key, key_pem

DAY = timedelta(days=1)


def certificate(
    *, of: str = "gateway", name: str = "gw-7", by: Authority | None = None, now: datetime = NOW
) -> x509.Certificate:
    return issue(by or authority(), Kind.GATEWAY, key(of).public_key(), common_name=name, now=now)


@pytest.fixture
def identity(tmp_path: Path) -> Identity:
    folder = Folder(tmp_path)
    folder.next.mkdir()
    write_whole(folder.next / "gateway.key", key_pem("gateway"))
    write_whole(folder.next / "bootstrap.key", key_pem("bootstrap"))
    folder.take(
        Hub(url="https://hub.example", store="store-1", gateway="gw-7"),
        answer(gateway=key("gateway"), bootstrap=key("bootstrap")),
    )
    return folder.read()


def test_a_certificate_is_renewed_within_three_days_after_two_thirds_of_its_life() -> None:
    made = [certificate() for _ in range(30)]
    days = {(due_at(each) - NOW) / DAY for each in made}
    assert all(59.9 <= each <= 63.1 for each in days)
    assert len(days) > 15, "they would all come at once"


def test_the_moment_of_renewal_is_the_same_after_each_restart() -> None:
    made = certificate()
    again = x509.load_pem_x509_certificate(pem_of(made).encode())
    assert due_at(made) == due_at(again)


def test_it_is_due_after_a_month_offline_and_not_by_a_clock_that_is_not_set() -> None:
    made = certificate()
    assert not is_due(made, NOW)
    assert not is_due(made, datetime(1970, 1, 1, tzinfo=UTC))
    assert is_due(made, NOW + 64 * DAY)
    assert is_due(made, NOW + 120 * DAY)


def test_the_next_certificate_of_the_same_key_is_taken(identity: Identity) -> None:
    later = certificate(now=NOW + 60 * DAY)
    assert accept(identity, pem_of(later)) == later


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda: pem_of(certificate(of="thief", now=NOW + DAY)), id="another key"),
        pytest.param(lambda: pem_of(certificate(name="gw-8", now=NOW + DAY)), id="another name"),
        pytest.param(
            lambda: pem_of(certificate(by=authority("theirs"), now=NOW + DAY)), id="another CA"
        ),
        pytest.param(lambda: pem_of(certificate(now=NOW - DAY)), id="an older one"),
        pytest.param(lambda: "nothing", id="no certificate"),
    ],
)
def test_any_other_answer_leaves_the_present_one(identity: Identity, wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(ValueError, match=r"certificate|PEM"):
        accept(identity, wrong())
