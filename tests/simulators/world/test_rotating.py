"""Identifiers that change by the clock, held to others' values and to the product's wire only."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from simulators.world.chance import seeded
from simulators.world.payloads import find_hub_tag, phone
from simulators.world.rotating import (
    PRIVATE_ADDRESS_S,
    EphemeralId,
    private_address,
    resolvable_address,
)

VECTORS = Path(__file__).parents[4] / "shared" / "data" / "ble_vectors" / "adverts.jsonl"


def test_a_resolvable_address_is_the_specifications_sample() -> None:
    """Core 5.4, vol 3 part H, appendix D.7: IRK, prand 708194, hash 0dfbaa."""
    key = bytes.fromhex("ec0234a357c8ad05341010a60a397d9b")
    assert resolvable_address(key, bytes.fromhex("708194")) == "70:81:94:0D:FB:AA"


def test_an_ephemeral_identifier_is_what_others_reckoned() -> None:
    if not VECTORS.exists():
        pytest.skip("../shared/data/ble_vectors is not here")
    lines = [json.loads(line) for line in VECTORS.read_text().splitlines()]
    cases = [line for line in lines if line["format"] == "eddystone_eid_resolve"]
    assert cases
    for case in cases:
        clock = case["beacon_time_s"]
        beacon = EphemeralId(
            bytes.fromhex(case["identity_key"]), case["rotation_exponent"], clock_s=clock
        )
        sent = case["service_data"]["0000feaa-0000-1000-8000-00805f9b34fb"]
        assert beacon.identifier(clock).hex() == sent[4:]
        assert beacon.compose(0.0)[-8:].hex() == sent[4:]


def test_an_identifier_stays_for_its_window_and_then_never_returns() -> None:
    beacon = EphemeralId(bytes(range(16)), exponent=4, clock_s=1_600.0)
    seen = [beacon.compose(float(at)) for at in range(64)]
    assert len(set(seen)) == 4
    assert seen[0] == seen[15] != seen[16]


def test_a_phone_takes_another_address_every_quarter_of_an_hour() -> None:
    addresses = private_address(seeded(1))
    day = {addresses(float(at)) for at in range(0, 86_400, 60)}
    assert len(day) == pytest.approx(86_400 / PRIVATE_ADDRESS_S, abs=1)
    assert all(0x40 <= int(address[:2], 16) <= 0x7F for address in day)


def test_a_phone_says_something_new_as_often_as_it_is_told_to() -> None:
    compose = phone(seeded(2), changing=0.27)
    said = [compose(0.0) for _ in range(2_000)]
    news = sum(one != other for one, other in pairwise(said))
    assert news / len(said) == pytest.approx(0.27, abs=0.03)


def test_a_find_hub_tag_shares_eddystones_uuid_and_is_none() -> None:
    advert = find_hub_tag(seeded(3))(0.0)
    assert advert.startswith(bytes.fromhex("020106 19 16 aafe 40"))
    assert len(advert) <= 31
