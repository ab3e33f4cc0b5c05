"""The simulated proxy's own codec: its messages as the vendor's generated classes read them."""

import pytest
from aioesphomeapi.api_pb2 import (  # type: ignore[attr-defined]
    BluetoothLERawAdvertisementsResponse,
    BluetoothScannerStateResponse,
    DeviceInfoResponse,
    HelloResponse,
)
from hypothesis import given
from hypothesis import strategies as st

from simulators.receiver.esphome import wire
from simulators.receiver.esphome.noise import Session, WrongKey, frames
from simulators.receiver.esphome.wire import Garbage, Packet, PlainReader, Scanner

PACKET = st.builds(
    Packet,
    st.binary(min_size=6, max_size=6).map(lambda raw: raw.hex(":").upper()),
    st.integers(-127, 20),
    st.binary(max_size=62),
)


@given(st.lists(PACKET, max_size=wire.BATCH))
def test_a_batch_is_what_the_protocol_says(packets: list[Packet]) -> None:
    read = BluetoothLERawAdvertisementsResponse.FromString(wire.advertisements(packets))
    assert [(one.address, one.rssi, one.data) for one in read.advertisements] == [
        (int(packet.address.replace(":", ""), 16), packet.rssi, packet.ad) for packet in packets
    ]


def test_the_other_messages_are_too() -> None:
    hello = HelloResponse.FromString(wire.hello("till"))
    assert ((hello.api_version_major, hello.api_version_minor), hello.name) == (
        wire.API_VERSION,
        "till",
    )
    about = DeviceInfoResponse.FromString(wire.device_info("till", "AA", encrypted=True))
    assert (about.name, about.mac_address, about.bluetooth_proxy_feature_flags) == (
        "till",
        "AA",
        wire.FEATURES,
    )
    state = BluetoothScannerStateResponse.FromString(wire.scanner_state(Scanner.FAILED))
    assert state.state == Scanner.FAILED


@given(
    st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=300)), max_size=8),
    st.integers(1, 50),
)
def test_plain_frames_are_read_however_they_are_cut(
    messages: list[tuple[int, bytes]], piece: int
) -> None:
    stream = b"".join(wire.frame(kind, body) for kind, body in messages)
    reader = PlainReader()
    pieces = [stream[at : at + piece] for at in range(0, len(stream), piece)]
    assert [message for each in pieces for message in reader.feed(each)] == messages


@given(st.binary(min_size=1, max_size=300))
def test_random_bytes_are_garbage_or_nothing(data: bytes) -> None:
    for read in (lambda: [*PlainReader().feed(data)], lambda: [*frames(bytearray(data))]):
        try:
            read()
        except Garbage:
            continue


@given(st.binary(max_size=100))
def test_a_random_handshake_opens_nothing(message: bytes) -> None:
    session = Session(bytes(32), "till", "aa")
    with pytest.raises((Garbage, WrongKey)):
        session.shake(b"\0" + message)
    assert not session.open
