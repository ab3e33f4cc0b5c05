"""Beacon formats: what is built is read back, what is cut is refused, nothing else is raised."""

import struct
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_profiles.beacons import (
    Advert,
    AltBeacon,
    EddystoneTlm,
    EddystoneUid,
    EddystoneUrl,
    Frame,
    IBeacon,
    MalformedAdvert,
    decode,
    examine,
    full_uuid,
    ignored_reason,
    parse_ad,
)
from device_profiles.beacons.eddystone import EXPANSIONS, SCHEMES

FEAA = "0000feaa-0000-1000-8000-00805f9b34fb"
FCD2 = "0000fcd2-0000-1000-8000-00805f9b34fb"

U8, U16, U32 = (st.integers(0, 2**bits - 1) for bits in (8, 16, 32))
S8 = st.integers(-128, 127)


def ids(length: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=length, max_size=length)


def ibeacon(uuid: bytes, major: int, minor: int, power: int) -> Advert:
    return Advert({0x004C: b"\x02\x15" + struct.pack(">16sHHb", uuid, major, minor, power)})


def eddystone(payload: bytes) -> Advert:
    return Advert({}, {FEAA: payload})


def only(advert: Advert) -> Frame:
    (frame,) = decode(advert)
    return frame


IBEACON = ibeacon(bytes(range(16)), 1, 2, -59)
ALTBEACON = Advert({0x0118: b"\xbe\xac" + bytes(range(20)) + b"\xc5\x09"})
UID = eddystone(b"\x00\xe3" + bytes(range(16)))
URL = eddystone(b"\x10\xe3\x02a")
TLM = eddystone(b"\x20\x00" + struct.pack(">HhII", 3000, 0x1500, 1, 20))
ETLM = eddystone(b"\x20\x01" + bytes(16))
EID = eddystone(b"\x30\xe3" + bytes(8))
WHOLE = [IBEACON, ALTBEACON, UID, URL, TLM, ETLM, EID]


@given(ids(16), U16, U16, S8)
def test_an_ibeacon_is_read_back(uuid: bytes, major: int, minor: int, power: int) -> None:
    frame = only(ibeacon(uuid, major, minor, power))
    assert isinstance(frame, IBeacon)
    assert bytes.fromhex(frame.uuid.replace("-", "")) == uuid
    assert (frame.major, frame.minor, frame.measured_power) == (major, minor, power)
    assert frame.identity == f"ibeacon:{frame.uuid}:{major}:{minor}"


@given(U16, ids(20), S8, U8)
def test_an_altbeacon_of_any_company_is_read_back(
    company: int, beacon: bytes, power: int, reserved: int
) -> None:
    frame = only(Advert({company: b"\xbe\xac" + beacon + struct.pack(">bB", power, reserved)}))
    assert frame == AltBeacon(company, beacon.hex(), power, reserved)
    assert frame.identity == f"altbeacon:{beacon.hex()}"


@pytest.mark.parametrize("reserved", [b"", b"\x00\x00"])
@given(ids(10), ids(6), S8)
def test_an_eddystone_uid_is_read_back_with_and_without_its_reserved_bytes(
    reserved: bytes, namespace: bytes, instance: bytes, power: int
) -> None:
    head = struct.pack(">Bb", 0, power)
    frame = only(eddystone(head + namespace + instance + reserved))
    assert frame == EddystoneUid(power, namespace.hex(), instance.hex())
    assert frame.identity == f"eddystone:{namespace.hex()}:{instance.hex()}"
    assert frame.power_1m == power - 41


@given(U16, st.integers(-0x7FFF, 0x7FFF), U32, U32)
def test_eddystone_telemetry_is_read_back(
    millivolts: int, temperature: int, count: int, tenths: int
) -> None:
    frame = only(
        eddystone(b"\x20\x00" + struct.pack(">HhII", millivolts, temperature, count, tenths))
    )
    assert frame == EddystoneTlm(0, millivolts or None, temperature / 256, count, tenths / 10)
    assert frame.identity is None


@given(
    st.integers(0, len(SCHEMES) - 1),
    st.lists(
        st.integers(0, len(EXPANSIONS) - 1) | st.integers(0x21, 0x7E), min_size=1, max_size=17
    ),
)
def test_an_eddystone_url_is_expanded(scheme: int, codes: list[int]) -> None:
    frame = only(eddystone(bytes([0x10, 0xE3, scheme, *codes])))
    assert isinstance(frame, EddystoneUrl)
    text = "".join(EXPANSIONS[code] if code < len(EXPANSIONS) else chr(code) for code in codes)
    assert frame.url == SCHEMES[scheme] + text


@pytest.mark.parametrize("advert", [IBEACON, ALTBEACON, UID, TLM, ETLM, EID])
def test_a_frame_cut_anywhere_is_refused_and_no_byte_is_read_beyond_its_end(advert: Advert) -> None:
    def cut(payload: bytes, length: int) -> Advert:
        return Advert(
            dict.fromkeys(advert.manufacturer_data, payload[:length]),
            dict.fromkeys(advert.service_data, payload[:length]),
        )

    (payload,) = [*advert.manufacturer_data.values(), *advert.service_data.values()]
    assert only(cut(payload, len(payload))) == only(advert)
    assert not any(examine(cut(payload, length)).frames for length in range(len(payload)))


@pytest.mark.parametrize("advert", WHOLE)
def test_bytes_after_a_whole_frame_do_not_hurt_it(advert: Advert) -> None:
    longer = Advert(
        {company: payload + b"ab" for company, payload in advert.manufacturer_data.items()},
        {service: payload + b"ab" for service, payload in advert.service_data.items()},
    )
    assert only(longer).FORMAT == only(advert).FORMAT


@pytest.mark.parametrize(
    "build", [lambda p: Advert({0x4C: p}), lambda p: Advert({7: p}), eddystone]
)
@given(st.binary(max_size=40))
def test_random_bytes_raise_nothing_but_malformed_advert(
    build: Callable[[bytes], Advert], payload: bytes
) -> None:
    with suppress(MalformedAdvert):
        decode(build(payload))
    assert ignored_reason(build(payload))


@given(st.binary(max_size=80))
def test_random_advertising_data_is_taken_apart_without_a_complaint(raw: bytes) -> None:
    examine(parse_ad(raw))


def test_an_ibeacon_that_was_never_calibrated_states_no_power() -> None:
    assert only(ibeacon(bytes(16), 0, 0, 0)).power_1m is None
    assert only(ibeacon(bytes(16), 0, 0, -59)).power_1m == -59


@pytest.mark.parametrize(
    ("advert", "reason"),
    [
        (Advert(), "not a beacon"),
        (Advert({0x4C: b"\x10\x05"}), "not a beacon"),
        (Advert({0x4C: b"\x02\x15"}), "malformed ibeacon"),
        (eddystone(b""), "malformed eddystone"),
        (eddystone(b"\x40" + bytes(20)), "find hub tag"),
        (eddystone(b"\x41" + bytes(20)), "find hub tag"),
        (eddystone(b"\x21\x01"), "vendor frame"),
        (eddystone(b"\x20\x02"), "malformed eddystone_tlm"),
        (Advert({}, {FCD2: b""}), "malformed bthome_v2"),
    ],
)
def test_what_is_ignored_says_why(advert: Advert, reason: str) -> None:
    assert ignored_reason(advert) == reason
    assert examine(advert).frames == ()


def test_a_broken_part_does_not_hide_the_whole_one() -> None:
    frames = decode(Advert(IBEACON.manufacturer_data, {FEAA: b"\x20"}))
    assert [frame.FORMAT for frame in frames] == ["ibeacon"]


def test_telemetry_in_the_scan_response_does_not_hide_the_beacon() -> None:
    parts = [payload for advert in (UID, TLM) for payload in advert.service_data.values()]
    raw = b"".join(bytes([3 + len(part), 0x16, 0xAA, 0xFE]) + part for part in parts)
    assert {frame.FORMAT for frame in decode(parse_ad(raw))} == {"eddystone_uid", "eddystone_tlm"}


def test_a_part_sent_twice_unchanged_is_one_frame() -> None:
    (payload,) = IBEACON.manufacturer_data.values()
    structure = bytes([3 + len(payload), 0xFF, 0x4C, 0x00]) + payload
    assert len(decode(parse_ad(structure + structure))) == 1


@pytest.mark.parametrize("text", ["feaa", "FEAA", "0xfeaa", "0000feaa", FEAA, FEAA.upper()])
def test_a_short_service_uuid_is_written_in_full(text: str) -> None:
    assert full_uuid(text) == FEAA


@pytest.mark.parametrize("text", ["", "fe", "feaaa", "zzzz", "fe_a", "0x", FEAA + "00"])
def test_what_is_no_uuid_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no UUID"):
        full_uuid(text)
