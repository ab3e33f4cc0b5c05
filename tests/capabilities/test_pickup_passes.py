import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.capabilities.pickup.decide.passes import Claims, read, write
from edge_agent.kernel.errors import Refused
from edge_agent.signing_key import BadSigningKey, signing_key
from tests.capabilities.pickup_world import KEY
from tests.capabilities.world import MORNING

CLAIMS = Claims("W-1042", "seongsu-1", MORNING.plus(3600).wall, "p1")
TEXT = write(CLAIMS, KEY)


def refused(text: str, *, store: str = "seongsu-1", seconds: float = 0) -> str:
    with pytest.raises(Refused) as refusal:
        read(text, key=KEY.public_key(), store=store, now=MORNING.plus(seconds))
    return refusal.value.code


def test_a_pass_says_what_was_signed_and_fits_a_phone() -> None:
    assert read(f" {TEXT}\n", key=KEY.public_key(), store="seongsu-1", now=MORNING) == CLAIMS
    assert len(TEXT) < 230


def test_a_pass_is_good_in_its_store_and_in_its_time() -> None:
    assert refused(TEXT, store="busan-2") == "wrong_store"
    assert refused(TEXT, seconds=3600) == "pass_expired"


def test_a_pass_that_another_key_signed_is_worth_nothing() -> None:
    assert refused(write(CLAIMS, Ed25519PrivateKey.generate())) == "pass_invalid"


@given(st.integers(0, len(TEXT) - 1), st.characters(min_codepoint=33, max_codepoint=0x2FF))
def test_no_character_of_a_pass_can_be_changed(place: int, character: str) -> None:
    forged = TEXT[:place] + character + TEXT[place + 1 :]
    if forged != TEXT:
        assert refused(forged) == "pass_invalid"


@given(st.text(max_size=700))
def test_whatever_a_scanner_reads_is_refused_and_never_breaks(text: str) -> None:
    assert refused(text) == "pass_invalid"


def test_the_key_is_made_once_and_is_nobody_elses_to_read(tmp_path: Path) -> None:
    file = tmp_path / "pickup-pass.key"
    first = signing_key(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert signing_key(file).private_bytes_raw() == first.private_bytes_raw()
    file.chmod(0o644)
    with pytest.raises(BadSigningKey, match="chmod 600"):
        signing_key(file)
    file.write_bytes(b"short")
    with pytest.raises(BadSigningKey, match="no key"):
        signing_key(file)
