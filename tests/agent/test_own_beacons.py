"""`[[beacons]]`: what names a beacon, what its key opens, and what `check` says of mistakes."""

from pathlib import Path

import pytest

from device_profiles.beacons import key_identity
from edge_agent.capabilities.beacons.model import Role
from edge_agent.check import load
from edge_agent.own_beacons import own_beacons
from tests.agent.test_check import mistakes, store

__all__ = ["store"]

KEY = "7c91330e61dfea4606b5b3ecb4457d76"
IBEACON = "ibeacon:e2c56db5-dffb-48d2-b060-d0f5a71096e0:100:0"


def with_beacon(file: Path, table: str, *, key: str = KEY) -> Path:
    """The store with one more beacon, and a key file for it to name."""
    secret = file.parent / "beacon.key"
    secret.write_text(key + "\n", "utf-8")
    secret.chmod(0o600)
    file.write_text(file.read_text("utf-8") + f"\n[[beacons]]\n{table}\n", "utf-8")
    return file


GOOD = {
    "badge": f'id = "b"\nrole = "staff"\nidentity = "{IBEACON}"\nconsented = true',
    "tag": 'id = "b"\nrole = "asset"\nkey_kind = "eid"\nkey_file = "beacon.key"\n'
    "clock_zero = 2026-01-01T00:00:00Z",
    "phone": 'id = "b"\nrole = "staff"\nkey_kind = "irk"\nkey_file = "beacon.key"',
    "reference": f'id = "b"\nrole = "reference"\nidentity = "{IBEACON}"\nposition = [1, 2]',
    "sensor": 'id = "b"\nrole = "sensor"\naddress = "54:48:E6:8F:80:A5"\nkey_kind = "bthome"\n'
    'key_file = "beacon.key"',
}


@pytest.mark.parametrize("name", GOOD)
def test_a_beacon_that_is_well_described_is_taken(store: Path, name: str) -> None:
    settings, _ = load(with_beacon(store, GOOD[name]))
    (beacon, key) = next(pair for pair in own_beacons(settings) if pair[0].id == "b")
    assert key.own
    assert key.identity == beacon.identity


def test_a_key_names_its_beacon_and_is_known_with_its_clock(store: Path) -> None:
    settings, _ = load(with_beacon(store, GOOD["tag"]))
    (beacon, key) = own_beacons(settings)[-1]
    assert beacon.identity == key_identity("eid", bytes.fromhex(KEY))
    assert key.eid_key == bytes.fromhex(KEY)
    assert key.clock_offset_s == -1_767_225_600
    assert key.clock_read_at_s == 1_767_225_600


def test_a_badge_is_located_only_if_its_wearer_has_agreed(store: Path) -> None:
    settings, _ = load(with_beacon(store, GOOD["badge"].replace("consented = true", "")))
    (beacon, _) = own_beacons(settings)[-1]
    assert beacon.role is Role.STAFF
    assert not beacon.located


@pytest.mark.parametrize(
    ("table", "word"),
    [
        ('id = "b"\nrole = "asset"', "identity"),
        ('id = "b"\nrole = "sensor"', "address"),
        ('id = "b"\nrole = "asset"\nidentity = "ibeacon:nonsense"', "lower case"),
        (GOOD["tag"] + f'\nidentity = "{IBEACON}"', "leave `identity` out"),
        (GOOD["tag"].replace("clock_zero = 2026-01-01T00:00:00Z", ""), "clock_zero"),
        (GOOD["tag"].replace("00:00:00Z", "00:00:00"), "beacons"),
        (GOOD["phone"].replace('key_kind = "irk"', ""), "come together"),
        (GOOD["reference"].replace("position = [1, 2]", ""), "position"),
        (GOOD["reference"].replace("[1, 2]", "[900, 2]"), "outside the floor"),
        (GOOD["phone"].replace("beacon.key", "no.key"), "No such file"),
    ],
)
def test_a_beacon_that_cannot_work_is_named_with_its_remedy(
    store: Path, table: str, word: str
) -> None:
    assert any(word in one for one in mistakes(with_beacon(store, table)))


@pytest.mark.parametrize("key", ["", "7c91", "zz" * 16, KEY + "00"])
def test_a_key_that_is_none_is_a_mistake(store: Path, key: str) -> None:
    assert any("hex digits" in one for one in mistakes(with_beacon(store, GOOD["tag"], key=key)))


def test_a_key_that_others_can_read_is_a_mistake(store: Path) -> None:
    file = with_beacon(store, GOOD["tag"])
    (file.parent / "beacon.key").chmod(0o644)
    assert any("chmod 600" in one for one in mistakes(file))


def test_two_beacons_of_one_identity_are_a_mistake(store: Path) -> None:
    with_beacon(store, GOOD["badge"])
    file = with_beacon(store, GOOD["reference"].replace('"b"', '"c"'))
    assert any("stands twice" in one for one in mistakes(file))
