"""Formats behind keys: what is made with the key is read back with it, and with no other."""

import struct

import pytest
from Crypto.Cipher import AES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from bench.fuzzing import HEADS, fuzz
from device_profiles.beacons import (
    BeaconKey,
    EddystoneEid,
    EddystoneEtlm,
    EddystoneTlm,
    examine,
    key_identity,
    parse_ad,
)
from device_profiles.beacons.address import Resolver, is_resolvable, octets
from device_profiles.beacons.eid import eid, eids, temporary_key
from device_profiles.beacons.etlm import plaintext, telemetry
from tests.decode.vectors import vectors

SECRET = bytes.fromhex("00112233445566778899aabbccddeeff")

KEYS = st.binary(min_size=16, max_size=16)
EXPONENTS = st.integers(0, 15)
CLOCKS = st.integers(0, 2**32 - 1)


def test_who_is_known_by_a_key_does_not_show_it_to_a_log() -> None:
    known = BeaconKey(
        identity="eid:x", eid_key=SECRET, irk=SECRET, bindkey=SECRET, address="C0:00:00:00:00:01"
    )
    assert repr(SECRET) not in repr(known)
    assert "C0:00" not in repr(known)


@given(KEYS, EXPONENTS, CLOCKS)
def test_an_identifier_lasts_for_its_window_and_is_another_in_the_next(
    key: bytes, exponent: int, beacon_s: int
) -> None:
    start = beacon_s >> exponent << exponent
    inside = {eid(temporary_key(key, at), exponent, at) for at in (start, beacon_s)}
    after = (start + (1 << exponent)) & 0xFFFF_FFFF
    assert len(inside) == 1
    assert eid(temporary_key(key, after), exponent, after) not in inside


@given(KEYS, EXPONENTS, st.integers(0, 2**17), st.integers(1, 8))
def test_many_windows_at_once_are_what_each_is_alone(
    key: bytes, exponent: int, first: int, count: int
) -> None:
    windows = range(first, first + count)
    for window, one in eids(key, exponent, windows):
        beacon_s = (window << exponent) & 0xFFFF_FFFF
        assert one == eid(temporary_key(key, beacon_s), exponent, beacon_s)


@given(KEYS, st.integers(-(2**20), 2**40))
def test_a_clock_beyond_32_bits_goes_round(key: bytes, window: int) -> None:
    ((_, one),) = eids(key, 10, [window])
    ((_, same),) = eids(key, 10, [window & (2**22 - 1)])
    assert one == same


def encrypted(plain: bytes, key: bytes, exponent: int, window: int, salt: bytes) -> bytes:
    """An encrypted telemetry frame, as a beacon makes it."""
    nonce = struct.pack(">I", (window << exponent) & 0xFFFF_FFFF) + salt
    cipher = AES.new(key, AES.MODE_EAX, nonce=nonce, mac_len=2)
    body, mic = cipher.encrypt_and_digest(plain)
    return b"\x20\x01" + body + salt + mic


def etlm(payload: bytes) -> EddystoneEtlm:
    (frame,) = examine(parse_ad(bytes([3 + len(payload), 0x16, 0xAA, 0xFE]) + payload)).frames
    assert isinstance(frame, EddystoneEtlm)
    return frame


@given(
    KEYS, EXPONENTS, st.integers(0, 2**17), st.binary(min_size=2, max_size=2), st.integers(1, 4000)
)
def test_encrypted_telemetry_comes_back(
    key: bytes, exponent: int, window: int, salt: bytes, millivolts: int
) -> None:
    plain = struct.pack(">HhII", millivolts, 0x1580, 10, 100)
    frame = etlm(encrypted(plain, key, exponent, window, salt))
    assert plaintext(frame, key, exponent, window) == plain
    assert telemetry(plain) == EddystoneTlm(0, millivolts, 21.5, 10, 10.0)


def test_a_forgery_passes_no_oftener_than_its_short_tag_lets_it() -> None:
    key = bytes(range(16))
    forged = (etlm(b"\x20\x01" + n.to_bytes(16, "big")) for n in range(3000))
    assert sum(plaintext(frame, key, 10, 5) is not None for frame in forged) <= 1


@given(KEYS, st.integers(0, 2**22 - 1))
def test_an_address_resolves_with_the_key_that_made_it(irk: bytes, prand: int) -> None:
    head = (0x400000 | prand).to_bytes(3, "big")
    # one bare AES encryption, as the specification's function e calls for
    hashed = Cipher(algorithms.AES128(irk), modes.ECB()).encryptor().update(bytes(13) + head)  # noqa: S305
    address = head + hashed[-3:]
    resolver = Resolver(irk)
    assert resolver.made(address)
    assert resolver.made(address), "the kept key schedule is as good the second time"
    assert not resolver.made(bytes([address[0] | 0x80]) + address[1:])
    assert not resolver.made(address[:5] + bytes([address[5] ^ 1]))


@given(st.binary(max_size=8))
def test_any_bytes_make_an_address_or_none(raw: bytes) -> None:
    for text in (raw.hex(), raw.hex(":"), raw.hex("-").upper()):
        assert octets(text) == (raw if len(raw) == 6 else None)


@given(st.text())
def test_any_text_is_an_address_or_none(text: str) -> None:
    assert (found := octets(text)) is None or is_resolvable(found) in (True, False)


def test_an_identity_by_its_key_does_not_tell_the_key() -> None:
    key = bytes.fromhex("7c91330e61dfea4606b5b3ecb4457d76")
    assert key_identity("irk", key) == "irk:" + key_identity("eid", key).removeprefix("eid:")
    assert key.hex()[:8] not in key_identity("eid", key)


SAMPLES = [bytes.fromhex(v["raw_adv"]) for v in vectors() if v.get("raw_adv")]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_and_mutated_advertisements_are_read_without_a_complaint(seed: int) -> None:
    done = fuzz(6000, seed, SAMPLES)
    assert done.adverts == 6000
    assert done.frames > 600, "most of the work would be wasted"
    assert done.malformed > 60


def test_every_format_is_among_the_heads_that_are_fuzzed() -> None:
    found = {
        each.FORMAT
        for head in HEADS
        for raw in (head + bytes(30),)
        for each in (*examine(parse_ad(raw)).frames,)
    }
    found |= {
        fault.format for head in HEADS for fault in examine(parse_ad(head + bytes(30))).malformed
    }
    assert found >= {
        "ibeacon",
        "altbeacon",
        "eddystone_uid",
        "eddystone_url",
        "eddystone_tlm",
        "eddystone_etlm",
        EddystoneEid.FORMAT,
        "bthome_v2",
    }
