"""A claim is one line that carries all a gateway needs, and says nothing by accident."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_bridge.wire.identity import BadClaim, Claim, read_claim

TOKEN = "spent-once"  # noqa: S105 - it opens nothing


def claim(url: str = "https://hub.example:8443") -> Claim:
    return Claim(url=url, pin="ab" * 32, store="store-1", gateway="gw-7", token=TOKEN)


CLAIM = claim()


def test_a_claim_is_read_back_as_it_was_made() -> None:
    assert read_claim(CLAIM.text()) == CLAIM


def test_line_breaks_of_a_mail_do_not_damage_a_claim() -> None:
    text = CLAIM.text()
    assert read_claim(f"  {text[:40]}\r\n{text[40:90]}\n {text[90:]}\n") == CLAIM


def test_no_claim_shows_its_token_when_it_is_printed() -> None:
    assert TOKEN not in repr(CLAIM)
    assert TOKEN not in f"{CLAIM}"


@pytest.mark.parametrize("length", [0, 5, 14, 20, 100, -1])
def test_a_claim_that_is_not_whole_is_refused_without_repeating_it(length: int) -> None:
    text = CLAIM.text()[:length]
    with pytest.raises(BadClaim) as caught:
        read_claim(text)
    assert caught.value.__cause__ is None
    assert text[15:] not in str(caught.value) or length < 20


@settings(max_examples=40)
@given(st.text())
def test_no_text_does_more_than_be_refused(text: str) -> None:
    for each in (text, "aisle-claim:1:" + text):
        with pytest.raises(BadClaim):
            read_claim(each)


@pytest.mark.parametrize("url", ["ftp://x", "https://", "https://me@hub", "https://h/?a=1", "hub"])
def test_an_address_that_is_none_makes_no_claim(url: str) -> None:
    with pytest.raises(BadClaim):
        read_claim(claim(url).text())
