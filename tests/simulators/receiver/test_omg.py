"""The simulated OpenMQTTGateway speaks so that the product's reader understands it."""

import json
from uuid import UUID

import pytest

from device_profiles.beacons import IBeacon
from device_profiles.receivers.openmqttgateway import parse
from simulators.receiver.omg import REPORT_EVERY_S, Form, Gateway
from simulators.world.chance import seeded
from simulators.world.payloads import Card, phone, telemetry, thermometer

CARD = Card(UUID("f7826da6-4fa2-4e98-8024-bc5b71e0893e"), 7, 42)
ADDRESS = "C0:00:00:00:00:01"


@pytest.mark.parametrize("form", list(Form))
def test_a_card_is_reported_in_either_form_and_read_back(form: Form) -> None:
    report = Gateway("door", form).report(ADDRESS, -67, CARD.compose(0.0), 0.0)
    assert report is not None
    topic, payload = report
    assert topic == "home/door/BTtoMQTT/C00000000001"
    read = parse(topic, payload.encode())
    assert read.rssi == -67
    assert [frame.identity for frame in read.frames if isinstance(frame, IBeacon)] == [
        CARD.identity
    ]


@pytest.mark.parametrize("compose", [telemetry, thermometer])
def test_sensors_are_reported_with_their_service_data(compose: object) -> None:
    assert callable(compose)
    report = Gateway("door").report(ADDRESS, -67, compose(3.0), 0.0)
    assert report is not None
    read = parse(report[0], report[1].encode())
    assert len(read.frames) == 1


def test_a_phone_is_reported_and_is_no_beacon() -> None:
    report = Gateway("door").report(ADDRESS, -67, phone(seeded(1))(0.0), 0.0)
    assert report is not None
    assert parse(report[0], report[1].encode()).frames == ()


def test_a_transmitter_is_reported_again_only_after_a_while() -> None:
    gateway, advert = Gateway("door"), CARD.compose(0.0)
    assert gateway.report(ADDRESS, -67, advert, 10.0) is not None
    assert gateway.report(ADDRESS, -60, advert, 10.1) is None
    assert gateway.report("C0:00:00:00:00:02", -60, advert, 10.1) is not None
    again = gateway.report(ADDRESS, -61, advert, 10.0 + REPORT_EVERY_S)
    assert again is not None
    assert json.loads(again[1])["rssi"] == -61
