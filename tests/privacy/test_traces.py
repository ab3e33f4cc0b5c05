"""The search itself: what it must find, and what it must not."""

import base64
import json
import zlib

import pytest

from tests.privacy.traces import find, find_addresses, forms_of_bytes, forms_of_text, messages

KEY = bytes(range(16, 32))
NAME = "김민지"
ADDRESS = bytes.fromhex("c0ffee123456")


@pytest.mark.parametrize(
    "hidden",
    [
        KEY,
        KEY[::-1],
        KEY.hex().encode(),
        KEY.hex().upper().encode(),
        KEY.hex("-").encode(),
        b"10111213-1415-1617-1819-1a1b1c1d1e1f",
        base64.b64encode(KEY),
        base64.b64encode(b"key=" + KEY + b"!"),
        base64.urlsafe_b64encode(b"a" + KEY),
    ],
)
def test_a_key_is_found_in_whatever_form_it_hides(hidden: bytes) -> None:
    assert find({"key": forms_of_bytes(KEY)}, [("file", b"before" + hidden + b"after")])


@pytest.mark.parametrize(
    "hidden",
    [
        NAME.encode(),
        json.dumps({"collector": NAME}).encode(),
        base64.b64encode(f"x{NAME}".encode()),
        NAME.encode().hex().encode(),
    ],
)
def test_a_name_is_found_in_whatever_form_it_hides(hidden: bytes) -> None:
    assert find({"name": forms_of_text(NAME)}, [("file", hidden)])


def test_what_is_not_there_is_not_found() -> None:
    noise = base64.b64encode(bytes(range(256)) * 40) + b"person key name"
    assert not find({"name": forms_of_text(NAME)}, [("file", noise)])


def test_a_packed_batch_is_opened() -> None:
    packed = zlib.compress(f'[{{"shopper":"{NAME}"}}]'.encode())
    assert find({"name": forms_of_text(NAME)}, messages([("up/record", packed)]))


@pytest.mark.parametrize(
    "written",
    [b"C0:FF:EE:12:34:56", b"dev_C0_FF_EE_12_34_56", b"c0ffee123456", ADDRESS, ADDRESS[::-1]],
)
def test_an_address_is_found_among_many(written: bytes) -> None:
    many = {ADDRESS, *(bytes([1, 2, 3, 4, 5, each]) for each in range(100))}
    assert find_addresses(many, [("file", b"-- " + written + b" --")])
    assert not find_addresses(many, [("file", b"-- C0:FF:EE:12:34:57 --")])
