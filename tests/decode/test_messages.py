"""`edge-agent decode` for the messages of other radios."""

import json
from typing import Any

import msgspec

from device_profiles.beacons import key_identity
from edge_agent.decode import decode_line

IBEACON = "4c000215e2c56db5dffb48d2b060d0f5a71096e000640000c5"
IDENTITY = "ibeacon:e2c56db5-dffb-48d2-b060-d0f5a71096e0:100:0"
TOPIC = "home/door/BTtoMQTT/AABBCCDDEEFF"
KEY = "7c91330e61dfea4606b5b3ecb4457d76"
EID_AT_1024_S = "30e7ae175b9240bc752f"


def answer(**line: object) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(msgspec.json.encode(decode_line(json.dumps(line).encode())))
    return told


def test_a_message_is_answered_with_its_sightings() -> None:
    payload = {"id": "AA:BB:CC:DD:EE:FF", "rssi": -67, "manufacturerdata": IBEACON}
    told = answer(topic=TOPIC, payload=payload)
    assert told["sightings"] == [
        {"receiver": "door", "identity": IDENTITY, "rssi": -67.0, "power": -59}
    ]
    assert told["error"] is None


def test_the_payload_may_be_text_as_it_was_recorded() -> None:
    payload = {"id": "AA:BB:CC:DD:EE:FF", "rssi": -67, "manufacturerdata": IBEACON}
    assert answer(topic=TOPIC, payload=json.dumps(payload)) == answer(topic=TOPIC, payload=payload)


def test_a_rotating_identifier_in_a_message_is_resolved_by_the_lines_key() -> None:
    payload = {
        "id": "AA:BB:CC:DD:EE:FF",
        "rssi": -67,
        "servicedatauuid": "feaa",
        "servicedata": EID_AT_1024_S,
    }
    beacon = {"identity_key": KEY, "rotation_exponent": 10, "beacon_time_s": 1100}
    (sighting,) = answer(topic=TOPIC, payload=payload, **beacon)["sightings"]
    assert sighting["identity"] == key_identity("eid", bytes.fromhex(KEY))
    assert answer(topic=TOPIC, payload=payload)["sightings"] == []


def test_a_receivers_word_on_itself_is_told() -> None:
    told = answer(topic="espresense/rooms/door/status", payload="offline")
    assert told["online"] is False
    assert told["sightings"] == []


def test_a_message_that_reports_nothing_says_why() -> None:
    told = answer(topic=TOPIC, payload={"presence": "absent"})
    assert told["sightings"] == []
    assert told["error"]


def test_a_message_without_a_payload_is_no_traceback() -> None:
    assert answer(topic=TOPIC)["error"]
    assert answer(topic=TOPIC, payload=[1, 2])["error"]
