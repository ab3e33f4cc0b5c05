"""The objects inside a BTHome v2 payload: which id is what, how long, in which unit.

Source: bthome.io/format; names and rounding as the library bthome-ble 3.25 gives them, which a
test compares id by id.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from enum import IntEnum
from typing import Annotated, Any, NamedTuple, TypedDict

import msgspec

Value = Annotated[int, msgspec.Meta(ge=-(2**48), le=2**48)] | float | str
"""No number of the format is longer than 4 bytes; frames of another gateway are held to it."""


class Event(TypedDict):
    """What was done to a button, dimmer or remote, and how far or with which arguments."""

    event: str
    properties: dict[str, int | str] | None


class Readings(NamedTuple):
    """The objects of one payload by group."""

    measurements: dict[str, Value]
    binary: dict[str, bool]
    events: dict[str, Event]


class Group(IntEnum):
    """Where an object's value goes: an index into `Readings`, or nowhere."""

    MEASUREMENT = 0
    BINARY = 1
    EVENT = 2
    DEVICE = 3  # device type and firmware version: about the device, not a reading


PREFIXED = 0
"""Length of an object whose first byte says how many follow."""
COMMAND = -1
"""Length of a command: the low 5 bits of its first byte count the arguments after the opcode."""
COMMAND_ARGUMENTS = 0x1F


class ObjectType(NamedTuple):
    """One row of the table.

    Attributes:
        length: bytes of the value, or `PREFIXED`, or `COMMAND`.
        value: the value's bytes to what they mean; None where they mean nothing.
    """

    group: Group
    name: str
    length: int
    value: Callable[[bytes], Any]


def parse(body: bytes) -> Readings:
    """The readings of a plain body, up to the first unknown or truncated object."""
    found: dict[tuple[Group, str], list[Any]] = {}
    for kind, raw in _objects(body):
        found.setdefault((kind.group, kind.name), []).append(kind.value(raw))
    readings = Readings({}, {}, {})
    for (group, name), values in found.items():
        if group is Group.DEVICE:
            continue
        for number, value in enumerate(values, 1):
            if value is not None:
                readings[group][f"{name}_{number}" if len(values) > 1 else name] = value
    return readings


def _objects(body: bytes) -> Iterator[tuple[ObjectType, bytes]]:
    position = 0
    while position < len(body) and (kind := OBJECTS.get(body[position])):
        start = position + 1
        length = kind.length
        if length <= 0:
            if start == len(body):
                return
            length = body[start] if length == PREFIXED else 1 + (body[start] & COMMAND_ARGUMENTS)
            start += 1
        position = start + length
        if position > len(body):
            return
        if length:
            yield kind, body[start:position]


def _number(name: str, length: int, factor: float, *, signed: bool) -> ObjectType:
    if factor == 1:
        return ObjectType(
            Group.MEASUREMENT,
            name,
            length,
            lambda raw: int.from_bytes(raw, "little", signed=signed),
        )
    decimals = -int(f"{factor:e}".partition("e")[2])
    return ObjectType(
        Group.MEASUREMENT,
        name,
        length,
        lambda raw: round(int.from_bytes(raw, "little", signed=signed) * factor, decimals),
    )


def _unsigned(name: str, length: int, factor: float = 1) -> ObjectType:
    return _number(name, length, factor, signed=False)


def _signed(name: str, length: int, factor: float = 1) -> ObjectType:
    return _number(name, length, factor, signed=True)


def _flag(name: str) -> ObjectType:
    return ObjectType(Group.BINARY, name, 1, lambda raw: raw[0] != 0)


def _device(name: str, length: int) -> ObjectType:
    return ObjectType(Group.DEVICE, name, length, bytes.hex)


def _timestamp(raw: bytes) -> str:
    return datetime.fromtimestamp(int.from_bytes(raw, "little"), UTC).isoformat()


def _text(raw: bytes) -> str | None:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


BUTTON = {
    0x01: "press",
    0x02: "double_press",
    0x03: "triple_press",
    0x04: "long_press",
    0x05: "long_double_press",
    0x06: "long_triple_press",
    0x80: "hold_press",
    0x81: "hold_release",
}
DIMMER = {0x01: "rotate_left", 0x02: "rotate_right"}
COMMANDS = {0x00: "off", 0x01: "on", 0x02: "toggle", 0x03: "step_up", 0x04: "step_down"}


def _event(
    name: str,
    length: int,
    names: Mapping[int, str],
    properties: Callable[[bytes], dict[str, int | str] | None],
) -> ObjectType:
    def value(raw: bytes) -> Event | None:
        if (event := names.get(raw[0])) is None:
            return None
        return Event(event=event, properties=properties(raw[1:]))

    return ObjectType(Group.EVENT, name, length, value)


OBJECTS: Mapping[int, ObjectType] = {
    0x00: _unsigned("packet_id", 1),
    0x01: _unsigned("battery", 1),  # %
    0x02: _signed("temperature", 2, 0.01),  # degrees Celsius
    0x03: _unsigned("humidity", 2, 0.01),  # %
    0x04: _unsigned("pressure", 3, 0.01),  # hPa
    0x05: _unsigned("illuminance", 3, 0.01),  # lx
    0x06: _unsigned("mass", 2, 0.01),  # kg
    0x07: _unsigned("mass", 2, 0.01),  # lb
    0x08: _signed("dew_point", 2, 0.01),  # degrees Celsius
    0x09: _unsigned("count", 1),
    0x0A: _unsigned("energy", 3, 0.001),  # kWh
    0x0B: _unsigned("power", 3, 0.01),  # W
    0x0C: _unsigned("voltage", 2, 0.001),  # V
    0x0D: _unsigned("pm25", 2),  # ug/m3
    0x0E: _unsigned("pm10", 2),  # ug/m3
    0x0F: _flag("generic"),
    0x10: _flag("power"),
    0x11: _flag("opening"),
    0x12: _unsigned("carbon_dioxide", 2),  # ppm
    0x13: _unsigned("volatile_organic_compounds", 2),  # ug/m3
    0x14: _unsigned("moisture", 2, 0.01),  # %
    0x15: _flag("battery"),
    0x16: _flag("battery_charging"),
    0x17: _flag("carbon_monoxide"),
    0x18: _flag("cold"),
    0x19: _flag("connectivity"),
    0x1A: _flag("door"),
    0x1B: _flag("garage_door"),
    0x1C: _flag("gas"),
    0x1D: _flag("heat"),
    0x1E: _flag("light"),
    0x1F: _flag("lock"),
    0x20: _flag("moisture"),
    0x21: _flag("motion"),
    0x22: _flag("moving"),
    0x23: _flag("occupancy"),
    0x24: _flag("plug"),
    0x25: _flag("presence"),
    0x26: _flag("problem"),
    0x27: _flag("running"),
    0x28: _flag("safety"),
    0x29: _flag("smoke"),
    0x2A: _flag("sound"),
    0x2B: _flag("tamper"),
    0x2C: _flag("vibration"),
    0x2D: _flag("window"),
    0x2E: _unsigned("humidity", 1),  # %
    0x2F: _unsigned("moisture", 1),  # %
    0x3A: _event("button", 1, BUTTON, lambda _: None),
    0x3B: _event("command", COMMAND, COMMANDS, lambda rest: {"args": rest.hex()}),
    0x3C: _event("dimmer", 2, DIMMER, lambda rest: {"steps": rest[0]}),
    0x3D: _unsigned("count", 2),
    0x3E: _unsigned("count", 4),
    0x3F: _signed("rotation", 2, 0.1),  # degrees
    0x40: _unsigned("distance", 2),  # mm
    0x41: _unsigned("distance", 2, 0.1),  # m
    0x42: _unsigned("duration", 3, 0.001),  # s
    0x43: _unsigned("current", 2, 0.001),  # A
    0x44: _unsigned("speed", 2, 0.01),  # m/s
    0x45: _signed("temperature", 2, 0.1),  # degrees Celsius
    0x46: _unsigned("uv_index", 1, 0.1),
    0x47: _unsigned("volume", 2, 0.1),  # l
    0x48: _unsigned("volume", 2),  # ml
    0x49: _unsigned("volume_flow_rate", 2, 0.001),  # m3/h
    0x4A: _unsigned("voltage", 2, 0.1),  # V
    0x4B: _unsigned("gas", 3, 0.001),  # m3
    0x4C: _unsigned("gas", 4, 0.001),  # m3
    0x4D: _unsigned("energy", 4, 0.001),  # kWh
    0x4E: _unsigned("volume", 4, 0.001),  # l
    0x4F: _unsigned("water", 4, 0.001),  # l
    0x50: ObjectType(Group.MEASUREMENT, "timestamp", 4, _timestamp),
    0x51: _unsigned("acceleration", 2, 0.001),  # m/s2
    0x52: _unsigned("gyroscope", 2, 0.001),  # degrees/s
    0x53: ObjectType(Group.MEASUREMENT, "text", PREFIXED, _text),
    0x54: ObjectType(Group.MEASUREMENT, "raw", PREFIXED, bytes.hex),
    0x55: _unsigned("volume_storage", 4, 0.001),  # l
    0x56: _unsigned("conductivity", 2),  # uS/cm
    0x57: _signed("temperature", 1),  # degrees Celsius
    0x58: _signed("temperature", 1, 0.35),  # degrees Celsius
    0x59: _signed("count", 1),
    0x5A: _signed("count", 2),
    0x5B: _signed("count", 4),
    0x5C: _signed("power", 4, 0.01),  # W
    0x5D: _signed("current", 2, 0.001),  # A
    0x5E: _unsigned("direction", 2, 0.01),  # degrees
    0x5F: _unsigned("precipitation", 2, 0.1),  # mm
    0x60: _unsigned("channel", 1),
    0x61: _unsigned("rotational_speed", 2),  # rpm
    0x62: _signed("speed", 4, 0.000001),  # m/s
    0x63: _signed("acceleration", 4, 0.000001),  # m/s2
    0x64: _unsigned("light_level", 1),
    0x65: _unsigned("settings_revision", 1),
    0xF0: _device("device_type_id", 2),
    0xF1: _device("firmware_version", 4),
    0xF2: _device("firmware_version", 3),
}
