"""Messages of ESPresense, clean, dirty and secret."""

import json
from contextlib import suppress
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_profiles.beacons import AltBeacon, IBeacon
from device_profiles.receivers import Liveness, NoReport, Report, liveness_of, report_of

UUID = "e2c56db5-dffb-48d2-b060-d0f5a71096e0"
HEARD: dict[str, Any] = {"mac": "dd340206d06c", "rssi": -71.25, "rssi@1m": -59, "distance": 3.1}
KEY = "00112233445566778899aabbccddeeff"


def told(name: str, message: object = None, node: str = "till") -> Report:
    body = HEARD | {"id": name} if message is None else message
    return report_of(f"espresense/devices/{name}/{node}", json.dumps(body).encode())


def reason(name: str, message: object = None) -> str:
    with pytest.raises(NoReport) as refused:
        told(name, message)
    assert name.partition(":")[2] not in refused.value.reason
    return refused.value.reason


def identity(name: str) -> str | None:
    (frame,) = told(name).frames
    return frame.identity


@pytest.mark.parametrize("uuid", [UUID, UUID.upper(), UUID.replace("-", "")])
def test_an_ibeacon_is_named_like_every_other_radio_names_it(uuid: str) -> None:
    assert identity(f"iBeacon:{uuid}-100-7") == IBeacon(UUID, 100, 7, 0).identity


def test_an_altbeacon_is_printed_like_an_ibeacon_and_named_by_its_twenty_bytes() -> None:
    twenty = UUID.replace("-", "") + "0064" + "0007"
    assert identity(f"altBeacon:{UUID}-100-7") == AltBeacon(0x0118, twenty, -59, 0).identity


def test_the_namespace_byte_that_the_firmware_prints_twice_is_dropped() -> None:
    canonical = "eddystone:8b0ca750095477cb3e77:001122334455"
    assert identity("eddy:8b0ca75009095477cb3e77-001122334455") == canonical
    assert identity("eddy:8b0ca750095477cb3e77-001122334455") == canonical


def test_of_a_resolving_key_only_its_tag_goes_on() -> None:
    report = told(f"irk:{KEY}")
    tag = sha256(bytes.fromhex(KEY)).hexdigest()[:12]
    assert [frame.identity for frame in report.frames] == [f"irk:{tag}"]
    assert KEY not in repr(report)
    assert report.address is None


@pytest.mark.parametrize("key", [KEY[:-1], KEY + "0", "z" * 32])
def test_a_broken_key_is_refused_without_being_quoted(key: str) -> None:
    with pytest.raises(NoReport) as refused:
        told(f"irk:{key}")
    assert refused.value.reason == "malformed irk id"
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


@pytest.mark.parametrize("name", ["apple:1005:9-26", "known:dd340206d06c", "phone-of-kim", ""])
def test_other_devices_are_heard_and_are_no_beacons(name: str) -> None:
    report = told(name)
    assert (report.frames, report.ignored) == ((), "not a beacon")
    assert report.address == "DD:34:02:06:D0:6C"


def test_rssi_is_the_mean_that_the_node_reports_and_power_what_it_says_of_the_beacon() -> None:
    report = told(f"iBeacon:{UUID}-1-2")
    assert (report.receiver, report.rssi, report.frames[0].power_1m) == ("till", -71.25, -59)


@pytest.mark.parametrize("power", [0, None, -200, 90])
def test_a_power_that_cannot_be_is_none(power: float | None) -> None:
    report = told(f"iBeacon:{UUID}-1-2", HEARD | {"rssi@1m": power})
    assert report.frames[0].power_1m is None


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        (f"iBeacon:{UUID}-65536-1", {}, "malformed ibeacon id"),
        (f"iBeacon:{UUID}-1", {}, "malformed ibeacon id"),
        (f"altBeacon:{UUID}-1", {}, "malformed altbeacon id"),
        ("iBeacon:feaa-1-2", {}, "malformed ibeacon id"),
        ("eddy:8b0ca75009015477cb3e77-001122334455", {}, "malformed eddystone id"),
        ("eddy:8b0ca750095477cb3e77-0011223344", {}, "malformed eddystone id"),
        (f"iBeacon:{UUID}-1-2", {"rssi": None}, "no rssi"),
        (f"iBeacon:{UUID}-1-2", {"rssi": 0.5}, "impossible rssi"),
        (f"iBeacon:{UUID}-1-2", {"rssi": "-60"}, "wrong field type"),
    ],
)
def test_a_dirty_message_is_refused_with_a_reason_to_count(
    name: str, change: dict[str, Any], expected: str
) -> None:
    assert reason(name, HEARD | change) == expected


@pytest.mark.parametrize(("word", "online"), [(b"online", True), (b"offline", False)])
def test_a_nodes_status_tells_whether_it_is_there(word: bytes, *, online: bool) -> None:
    told_alive = liveness_of("espresense/rooms/till/status", word)
    assert told_alive == Liveness(kind="espresense", receiver="till", online=online)


@pytest.mark.parametrize(
    "topic", ["espresense/rooms/till/telemetry", "espresense/devices/x", "espresense/devices/x/"]
)
def test_another_topic_reports_nothing(topic: str) -> None:
    assert liveness_of(topic, b"online") is None
    with pytest.raises(NoReport, match="other topic"):
        report_of(topic, b"{}")


def test_a_gateways_message_is_read_by_its_own_makers_rules() -> None:
    report = report_of("home/door/BTtoMQTT/DD340206D06C", b'{"id":"DD:34:02:06:D0:6C","rssi":-70}')
    assert (report.kind, report.receiver) == ("omg", "door")


@given(st.text(), st.binary(max_size=200))
def test_random_messages_raise_nothing_but_no_report(name: str, payload: bytes) -> None:
    with suppress(NoReport):
        report_of(f"espresense/devices/{name}/till", payload)


@given(
    st.sampled_from(["iBeacon:", "eddy:", "irk:", ""]),
    st.text("0123456789abcdef-", max_size=50),
    st.floats(-126, 0),
)
def test_random_names_give_a_report_or_a_reason(kind: str, rest: str, rssi: float) -> None:
    with suppress(NoReport):
        assert told(kind + rest, HEARD | {"rssi": rssi}).rssi == rssi


@given(st.binary(min_size=16, max_size=16), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
def test_every_ibeacon_is_named_and_read_back(uuid: bytes, major: int, minor: int) -> None:
    digits = uuid.hex()
    name = f"iBeacon:{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    assert identity(f"{name}-{major}-{minor}") == f"ibeacon:{name[8:]}:{major}:{minor}"
