"""Every public vector of our formats, through the function behind `edge-agent decode`."""

import json
from typing import Any

import msgspec
import pytest

from device_profiles.beacons import parse_ad
from edge_agent.decode import decode_line
from tests.decode.vectors import DECODED, UNREAD, Vector, of, vectors


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
    advert = parse_ad(bytes.fromhex(vector["raw_adv"]))
    manufacturer = {str(company): raw.hex() for company, raw in advert.manufacturer_data.items()}
    assert manufacturer == vector["expected"]["manufacturer_data"]
    service = {uuid: raw.hex() for uuid, raw in advert.service_data.items()}
    assert service == vector["expected"]["service_data"]


def test_no_vector_is_left_out_unread() -> None:
    later = ("_resolve", "_decrypt", "_sequence", "_from_temporary_key")
    ours = {*DECODED, *UNREAD, "ibeacon+eddystone_tlm", "bthome_v2_negative", "ad_parse"}
    assert {v["format"] for v in vectors() if not v["format"].endswith(later)} <= ours


def test_raw_data_and_its_parts_give_the_same_frames() -> None:
    parted = [v for v in vectors() if v["format"] in DECODED and v.get("raw_adv")]
    assert parted
    for vector in parted:
        parts = {name: value for name, value in vector.items() if name != "raw_adv"}
        assert decoded(parts) == decoded(vector)
