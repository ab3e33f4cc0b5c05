"""D-Bus values to bytes and back, little-endian (specification 0.43, "Marshaling").

Each complete type is compiled once into a writer and a reader; alignment counts from the start
of the buffer, so a message body is encoded into a buffer of its own, which begins aligned to 8.
Values in Python: integers, floats, bool, str (`s`, `o`, `g`), bytes (`ay`), list (other arrays),
tuple (structs), dict (arrays of dict entries), `Variant`.
"""

import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from simulators.dbus.signature import MAX_DEPTH, SIGNATURE_CACHE, WireError, split

MAX_ARRAY_BYTES = 1 << 26
"""64 MiB, the specification's limit for one array."""

Writer = Callable[[bytearray, Any], None]
Reader = Callable[[bytes, int, int], tuple[Any, int]]
"""(data, offset, depth) -> (value, offset after it). Raises `WireError` at the end of `data`."""

Collector = Callable[[bytes, int, int, int], tuple[Any, int]]
"""(data, offset, end, depth) -> (elements, offset after the last)."""


class Variant(NamedTuple):
    """A value that carries its own type.

    Attributes:
        signature: exactly one complete type.
    """

    signature: str
    value: Any


class _Fixed(NamedTuple):
    layout: struct.Struct
    size: int


_FIXED = {
    code: _Fixed(struct.Struct("<" + layout), struct.calcsize("<" + layout))
    for code, layout in {
        "y": "B", "n": "h", "q": "H", "i": "i", "u": "I", "x": "q", "t": "Q", "d": "d", "h": "I",
    }.items()
}  # fmt: skip
_ALIGNMENT = {code: fixed.size for code, fixed in _FIXED.items()} | {
    "b": 4, "s": 4, "o": 4, "a": 4, "g": 1, "v": 1, "(": 8, "{": 8,
}  # fmt: skip
_LENGTH = struct.Struct("<I")


def encode(signature: str, values: tuple[Any, ...]) -> bytes:
    """Marshal `values`, one for each complete type of `signature`."""
    types = split(signature)
    if len(types) != len(values):
        text = f"{len(values)} values for the signature {signature!r}"
        raise WireError(text)
    buffer = bytearray()
    for type_, value in zip(types, values, strict=True):
        _write(buffer, type_, value)
    return bytes(buffer)


def decode(signature: str, data: bytes, offset: int = 0) -> tuple[tuple[Any, ...], int]:
    """The values at `offset` of `data`, and the offset behind the last of them."""
    values = []
    for type_ in split(signature):
        value, offset = _reader(type_)(data, offset, 0)
        values.append(value)
    return tuple(values), offset


def _write(buffer: bytearray, type_: str, value: object) -> None:
    try:
        _writer(type_)(buffer, value)
    except (struct.error, TypeError, ValueError, AttributeError) as err:
        text = f"{value!r} is no value of type {type_!r}"
        raise WireError(text) from err


def _pad(buffer: bytearray, alignment: int) -> None:
    buffer.extend(bytes(-len(buffer) % alignment))


@lru_cache(maxsize=SIGNATURE_CACHE)
def _writer(type_: str) -> Writer:
    code = type_[0]
    if code in _FIXED:
        return _fixed_writer(*_FIXED[code])
    if code == "a":
        return _array_writer(type_[1:])
    if code == "(":
        return _struct_writer(split(type_[1:-1]))
    return _OTHER_WRITERS[code]


def _fixed_writer(layout: struct.Struct, size: int) -> Writer:
    def write(buffer: bytearray, value: Any) -> None:  # noqa: ANN401 - any number
        buffer.extend(bytes(-len(buffer) % size))
        buffer.extend(layout.pack(value))

    return write


def _write_boolean(buffer: bytearray, value: bool) -> None:  # noqa: FBT001 - a value of the wire
    _pad(buffer, 4)
    buffer.extend(_LENGTH.pack(1 if value else 0))


def _write_string(buffer: bytearray, value: str) -> None:
    encoded = value.encode()
    _pad(buffer, 4)
    buffer.extend(_LENGTH.pack(len(encoded)))
    buffer.extend(encoded)
    buffer.append(0)


def _write_signature(buffer: bytearray, value: str) -> None:
    encoded = value.encode("ascii")
    buffer.append(len(encoded))
    buffer.extend(encoded)
    buffer.append(0)


def _write_variant(buffer: bytearray, value: Variant) -> None:
    types = split(value.signature)
    if len(types) != 1:
        text = f"a variant holds one complete type, not {value.signature!r}"
        raise WireError(text)
    _write_signature(buffer, value.signature)
    _write(buffer, types[0], value.value)


_OTHER_WRITERS: dict[str, Writer] = {
    "b": _write_boolean,
    "s": _write_string,
    "o": _write_string,
    "g": _write_signature,
    "v": _write_variant,
}


def _struct_writer(types: tuple[str, ...]) -> Writer:
    def write(buffer: bytearray, value: tuple[Any, ...]) -> None:
        _pad(buffer, 8)
        for type_, member in zip(types, value, strict=True):
            _write(buffer, type_, member)

    return write


def _array_writer(element: str) -> Writer:
    """Length, padding to the element's alignment (not part of the length), elements."""
    alignment = _ALIGNMENT[element[0]]
    fill = _filler(element)

    def write(buffer: bytearray, value: Any) -> None:  # noqa: ANN401 - bytes, list or dict
        _pad(buffer, 4)
        length_at = len(buffer)
        buffer.extend(bytes(4))
        _pad(buffer, alignment)
        start = len(buffer)
        fill(buffer, value)
        _LENGTH.pack_into(buffer, length_at, len(buffer) - start)

    return write


def _filler(element: str) -> Writer:
    if element == "y":
        return bytearray.extend
    if element[0] == "{":
        key_type, value_type = split(element[1:-1])

        def fill_entries(buffer: bytearray, value: dict[Any, Any]) -> None:
            for key, item in value.items():
                _pad(buffer, 8)
                _write(buffer, key_type, key)
                _write(buffer, value_type, item)

        return fill_entries

    def fill_elements(buffer: bytearray, value: list[Any]) -> None:
        for item in value:
            _write(buffer, element, item)

    return fill_elements


def _aligned(data: bytes, offset: int, alignment: int, size: int) -> tuple[int, int]:
    """Where a value of `size` bytes begins after the padding, and where it ends."""
    start = offset + -offset % alignment
    end = start + size
    if end > len(data):
        text = f"the message ends at byte {len(data)}, a value reaches to {end}"
        raise WireError(text)
    return start, end


@lru_cache(maxsize=SIGNATURE_CACHE)
def _reader(type_: str) -> Reader:
    code = type_[0]
    if code in _FIXED:
        return _fixed_reader(*_FIXED[code])
    if code == "a":
        return _array_reader(type_[1:])
    if code == "(":
        return _struct_reader(split(type_[1:-1]))
    return _OTHER_READERS[code]


def _fixed_reader(layout: struct.Struct, size: int) -> Reader:
    def read(data: bytes, offset: int, _depth: int) -> tuple[Any, int]:
        start, end = _aligned(data, offset, size, size)
        return layout.unpack_from(data, start)[0], end

    return read


def _read_length(data: bytes, offset: int) -> tuple[int, int]:
    start, end = _aligned(data, offset, 4, 4)
    return _LENGTH.unpack_from(data, start)[0], end


def _read_boolean(data: bytes, offset: int, _depth: int) -> tuple[bool, int]:
    value, end = _read_length(data, offset)
    if value > 1:
        text = f"a boolean of {value}"
        raise WireError(text)
    return value == 1, end


def _read_text(data: bytes, start: int, length: int) -> tuple[str, int]:
    _, end = _aligned(data, start, 1, length + 1)
    if data[end - 1] != 0:
        text = "a string without its closing zero"
        raise WireError(text)
    try:
        return str(data[start : end - 1], "utf-8"), end
    except UnicodeDecodeError as err:
        text = "a string that is not UTF-8"
        raise WireError(text) from err


def _read_string(data: bytes, offset: int, _depth: int) -> tuple[str, int]:
    length, start = _read_length(data, offset)
    return _read_text(data, start, length)


def _read_signature(data: bytes, offset: int, _depth: int) -> tuple[str, int]:
    start, end = _aligned(data, offset, 1, 1)
    return _read_text(data, end, data[start])


def _read_variant(data: bytes, offset: int, depth: int) -> tuple[Variant, int]:
    if depth > MAX_DEPTH:
        text = "variants nested too deep"
        raise WireError(text)
    signature, offset = _read_signature(data, offset, depth)
    types = split(signature)
    if len(types) != 1:
        text = f"a variant of the signature {signature!r}"
        raise WireError(text)
    value, offset = _reader(types[0])(data, offset, depth + 1)
    return Variant(signature, value), offset


_OTHER_READERS: dict[str, Reader] = {
    "b": _read_boolean,
    "s": _read_string,
    "o": _read_string,
    "g": _read_signature,
    "v": _read_variant,
}


def _struct_reader(types: tuple[str, ...]) -> Reader:
    def read(data: bytes, offset: int, depth: int) -> tuple[tuple[Any, ...], int]:
        offset, _ = _aligned(data, offset, 8, 0)
        members = []
        for type_ in types:
            member, offset = _reader(type_)(data, offset, depth + 1)
            members.append(member)
        return tuple(members), offset

    return read


def _array_reader(element: str) -> Reader:
    alignment = _ALIGNMENT[element[0]]
    collect = _collector(element)

    def read(data: bytes, offset: int, depth: int) -> tuple[Any, int]:
        length, offset = _read_length(data, offset)
        if length > MAX_ARRAY_BYTES:
            text = f"an array of {length} bytes"
            raise WireError(text)
        start, end = _aligned(data, offset, alignment, length)
        value, reached = collect(data, start, end, depth + 1)
        if reached != end:
            text = f"an array whose elements end at byte {reached} instead of {end}"
            raise WireError(text)
        return value, end

    return read


def _collector(element: str) -> Collector:
    """Reads elements until one reaches `end`; the caller checks that it did not pass it."""
    if element == "y":
        return lambda data, offset, end, _depth: (data[offset:end], end)
    if element[0] == "{":
        return _entry_collector(_struct_reader(split(element[1:-1])))
    read = _reader(element)

    def collect(data: bytes, offset: int, end: int, depth: int) -> tuple[list[Any], int]:
        items = []
        while offset < end:
            item, offset = read(data, offset, depth)
            items.append(item)
        return items, offset

    return collect


def _entry_collector(read: Reader) -> Collector:
    def collect(data: bytes, offset: int, end: int, depth: int) -> tuple[dict[Any, Any], int]:
        entries = {}
        while offset < end:
            (key, value), offset = read(data, offset, depth)
            entries[key] = value
        return entries, offset

    return collect
