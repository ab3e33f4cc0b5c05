"""Protocol buffers by hand: the few messages of a Bluetooth proxy, and plain-text framing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

VARINT, LENGTH_DELIMITED = 0, 2

MORE, SEVEN_BITS = 0x80, 0x7F
"""Of a byte of a number: whether another follows, and what it carries."""

API_VERSION = (1, 12)

STATE_AND_MODE = 1 << 6
FEATURES = 1 << 0 | 1 << 5 | STATE_AND_MODE
"""Of the proxy: passive scan, raw advertisements, state and mode."""

BATCH = 16
"""Advertisements of one message; the firmware's own number."""

RANDOM_ADDRESS = 1

REFUSAL = b"\x00Bad indicator byte"
"""What plain-text firmware says to a client that encrypts, before it hangs up."""


class Kind(IntEnum):
    """Message types (`api.proto`, option id)."""

    HELLO = 1
    HELLO_RESPONSE = 2
    AUTHENTICATION = 3
    AUTHENTICATION_RESPONSE = 4
    DISCONNECT = 5
    DISCONNECT_RESPONSE = 6
    PING = 7
    PING_RESPONSE = 8
    DEVICE_INFO = 9
    DEVICE_INFO_RESPONSE = 10
    SUBSCRIBE_ADVERTISEMENTS = 66
    UNSUBSCRIBE_ADVERTISEMENTS = 87
    RAW_ADVERTISEMENTS = 93
    SCANNER_STATE = 126
    SCANNER_SET_MODE = 127


class Scanner(IntEnum):
    """The scanner's state (`api.proto`, BluetoothScannerState)."""

    IDLE = 0
    STARTING = 1
    RUNNING = 2
    FAILED = 3
    STOPPING = 4
    STOPPED = 5


@dataclass(frozen=True, slots=True)
class Packet:
    """One advertisement as the proxy heard it."""

    address: str
    rssi: int
    ad: bytes


class Garbage(Exception):
    """Bytes that are no frame; the connection is worth nothing any more."""


def varint(value: int) -> bytes:
    """A number in seven bits a byte, the least significant first."""
    out = bytearray()
    while value > SEVEN_BITS:
        out.append(value & SEVEN_BITS | MORE)
        value >>= 7
    out.append(value)
    return bytes(out)


def zigzag(value: int) -> int:
    """A signed number as sint32 carries it."""
    return value << 1 if value >= 0 else (-value << 1) - 1


def _number(field: int, value: int) -> bytes:
    return varint(field << 3 | VARINT) + varint(value) if value else b""


def _text(field: int, value: bytes) -> bytes:
    return varint(field << 3 | LENGTH_DELIMITED) + varint(len(value)) + value


def hello(name: str) -> bytes:
    """HelloResponse."""
    major, minor = API_VERSION
    return (
        _number(1, major)
        + _number(2, minor)
        + _text(3, b"store-sim (simulated ESPHome)")
        + _text(4, name.encode())
    )


def device_info(name: str, mac: str, *, encrypted: bool, features: int = FEATURES) -> bytes:
    """DeviceInfoResponse of a proxy."""
    return (
        _text(2, name.encode())
        + _text(3, mac.encode())
        + _text(4, b"2026.11.0")
        + _text(6, b"esp32dev")
        + _text(12, b"Espressif")
        + _number(15, features)
        + _number(19, int(encrypted))
    )


def scanner_state(state: Scanner) -> bytes:
    """BluetoothScannerStateResponse; the mode is passive, which is zero."""
    return _number(1, state)


def advertisements(packets: Sequence[Packet]) -> bytes:
    """BluetoothLERawAdvertisementsResponse of at most `BATCH` packets."""
    out = b""
    for packet in packets:
        body = (
            _number(1, int(packet.address.replace(":", ""), 16))
            + _number(2, zigzag(packet.rssi))
            + _number(3, RANDOM_ADDRESS)
            + _text(4, packet.ad)
        )
        out += _text(1, body)
    return out


def frame(kind: int, body: bytes) -> bytes:
    """A message in plain text: zero, length, type, all but the first as numbers."""
    return b"\x00" + varint(len(body)) + varint(kind) + body


class PlainReader:
    """Takes a plain-text stream apart, however it is cut."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Type and body of each whole message; raises `Garbage`."""
        self._buffer += data
        while self._buffer:
            if self._buffer[0]:
                msg = f"a frame begins with {self._buffer[0]:#04x}"
                raise Garbage(msg)
            found = _header(self._buffer)
            if found is None or len(self._buffer) < found[0] + found[1]:
                return
            start, length, kind = found
            body, self._buffer = (
                self._buffer[start : start + length],
                self._buffer[start + length :],
            )
            yield kind, body


LONGEST_NUMBER = 4
"""Bytes of a length or type; the protocol's own limit is 16 bits."""


def _header(buffer: bytes) -> tuple[int, int, int] | None:
    """Where the body starts, its length, its type; None while the header is not whole."""
    numbers = []
    at = 1
    for _ in range(2):
        value = 0
        for place in range(LONGEST_NUMBER + 1):
            if place == LONGEST_NUMBER:
                msg = "a number without an end"
                raise Garbage(msg)
            if at >= len(buffer):
                return None
            value |= (buffer[at] & SEVEN_BITS) << 7 * place
            at += 1
            if buffer[at - 1] < MORE:
                break
        numbers.append(value)
    return at, numbers[0], numbers[1]
