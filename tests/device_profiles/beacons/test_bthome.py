"""BTHome v2, held against the library bthome-ble object by object."""

from datetime import datetime
from typing import Any

import pytest
from bleak.backends.device import BLEDevice
from bthome_ble import BTHomeBluetoothDeviceData
from bthome_ble.const import MEAS_TYPES
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from habluetooth import BluetoothServiceInfoBleak
from hypothesis import given, settings
from hypothesis import strategies as st

from device_profiles.beacons import Advert, BTHome, MalformedAdvert, decode
from device_profiles.beacons.bthome_objects import COMMAND, OBJECTS

SERVICE = "0000fcd2-0000-1000-8000-00805f9b34fb"
ADDRESS = "54:48:E6:8F:80:A5"
KEY = bytes.fromhex("231d39c1d7cc1ab1aee224cd096db932")
TEMPERATURE = b"\x02\xca\x09"


def read(payload: bytes, *, address: str | None = ADDRESS, bindkey: bytes | None = None) -> BTHome:
    (frame,) = decode(Advert({}, {SERVICE: payload}, address, bindkey))
    assert isinstance(frame, BTHome)
    return frame


def sealed(objects: bytes, *, info: int = 0x41, address: bytes = b"") -> bytes:
    counter = b"\x00\x11\x22\x33"
    nonce = bytes.fromhex(ADDRESS.replace(":", "")) + b"\xd2\xfc" + bytes([info]) + counter
    body = AESCCM(KEY, tag_length=4).encrypt(nonce, objects, None)
    return bytes([info]) + address + body[:-4] + counter + body[-4:]


def as_the_library_reads(payload: bytes) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    told = BTHomeBluetoothDeviceData().update(
        BluetoothServiceInfoBleak(
            name="sensor",
            address=ADDRESS,
            rssi=-60,
            manufacturer_data={},
            service_data={SERVICE: payload},
            service_uuids=[SERVICE],
            source="",
            device=BLEDevice(ADDRESS, None, None),
            advertisement=None,
            connectable=False,
            time=0.0,
            tx_power=None,
        )
    )
    measurements = {
        key.key: value.native_value.isoformat()
        if isinstance(value.native_value, datetime)
        else value.native_value
        for key, value in told.entity_values.items()
        if key.key != "signal_strength"
    }
    binary = {key.key: value.native_value for key, value in told.binary_entity_values.items()}
    events = {
        key.key: {"event": value.event_type, "properties": value.event_properties}
        for key, value in told.events.items()
    }
    return measurements, binary, events


def values(length: int) -> st.SearchStrategy[bytes]:
    """Bytes that an object of this length may have, also one too few."""
    if length > 0:
        return st.binary(min_size=length - 1, max_size=length)
    opcode = int(length == COMMAND)
    return st.binary(min_size=1, max_size=8).map(lambda raw: bytes([len(raw) - opcode]) + raw)


def test_the_table_knows_every_object_that_the_library_knows() -> None:
    assert OBJECTS.keys() == MEAS_TYPES.keys()


@pytest.mark.parametrize("kind", sorted(OBJECTS))
@settings(max_examples=25)  # per object; a hundred objects
@given(data=st.data())
def test_an_object_means_what_the_library_says(kind: int, data: st.DataObject) -> None:
    payload = bytes([0x40, kind]) + data.draw(values(OBJECTS[kind].length))
    ours = read(payload)
    assert (ours.measurements, ours.binary, ours.events) == as_the_library_reads(payload)


def test_kinds_that_come_twice_are_numbered() -> None:
    frame = read(b"\x40" + TEMPERATURE + b"\x01\x5d" + TEMPERATURE)
    assert frame.measurements == {"temperature_1": 25.06, "battery": 93, "temperature_2": 25.06}


def test_two_units_of_one_kind_do_not_overwrite_each_other() -> None:
    assert read(b"\x40\x40\x0c\x00\x41\x4e\x00").measurements == {
        "distance_1": 12,
        "distance_2": 7.8,
    }


@pytest.mark.parametrize("tail", [b"\xfe\x01", b"\x02\xca", b"\x53", b"\x53\x05ab", b"\x3b\x02"])
def test_what_follows_an_unknown_or_cut_object_is_left_and_what_came_before_is_kept(
    tail: bytes,
) -> None:
    assert read(b"\x40" + TEMPERATURE + tail).measurements == {"temperature": 25.06}


def test_another_version_is_not_read_further() -> None:
    frame = read(b"\x60" + TEMPERATURE)
    assert (frame.supported, frame.bthome_version, frame.measurements) == (False, 0, {})


def test_an_encrypted_payload_opens_with_its_key() -> None:
    frame = read(sealed(TEMPERATURE), bindkey=KEY)
    assert frame.decrypted is True
    assert frame.measurements == {"temperature": 25.06}


def test_an_address_in_the_payload_is_taken_before_the_radios() -> None:
    own = bytes.fromhex(ADDRESS.replace(":", ""))[::-1]
    frame = read(sealed(TEMPERATURE, info=0x43, address=own), address=None, bindkey=KEY)
    assert frame.measurements == {"temperature": 25.06}


@pytest.mark.parametrize("bindkey", [None, bytes(16), bytes(24), b""])
def test_without_the_right_key_an_encrypted_payload_stays_closed(bindkey: bytes | None) -> None:
    frame = read(sealed(TEMPERATURE), bindkey=bindkey)
    assert (frame.encrypted, frame.decrypted, frame.measurements) == (True, False, {})


@pytest.mark.parametrize("address", [None, "", "here", "54:48:E6"])
def test_without_an_address_an_encrypted_payload_stays_closed(address: str | None) -> None:
    assert read(sealed(TEMPERATURE), address=address, bindkey=KEY).decrypted is False


def test_plain_text_from_a_device_with_a_key_is_not_believed() -> None:
    frame = read(b"\x40" + TEMPERATURE, bindkey=KEY)
    assert frame.downgrade_rejected
    assert frame.measurements == {}


@pytest.mark.parametrize("length", range(1, 10))
def test_an_encrypted_payload_too_short_to_hold_anything_is_malformed(length: int) -> None:
    with pytest.raises(MalformedAdvert, match="encrypted"):
        read(sealed(TEMPERATURE)[:length], bindkey=KEY)


@given(st.binary(min_size=1, max_size=40), st.none() | st.just(KEY))
def test_random_payloads_raise_nothing_but_malformed(payload: bytes, bindkey: bytes | None) -> None:
    try:
        assert read(payload, bindkey=bindkey).FORMAT == "bthome_v2"
    except MalformedAdvert:
        assert payload[0] & 1
