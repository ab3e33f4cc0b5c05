"""Every public vector of our formats, through the function behind `edge-agent decode`."""

import json
from typing import Any

import msgspec
import pytest

from edge_agent.decode import decode_line
from tests.decode.vectors import DECODED, FULL, UNREAD, Vector, of, vectors

FULL_COUNT = 288


def decoded(vector: Vector) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(
        msgspec.json.encode(decode_line(json.dumps(vector).encode()))
    )
    return answer


@pytest.mark.parametrize("vector", of(*DECODED))
def test_a_vector_decodes_to_the_fields_it_states(vector: Vector) -> None:
    answer = decoded(vector)
    assert answer["error"] is None
    (frame,) = answer["frames"]
    assert frame["format"] == vector["format"]
    stated = {name: frame.get(name) for name in vector["expected"]}
    assert json.dumps(stated, sort_keys=True) == json.dumps(vector["expected"], sort_keys=True)


@pytest.mark.parametrize("vector", of("ibeacon+eddystone_tlm"))
def test_one_advertisement_may_carry_two_frames(vector: Vector) -> None:
    frames = {frame.pop("format"): frame for frame in decoded(vector)["frames"]}
    assert frames == vector["expected"]


@pytest.mark.parametrize("vector", of(*UNREAD))
def test_what_is_no_frame_gives_none(vector: Vector) -> None:
    assert decoded(vector)["frames"] == []


@pytest.mark.parametrize("vector", of("eddystone_url_negative"))
def test_a_refused_url_says_which_rule_it_breaks(vector: Vector) -> None:
    assert vector["expected"]["reason"] in decoded(vector)["error"]


@pytest.mark.parametrize("vector", of("bthome_v2_negative"))
def test_a_broken_sensor_payload_has_no_readings(vector: Vector) -> None:
    for frame in decoded(vector)["frames"]:
        assert frame["measurements"] == vector["expected"]["measurements"]


@pytest.mark.parametrize("vector", of("ad_parse"))
def test_raw_advertising_data_is_taken_apart_however_dirty(vector: Vector) -> None:
    assert decoded(vector)["ad"] == vector["expected"]


@pytest.mark.parametrize("vector", of("eddystone_eid_resolve", "eddystone_etlm_decrypt"))
def test_an_identity_key_opens_what_its_beacon_sent(vector: Vector) -> None:
    answer = decoded(vector)
    assert answer["resolves"] is True
    (frame,) = answer["frames"]
    assert {name: frame[name] for name in vector["expected"]} == vector["expected"]


@pytest.mark.parametrize("vector", of("eddystone_eid_resolve", "eddystone_etlm_decrypt"))
def test_another_identity_key_opens_nothing(vector: Vector) -> None:
    answer = decoded(vector | {"identity_key": "00112233445566778899aabbccddeeff"})
    assert answer["resolves"] is False
    assert not {"temporary_key", "tlm_plaintext"} & answer["frames"][0].keys()


@pytest.mark.parametrize("vector", of("eddystone_eid_resolve"))
@pytest.mark.parametrize("off", [-1, 1])
def test_a_beacon_whose_clock_is_a_window_off_is_still_resolved(vector: Vector, off: int) -> None:
    told_s = vector["beacon_time_s"] - off * 2 ** vector["rotation_exponent"]
    if told_s < 0:
        told_s, off = vector["beacon_time_s"], 0
    answer = decoded(vector | {"beacon_time_s": told_s})
    assert answer["resolves"] is True
    assert answer["frames"][0]["windows_off"] == off


@pytest.mark.parametrize("vector", of("eddystone_eid_from_temporary_key"))
def test_a_temporary_key_tells_what_is_sent_in_its_time(vector: Vector) -> None:
    assert decoded(vector)["eid"] == vector["expected"]["eid"]


@pytest.mark.parametrize("vector", of("rpa"))
def test_a_resolving_key_tells_its_own_addresses(vector: Vector) -> None:
    assert decoded(vector)["resolves"] is vector["expected"]["resolves"]


@pytest.mark.parametrize("vector", of("bthome_v2_sequence"))
def test_a_sensors_messages_are_judged_in_their_order(vector: Vector) -> None:
    steps = decoded(vector)["steps"]
    for step, expected in zip(steps, vector["expected"]["steps"], strict=True):
        assert {name: step[name] for name in expected} == expected


CHECKED = frozenset(
    {
        *DECODED,
        *UNREAD,
        "ibeacon+eddystone_tlm",
        "bthome_v2_negative",
        "ad_parse",
        "eddystone_eid_resolve",
        "eddystone_etlm_decrypt",
        "eddystone_eid_from_temporary_key",
        "bthome_v2_sequence",
        "rpa",
    }
)


def test_every_vector_is_checked_by_a_test_above() -> None:
    assert {vector["format"] for vector in vectors()} <= CHECKED


@pytest.mark.skipif(not FULL.exists(), reason="the full set does not lie beside the project")
def test_the_full_set_has_all_its_lines() -> None:
    assert len(FULL.read_text().splitlines()) == FULL_COUNT


def test_raw_data_and_its_parts_give_the_same_frames() -> None:
    parted = [v for v in vectors() if v["format"] in DECODED and v.get("raw_adv")]
    assert parted
    for vector in parted:
        parts = {name: value for name, value in vector.items() if name != "raw_adv"}
        assert decoded(parts)["frames"] == decoded(vector)["frames"]
