"""The simulated ESPresense filters like the real one and is understood by the product's reader."""

import json
from uuid import UUID

from device_profiles.receivers import report_of
from simulators.receiver.espresense import FARTHEST_M, TABLE, Node
from simulators.world.payloads import Card

CARD = Card(UUID("f7826da6-4fa2-4e98-8024-bc5b71e0893e"), 7, 42)
ADDRESS = "C0:00:00:00:00:01"
EDDYSTONE = bytes.fromhex("0201060303aafe1716aafe00ee8b0ca750095477cb3e770011223344550000")
IRK = bytes.fromhex("ec0234a357c8ad05341010a60a397d9b")
PRIVATE = "70:81:94:0D:FB:AA"
"""The specification's own key and address (Core 5.4, vol 3 part H, D.7)."""


def heard(
    node: Node, at: float, rssi: int = -60, ad: bytes = b"", address: str = ADDRESS
) -> dict[str, object] | None:
    report = node.report(address, rssi, ad or CARD.compose(0.0), at)
    return None if report is None else json.loads(report[1])


def test_a_device_is_reported_each_five_seconds_and_early_when_it_moved() -> None:
    node = Node("till")
    times = [at / 4 for at in range(60) if heard(node, at / 4) is not None]
    assert times == [0.0, 5.0, 10.0]
    moving = Node("till")
    times = [at / 4 for at in range(15) if heard(moving, at / 4, rssi=-70 - 2 * at) is not None]
    assert times == [0.0, 2.5]


def test_rssi_is_a_mean_of_fifteen_seconds_that_outliers_do_not_move() -> None:
    node = Node("till")
    for at in range(15):
        told = heard(node, float(at), rssi=-30 if at == 13 else -60)
    told = heard(node, 15.0)
    assert told is not None
    assert told["rssi"] == -60.0


def test_nothing_beyond_sixteen_metres_is_reported() -> None:
    far = round(CARD.power_1m - 35 * 1.3)
    assert heard(Node("till"), 0.0, rssi=far) is None
    near = heard(Node("till"), 0.0, rssi=-80)
    assert near is not None
    assert isinstance(near["distance"], float)
    assert near["distance"] < FARTHEST_M


def test_the_table_lets_the_oldest_device_go() -> None:
    node = Node("till")
    heard(node, 0.0)
    for number in range(TABLE):
        heard(node, 0.1, ad=Card(CARD.uuid, 1, number).compose(0.0))
    assert heard(node, 0.2) is not None


def test_names_are_those_that_the_products_reader_reads_back() -> None:
    node = Node("till", [IRK])
    for ad, address, identity in (
        (CARD.compose(0.0), ADDRESS, CARD.identity),
        (EDDYSTONE, "C0:00:00:00:00:02", "eddystone:8b0ca750095477cb3e77:001122334455"),
    ):
        report = node.report(address, -60, ad, 0.0)
        assert report is not None
        read = report_of(report[0], report[1].encode())
        assert [frame.identity for frame in read.frames] == [identity]
    report = node.report(PRIVATE, -60, b"", 0.0)
    assert report is not None
    assert f"irk:{IRK.hex()}" in report[0]
    (frame,) = report_of(report[0], report[1].encode()).frames
    assert frame.identity is not None
    assert frame.identity.startswith("irk:")
    assert IRK.hex() not in frame.identity


def test_a_stranger_is_named_by_nothing_that_is_a_beacon() -> None:
    report = Node("till").report("C0:00:00:00:00:03", -60, bytes.fromhex("07ff4c0010020b00"), 0.0)
    assert report is not None
    assert report_of(report[0], report[1].encode()).frames == ()
