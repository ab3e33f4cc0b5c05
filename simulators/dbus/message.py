"""One D-Bus message: header fields decoded, body kept as bytes until somebody asks for it.

The bus routes by header and stamps the sender; it never looks into the body of a message that
no rule with an argument asks about (specification 0.43, "Message Format").
"""

import struct
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property, lru_cache
from typing import Any

from simulators.dbus import codec
from simulators.dbus.codec import Variant
from simulators.dbus.signature import WireError

LITTLE_ENDIAN = ord("l")
PROTOCOL_VERSION = 1
FIXED_HEADER = 16
"""Bytes before the header fields: 12 fixed ones and the length of the field array."""

MAX_MESSAGE_BYTES = 1 << 20
"""1 MiB. The specification allows 128 MiB; org.bluez with 1,000 devices answers in 0.6 MiB."""

_NUMBERS = struct.Struct("<II")
_NUMBERS_AT, _FIELDS_AT = 4, 12
"""Where the body's length and the serial stand: all that a repeated signal changes in it."""

HEADERS = 4096
"""Headers remembered: a crowded mall shows 2,000 transmitters, whose signals pass the bus with and
without their sender."""

NO_REPLY_EXPECTED = 0x1

_FIELDS = (
    ("path", 1, "o"),
    ("interface", 2, "s"),
    ("member", 3, "s"),
    ("error_name", 4, "s"),
    ("reply_serial", 5, "u"),
    ("destination", 6, "s"),
    ("sender", 7, "s"),
    ("signature", 8, "g"),
)
_FIELD_OF_CODE = {code: (name, type_) for name, code, type_ in _FIELDS}


class Kind(IntEnum):
    """The four message types."""

    CALL = 1
    RETURN = 2
    ERROR = 3
    SIGNAL = 4


@dataclass(frozen=True, eq=False)
class Message:
    """A message; what its kind does not use is empty or 0.

    Attributes:
        serial: given by the sender, never 0 on the wire.
        body: the arguments, marshalled by `signature`.
    """

    kind: Kind
    serial: int = 0
    flags: int = 0
    path: str = ""
    interface: str = ""
    member: str = ""
    error_name: str = ""
    reply_serial: int = 0
    destination: str = ""
    sender: str = ""
    signature: str = ""
    body: bytes = b""

    @property
    def wants_reply(self) -> bool:
        """Whether the sender of this call waits for an answer."""
        return self.kind is Kind.CALL and not self.flags & NO_REPLY_EXPECTED

    @cached_property
    def arguments(self) -> tuple[Any, ...]:
        """The decoded body; raises `WireError` when it does not fit the signature."""
        return codec.decode(self.signature, self.body)[0]

    def sent_by(self, sender: str, serial: int) -> "Message":
        """The same message with the sender that the bus vouches for and that sender's serial."""
        return replace(self, sender=sender, serial=serial)

    def answer(self, signature: str = "", *arguments: object) -> "Message":
        """The reply that returns `arguments` to the caller."""
        return Message(
            Kind.RETURN,
            reply_serial=self.serial,
            destination=self.sender,
            signature=signature,
            body=codec.encode(signature, arguments),
        )

    def refusal(self, error_name: str, text: str) -> "Message":
        """The reply that tells the caller of an error."""
        return Message(
            Kind.ERROR,
            reply_serial=self.serial,
            destination=self.sender,
            error_name=error_name,
            signature="s",
            body=codec.encode("s", (text,)),
        )

    def encode(self) -> bytes:
        """The bytes for the socket."""
        fields = tuple([getattr(self, name) for name, _, _ in _FIELDS])
        header = _header(self.kind, self.flags, fields)
        numbers = _NUMBERS.pack(len(self.body), self.serial)
        return b"".join((header[:_NUMBERS_AT], numbers, header[_FIELDS_AT:], self.body))


@lru_cache(maxsize=HEADERS)
def _header(kind: Kind, flags: int, fields: tuple[Any, ...]) -> bytes:
    """The header with zeros for the body's length and the serial, padded to where a body begins."""
    told = [
        (code, Variant(type_, value))
        for (_, code, type_), value in zip(_FIELDS, fields, strict=True)
        if value
    ]
    header = codec.encode("yyyyuua(yv)", (LITTLE_ENDIAN, kind, flags, PROTOCOL_VERSION, 0, 0, told))
    return header + bytes(-len(header) % 8)


def signal(path: str, interface: str, member: str, signature: str, *arguments: object) -> Message:
    """A broadcast signal; the peer that emits it adds serial and sender."""
    return Message(
        Kind.SIGNAL,
        path=path,
        interface=interface,
        member=member,
        signature=signature,
        body=codec.encode(signature, arguments),
    )


def frame_length(data: bytes | bytearray) -> int | None:
    """How many bytes the message at the start of `data` has; None when too few are there to say.

    Raises `WireError` for bytes that cannot begin a message this bus carries.
    """
    if data and data[0] != LITTLE_ENDIAN:
        text = f"a message that begins with byte {data[0]:#04x}; this bus is little-endian"
        raise WireError(text)
    if len(data) < FIXED_HEADER:
        return None
    body = int.from_bytes(data[4:8], "little")
    fields = int.from_bytes(data[12:16], "little")
    length = FIXED_HEADER + fields + -fields % 8 + body
    if length > MAX_MESSAGE_BYTES:
        text = f"a message of {length} bytes, {MAX_MESSAGE_BYTES} are allowed"
        raise WireError(text)
    return length


def decode(data: bytes) -> Message:
    """The message in `data`, which is exactly one frame."""
    head, end = codec.decode("yyyyuua(yv)", data)
    _, kind, flags, version, body_length, serial, pairs = head
    start = end + -end % 8
    if version != PROTOCOL_VERSION or len(data) != start + body_length or serial == 0:
        text = f"protocol {version}, serial {serial}, {len(data)} bytes instead of the announced"
        raise WireError(text)
    return Message(
        _kind(kind), serial=serial, flags=flags, body=data[start:], **_known_fields(pairs)
    )


def _kind(code: int) -> Kind:
    try:
        return Kind(code)
    except ValueError as err:
        text = f"a message of the unknown type {code}"
        raise WireError(text) from err


def _known_fields(pairs: list[tuple[int, Variant]]) -> dict[str, Any]:
    """Header fields by attribute; unknown ones are ignored, as the specification asks."""
    fields = {}
    for code, variant in pairs:
        name, type_ = _FIELD_OF_CODE.get(code, ("", ""))
        if not name:
            continue
        if variant.signature != type_:
            text = f"header field {name} of type {variant.signature!r}"
            raise WireError(text)
        fields[name] = variant.value
    return fields
