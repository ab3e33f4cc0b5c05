"""Messages of OpenMQTTGateway and Theengs Gateway, clean and dirty."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_profiles.beacons import EddystoneUid, IBeacon
from device_profiles.receivers import Liveness, NoReport, Report
from device_profiles.receivers.openmqttgateway import liveness, parse
from device_profiles.receivers.report import LONGEST_PAYLOAD

TOPIC = "home/shoes-2/BTtoMQTT/DD340206D06C"
UUID = "e2c56db5dffb48d2b060d0f5a71096e0"
BEACON = IBeacon("e2c56db5-dffb-48d2-b060-d0f5a71096e0", 100, 7, -59)
HEARD: dict[str, Any] = {"id": "DD:34:02:06:D0:6C", "mac_type": 1, "rssi": -71}
RAW = {"manufacturerdata": "4c000215" + UUID + "00640007c5"}
DECODED = {"model_id": "IBEACON", "uuid": UUID, "major": 100, "minor": 7, "txpower": -59}


def told(message: object, topic: str = TOPIC) -> Report:
    return parse(topic, json.dumps(message).encode())


def reason(message: object, topic: str = TOPIC) -> str:
    with pytest.raises(NoReport) as refused:
        told(message, topic)
    return refused.value.reason


@pytest.mark.parametrize("parts", [RAW, DECODED, RAW | DECODED])
def test_an_ibeacon_is_read_from_raw_data_and_from_the_gateways_decode(
    parts: dict[str, Any],
) -> None:
    assert told(HEARD | parts) == Report(
        kind="omg", receiver="shoes-2", address="DD:34:02:06:D0:6C", rssi=-71, frames=(BEACON,)
    )


@pytest.mark.parametrize("uuid", ["0xfeaa", "feaa", "0000feaa-0000-1000-8000-00805f9b34fb"])
def test_service_data_is_read_under_any_spelling_of_its_service(uuid: str) -> None:
    report = told(HEARD | {"servicedata": "00e3" + "0a" * 16, "servicedatauuid": uuid})
    assert report.frames == (EddystoneUid(-29, "0a" * 10, "0a" * 6),)


@pytest.mark.parametrize(
    "topic",
    [
        TOPIC,
        "home/shoes-2/BTtoMQTT",
        "home/shoes-2/BTtoMQTT/undecoded",
        "home/shoes-2/BTtoMQTT/undecoded/DD340206D06C",
        "home/shoes-2/presence/",
        "a/longer/root/shoes-2/BTtoMQTT/" + UUID,
    ],
)
def test_the_gateway_is_named_by_the_topic(topic: str) -> None:
    assert told(HEARD, topic).receiver == "shoes-2"


@pytest.mark.parametrize("topic", ["", "home", "BTtoMQTT/x", "/BTtoMQTT/x", "home/shoes-2/LWT"])
def test_another_topic_reports_nothing(topic: str) -> None:
    assert reason(HEARD, topic) == "other topic"


@pytest.mark.parametrize("name", ["dd:34:02:06:d0:6c", "DD340206D06C", "DD-34-02-06-D0-6C"])
def test_an_address_is_told_in_one_form(name: str) -> None:
    assert told(HEARD | {"id": name}).address == "DD:34:02:06:D0:6C"


def test_a_device_reported_by_its_uuid_has_its_address_in_mac() -> None:
    message = HEARD | DECODED | {"id": UUID, "mac": "dd:34:02:06:d0:6c"}
    assert told(message).address == "DD:34:02:06:D0:6C"
    assert told(HEARD | DECODED | {"id": UUID}).address is None


def test_what_is_no_beacon_is_reported_with_why_it_is_ignored() -> None:
    report = told(HEARD | {"servicedata": "4000", "servicedatauuid": "0xfeaa"})
    assert (report.frames, report.ignored) == ((), "find hub tag")
    assert told(HEARD | {"model_id": "MiBand"}).ignored == "not a beacon"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"presence": "absent"}, "device absent"),
        ({"rssi": None}, "no rssi"),
        ({"rssi": 127}, "impossible rssi"),
        ({"rssi": 1}, "impossible rssi"),
        ({"rssi": -127}, "impossible rssi"),
        ({"rssi": "-60"}, "wrong field type"),
        ({"id": 5}, "wrong field type"),
        ({"manufacturerdata": "4c00zz"}, "manufacturerdata not hex"),
        ({"manufacturerdata": "4c000"}, "manufacturerdata not hex"),
        ({"servicedata": "(null)", "servicedatauuid": "feaa"}, "servicedata not hex"),
        ({"servicedata": "00"}, "servicedatauuid not a uuid"),
        ({"servicedata": "00", "servicedatauuid": "iBeacon"}, "servicedatauuid not a uuid"),
        (DECODED | {"uuid": UUID[1:]}, "incomplete ibeacon"),
        (DECODED | {"major": 65536}, "incomplete ibeacon"),
        (DECODED | {"minor": None}, "incomplete ibeacon"),
        (DECODED | {"txpower": 200}, "incomplete ibeacon"),
    ],
)
def test_a_dirty_message_is_refused_with_a_reason_to_count(
    change: dict[str, Any], expected: str
) -> None:
    assert reason(HEARD | change) == expected


def test_the_gateways_own_time_of_sending_is_kept_where_it_says_one() -> None:
    assert told(HEARD | {"unixtime": 1795300000}).sent_s == 1795300000
    assert told(HEARD).sent_s is None


@pytest.mark.parametrize(("word", "online"), [(b"online", True), (b"offline", False)])
def test_a_gateways_last_will_tells_whether_it_is_there(word: bytes, *, online: bool) -> None:
    assert liveness("home/shoes-2/LWT", word) == Liveness(
        kind="omg", receiver="shoes-2", online=online
    )


@pytest.mark.parametrize(
    ("topic", "payload"), [(TOPIC, b"online"), ("home/LWT", b"online"), ("home/x/LWT", b"{}")]
)
def test_no_other_message_tells_that(topic: str, payload: bytes) -> None:
    assert liveness(topic, payload) is None


def test_an_absent_device_needs_no_rssi() -> None:
    assert reason({"id": "DD:34:02:06:D0:6C", "presence": "absent"}) == "device absent"


@pytest.mark.parametrize("payload", [b"", b"online", b"\xff", b"{", b"[" * 4000])
def test_what_is_no_json_is_refused(payload: bytes) -> None:
    with pytest.raises(NoReport, match=r"not JSON|wrong field type"):
        parse(TOPIC, payload)


def test_a_payload_too_long_for_a_sighting_is_not_looked_at() -> None:
    with pytest.raises(NoReport, match="too long"):
        parse(TOPIC, b" " * (LONGEST_PAYLOAD + 1))


@given(st.binary(max_size=200))
def test_random_payloads_raise_nothing_but_no_report(payload: bytes) -> None:
    with pytest.raises(NoReport):
        parse(TOPIC, payload)


@given(
    st.fixed_dictionaries(
        {"rssi": st.integers(-126, 0)},
        optional=dict.fromkeys(
            ["id", "manufacturerdata", "servicedata", "servicedatauuid", "uuid", "model_id"],
            st.text() | st.binary(max_size=30).map(bytes.hex) | st.just("IBEACON"),
        ),
    )
)
def test_random_fields_give_a_report_or_a_reason(message: dict[str, Any]) -> None:
    with suppress(NoReport):
        assert told(message).rssi == message["rssi"]
