"""Private addresses: tried once against each key, in slices, and kept under a hash only."""

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from edge_agent.radio.private_addresses import (
    AT_ONCE,
    REMEMBERED,
    SPARSE,
    WAITING,
    PrivateAddresses,
)


def irk(number: int) -> bytes:
    return sha256(f"irk {number}".encode()).digest()[:16]


def address(number: int, prand: int = 1) -> str:
    """An address that the holder of key `number` makes."""
    head = (0x400000 | prand).to_bytes(3, "big")
    # one bare AES encryption, as the specification's function e calls for
    encrypt = Cipher(algorithms.AES128(irk(number)), modes.ECB()).encryptor().update  # noqa: S305
    return (head + encrypt(bytes(13) + head)[-3:]).hex(":").upper()


def known(addresses: PrivateAddresses, text: str) -> str | None:
    addresses.of(hash(text), text)
    finish(addresses)
    return addresses.of(hash(text), text)


def finish(addresses: PrivateAddresses) -> list[int]:
    slices: list[int] = []
    while addresses.waiting:
        slices.append(addresses.work())
    return slices


def enrolled(*numbers: int) -> PrivateAddresses:
    addresses = PrivateAddresses()
    for number in numbers:
        addresses.enrol(f"irk:{number}", irk(number))
    return addresses


def test_an_address_is_known_after_it_was_tried() -> None:
    addresses = enrolled(1, 2, 3)
    assert addresses.of(5, address(2)) is None
    finish(addresses)
    assert addresses.of(5, address(2)) == "irk:2"


def test_a_phones_next_address_is_known_too() -> None:
    addresses = enrolled(1, 2)
    assert known(addresses, address(1, prand=77)) == "irk:1"
    assert known(addresses, address(1, prand=78)) == "irk:1"


def test_a_strangers_address_is_tried_only_once() -> None:
    addresses = enrolled(1, 2)
    assert known(addresses, address(9)) is None
    assert addresses.waiting == 0
    assert addresses.of(hash(address(9)), address(9)) is None
    assert addresses.waiting == 0


def test_a_key_enrolled_later_is_tried_on_addresses_heard_before_and_the_others_are_not() -> None:
    addresses = enrolled(*range(50))
    assert known(addresses, address(99)) is None
    addresses.enrol("irk:99", irk(99))
    addresses.of(hash(address(99)), address(99))
    assert sum(finish(addresses)) == 1
    assert addresses.of(hash(address(99)), address(99)) == "irk:99"


@pytest.mark.parametrize("text", ["C0:01:02:B2:12:DA", "80:01:02:B2:12:DA", "", "a phone"])
def test_what_no_key_can_have_made_is_never_tried(text: str) -> None:
    addresses = enrolled(1)
    assert addresses.of(1, text) is None
    assert addresses.waiting == 0


def test_a_withdrawn_holder_is_a_stranger_at_once_also_at_addresses_heard_before() -> None:
    addresses = enrolled(1, 2)
    assert known(addresses, address(1)) == "irk:1"
    addresses.withdraw("irk:1")
    assert addresses.of(hash(address(1)), address(1)) is None
    assert known(addresses, address(1)) is None
    assert known(addresses, address(2)) == "irk:2"


def test_keys_that_come_and_go_leave_no_gaps_behind() -> None:
    addresses = enrolled(1)
    for number in range(2, 5 * SPARSE):
        addresses.enrol(f"irk:{number}", irk(number))
        addresses.withdraw(f"irk:{number}")
    addresses.of(7, address(999))
    assert sum(finish(addresses)) <= SPARSE + 3
    assert known(addresses, address(1)) == "irk:1"


def test_no_slice_tries_more_keys_than_its_share() -> None:
    addresses = enrolled(*range(2 * AT_ONCE + 10))
    addresses.of(1, address(99_999))
    assert finish(addresses) == [AT_ONCE, AT_ONCE, 10]


def test_a_crowd_of_new_addresses_waits_up_to_a_bound_and_the_rest_is_counted() -> None:
    addresses = enrolled(1)
    for number in range(WAITING + 5):
        addresses.of(number, address(3, prand=number))
    assert addresses.waiting == WAITING
    assert addresses.refused == 5


def test_a_week_of_strangers_leaves_a_bounded_memory_and_no_address() -> None:
    addresses = enrolled(1)
    for number in range(3 * REMEMBERED):
        addresses.of(number, address(3, prand=number))
        finish(addresses)
    assert len(addresses) <= REMEMBERED
