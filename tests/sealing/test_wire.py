"""The form in which personal fields travel."""

import importlib
import json
import pkgutil
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from cloud_bridge.wire import facts
from cloud_bridge.wire.facts import Payload
from cloud_bridge.wire.messages import Ask, PersonKey
from cloud_bridge.wire.sealing import (
    KEY_BYTES,
    NONCE_BYTES,
    BrokenSeal,
    is_sealed,
    key_of,
    opened,
    person_of,
    seal,
)
from cloud_bridge.wire.streams.shoppers import Beacon

KEY = bytes(range(KEY_BYTES))
NONCE = bytes(range(100, 100 + NONCE_BYTES))
FACT = "01939f5e-7c00-7000-8000-000000000001"


class Seen(Payload, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "test.seen.v1"
    LANE: ClassVar[str] = "presence"
    PERSON: ClassVar[str] = "who"
    PERSONAL: ClassVar[tuple[str, ...]] = ("note",)
    who: str | None
    till: int
    note: str = ""


VECTOR = (
    b'{"sealed":{"key":"k1","nonce":"ZGVmZ2hpamtsbW5v",'
    b'"text":"MzmpDhbLbLxfDDGJ+ElIky22YyixTocXxvPRYNoV4fkXZxnfsn15FtwEiQ=="},"till":3}'
)
"""`Seen(who="anna", till=3, note="tea")` under KEY, NONCE and FACT, by PyCryptodome's AES-GCM."""


def sealed(who: str = "anna", note: str = "tea", *, key: bytes = KEY, fact_id: str = FACT) -> bytes:
    data = Seen(who=who, till=3, note=note)
    return seal(data, "k1", AESGCM(key), fact_id=fact_id, nonce=NONCE)


def fields(data: bytes) -> dict[str, object]:
    return dict(json.loads(data))


def test_the_form_is_the_one_that_the_contract_shows() -> None:
    assert sealed() == VECTOR
    contract = Path(__file__).parents[2] / "docs" / "reference" / "contract.md"
    assert VECTOR.decode() in contract.read_text("utf-8").splitlines()


@given(st.text(), st.text(), st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES), st.uuids())
def test_what_is_sealed_opens_to_what_it_was(who: str, note: str, key: bytes, fact: object) -> None:
    data = sealed(who, note, key=key, fact_id=str(fact))
    assert (is_sealed(data), key_of(data)) == (True, "k1")
    assert fields(opened(data, AESGCM(key), fact_id=str(fact))) == {
        "who": who,
        "till": 3,
        "note": note,
    }


def test_fields_that_say_nothing_of_a_person_stay_open() -> None:
    data = sealed()
    assert b"anna" not in data
    assert fields(data)["till"] == 3


def test_open_fields_of_a_newer_version_survive_the_opening() -> None:
    newer = msgspec.json.encode(fields(sealed()) | {"colour": [1, None]})
    assert fields(opened(newer, AESGCM(KEY), fact_id=FACT))["colour"] == [1, None]


def test_an_open_field_cannot_stand_in_for_a_sealed_one() -> None:
    forged = msgspec.json.encode(fields(sealed()) | {"who": "ben"})
    assert fields(opened(forged, AESGCM(KEY), fact_id=FACT))["who"] == "anna"


def test_a_text_cannot_be_moved_to_another_fact_nor_opened_by_another_key() -> None:
    for cipher, fact_id in ((AESGCM(KEY), FACT[:-1] + "2"), (AESGCM(bytes(KEY_BYTES)), FACT)):
        with pytest.raises(BrokenSeal):
            opened(sealed(), cipher, fact_id=fact_id)


@pytest.mark.parametrize("field", ["nonce", "text"])
def test_a_single_altered_bit_breaks_the_seal(field: str) -> None:
    whole = json.loads(sealed())
    plain = b64decode(whole["sealed"][field])
    for place in range(len(plain)):
        altered = plain[:place] + bytes([plain[place] ^ 1]) + plain[place + 1 :]
        whole["sealed"][field] = b64encode(altered).decode()
        with pytest.raises(BrokenSeal):
            opened(json.dumps(whole).encode(), AESGCM(KEY), fact_id=FACT)


def test_a_text_that_is_cut_short_breaks_the_seal() -> None:
    data = sealed()
    for end in range(len(data)):
        with pytest.raises(BrokenSeal):
            opened(data[:end], AESGCM(KEY), fact_id=FACT)


@given(st.binary() | st.binary().map(lambda tail: b'{"sealed":{' + tail))
def test_strange_bytes_are_no_sealed_payload_and_raise_nothing_else(strange: bytes) -> None:
    assert key_of(strange) is None
    with pytest.raises(BrokenSeal):
        opened(strange, AESGCM(KEY), fact_id=FACT)


def test_without_a_pseudonym_there_is_nobody_to_seal_for() -> None:
    assert person_of(Seen(who=None, till=1)) is None
    assert not is_sealed(msgspec.json.encode(Seen(who=None, till=1)))


def _payloads() -> Iterator[type[Payload]]:
    for module in pkgutil.iter_modules(facts.__path__, f"{facts.__name__}."):
        for kind in vars(importlib.import_module(module.name)).values():
            if isinstance(kind, type) and issubclass(kind, Payload):
                yield kind


@pytest.mark.parametrize("kind", sorted(set(_payloads()), key=str), ids=lambda kind: kind.__name__)
def test_a_payload_says_which_of_its_fields_are_a_persons(kind: type[Payload]) -> None:
    names = set(kind.__struct_fields__)
    assert "sealed" not in names
    assert {*kind.PERSONAL, *([kind.PERSON] if kind.PERSON else [])} <= names
    assert not names & {"shopper", "collector", "phone", "phone_last4"} - {
        kind.PERSON,
        *kind.PERSONAL,
    }
    assert not kind.PERSON or not names & {"zone", "language"} - {*kind.PERSONAL}


def test_what_holds_a_key_does_not_say_it() -> None:
    told = Ask(id="a", stream="people", above=0, keys=[PersonKey(id="k1", key=KEY)])
    beacon = Beacon(eid_key=KEY[:16].hex(), irk=KEY[:16].hex())
    assert KEY[:4].hex() not in f"{told!r}{beacon!r}"
    assert repr(KEY[:16])[2:20] not in repr(told)
