"""What `profile.toml` says of a family: its line, its sizes, its sensors, its timing."""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import msgspec

Positive = Annotated[float, msgspec.Meta(gt=0)]
Bit = Literal[0, 1]


class BadProfile(Exception):
    """There is no such family, or its profile is wrong; the text names the place."""


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The serial line."""

    baud: Annotated[int, msgspec.Meta(gt=0)]
    data_bits: Literal[7, 8]
    parity: Literal["N", "E", "O"]
    stop_bits: Literal[1, 2]

    def seconds(self, octets: int) -> float:
        """How long `octets` bytes occupy the line, start, parity and stop bits included."""
        bits = 1 + self.data_bits + (self.parity != "N") + self.stop_bits
        return octets * bits / self.baud


class Sizes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much hangs on one line."""

    locks_per_board: Annotated[int, msgspec.Meta(gt=0)]
    boards: Annotated[int, msgspec.Meta(gt=0)]


class Sensors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which bit means what; depends on the switches that are mounted (NO or NC).

    Attributes:
        closed: the hook bit of a closed door.
        occupied: the infrared bit of an occupied compartment; None: no sensors mounted.
    """

    closed: Bit
    occupied: Bit | None = None


class Timing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds.

    Attributes:
        reply: how long to wait for a status reply.
        quiet: silence between the end of one exchange and the next request.
        poll: between two readings of the sensors while nothing is being opened.
        poll_opening: the same while a door is being opened.
        confirm: how long after a pulse the hook may take to show open.
        cool_down: rest of the coil between two pulses.
    """

    reply: Positive
    quiet: Positive
    poll: Positive
    poll_opening: Positive
    confirm: Positive
    cool_down: Positive


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A family of lock boards."""

    family: str
    name: str
    line: Line
    sizes: Sizes
    sensors: Sensors
    timing: Timing


def load(family: str) -> Profile:
    """The profile that ships with `family`; raises `BadProfile`."""
    folder = files("device_profiles.lockers") / family
    if not family.isidentifier() or not (folder / "profile.toml").is_file():
        text = f"{family!r} is no known family of lockers"
        raise BadProfile(text)
    return _parse((folder / "profile.toml").read_text(encoding="utf-8"), f"{family}/profile.toml")


def load_file(file: Path) -> Profile:
    """A site's own copy of a profile (other switches, slower boards); raises `BadProfile`."""
    try:
        return _parse(file.read_text(encoding="utf-8"), str(file))
    except OSError as err:
        text = f"{file}: {err.strerror}"
        raise BadProfile(text) from err
    except UnicodeDecodeError as err:
        text = f"{file}: is not UTF-8 text"
        raise BadProfile(text) from err


def _parse(text: str, place: str) -> Profile:
    try:
        return msgspec.convert(tomllib.loads(text), Profile)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as err:
        problem = f"{place}: {err}"
        raise BadProfile(problem) from err
