import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.bluez import Advert, MalformedAdvert
from simulators.bluez.advert import Payload, parse

VECTORS = Path(__file__).parents[4] / "shared/data/ble_vectors/adverts.jsonl"

ZERO_PADDED = "ad_parse-ee83ad68ce"
"""Its parser steps over zero bytes; for BlueZ and the specification a zero length is the end."""


def _structure(kind: int, data: bytes) -> bytes:
    return bytes([len(data) + 1, kind]) + data


def test_each_kind_of_structure_is_read() -> None:
    ad = (
        _structure(0x01, b"\x06")
        + _structure(0x09, "신발".encode())
        + _structure(0x0A, b"\xf4")
        + _structure(0x03, b"\xaa\xfe\x0f\x18")
        + _structure(0x07, bytes(range(16)))
        + _structure(0x16, b"\xaa\xfe\x00\x01")
        + _structure(0x20, b"\x78\x56\x34\x12\x02")
        + _structure(0x21, bytes(range(16)) + b"\x03")
        + _structure(0xFF, b"\x4c\x00\x02\x15")
    )
    long_uuid = "0f0e0d0c-0b0a-0908-0706-050403020100"
    assert parse(ad) == Payload(
        name="신발",
        tx_power=-12,
        uuids=(
            "0000feaa-0000-1000-8000-00805f9b34fb",
            "0000180f-0000-1000-8000-00805f9b34fb",
            long_uuid,
        ),
        manufacturer_data={0x004C: b"\x02\x15"},
        service_data={
            "0000feaa-0000-1000-8000-00805f9b34fb": b"\x00\x01",
            "12345678-0000-1000-8000-00805f9b34fb": b"\x02",
            long_uuid: b"\x03",
        },
    )


@pytest.mark.parametrize(
    "ad", ["", "00", "01", "05ff4c", "02ff4c", "0116", "0216aa", "0021", "00ff4c000215"]
)
def test_structures_that_are_cut_or_too_short_say_nothing(ad: str) -> None:
    assert parse(bytes.fromhex(ad)) == Payload()


def test_what_stands_before_a_cut_structure_counts() -> None:
    assert parse(bytes.fromhex("04ff4c0010010905ff")).manufacturer_data == {76: b"\x10"}


@given(st.binary(max_size=255))
def test_any_bytes_are_read_without_an_error(ad: bytes) -> None:
    payload = parse(ad)
    carried = [*payload.manufacturer_data.values(), *payload.service_data.values()]
    assert sum(map(len, carried)) <= len(ad)


@given(st.dictionaries(st.integers(0, 0xFFFF), st.binary(max_size=20), max_size=5))
def test_manufacturer_data_comes_out_as_it_went_in(data: dict[int, bytes]) -> None:
    ad = b"".join(
        _structure(0xFF, key.to_bytes(2, "little") + value) for key, value in data.items()
    )
    assert parse(ad).manufacturer_data == data


@pytest.mark.parametrize(
    ("address", "rssi", "length"),
    [("c0:00:00:00:00:01", -60, 3), ("C0000001", -60, 3), ("C0:00:00:00:00:01", 127, 3),
     ("C0:00:00:00:00:01", -128, 3), ("C0:00:00:00:00:01", -60, 1651)],
)  # fmt: skip
def test_an_advert_that_no_radio_could_report_is_refused(
    address: str, rssi: int, length: int
) -> None:
    with pytest.raises(MalformedAdvert):
        Advert(address, rssi, bytes(length))


def _vectors() -> list[Any]:
    if not VECTORS.exists():
        return []
    lines = (json.loads(line) for line in VECTORS.read_text().splitlines())
    return [line for line in lines if line["format"] == "ad_parse" and line["id"] != ZERO_PADDED]


@pytest.mark.skipif(not VECTORS.exists(), reason="the shared vectors are not here")
@pytest.mark.parametrize("vector", _vectors(), ids=lambda vector: vector["id"])
def test_raw_advertisements_of_other_parsers_suites_are_read_as_expected(vector: Any) -> None:  # noqa: ANN401 - JSON
    payload = parse(bytes.fromhex(vector["raw_adv"]))
    expected = vector["expected"]
    manufacturer = {str(key): value.hex() for key, value in payload.manufacturer_data.items()}
    service = {key: value.hex() for key, value in payload.service_data.items()}
    assert manufacturer == expected["manufacturer_data"]
    assert service == expected["service_data"]
    assert payload.tx_power == expected["tx_power"]
    assert sorted(payload.uuids) == sorted(expected["service_uuids"])
    assert payload.name == expected["local_name"]
