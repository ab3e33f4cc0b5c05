"""A site's floor for replays: a small file of receivers and zones, or the store's own settings."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final, Protocol

import msgspec
from msgspec import Meta

from edge_agent.capabilities.presence.decide.estimator import SurveyPoint
from edge_agent.capabilities.presence.model import Floor, Point, Policy, Receiver, Zone
from edge_agent.check import BadSettings, Mistake
from edge_agent.radio.listening import FILTERED_KINDS
from edge_agent.survey_file import Survey, read_survey
from edge_agent.toml_lines import Path as KeyPath
from edge_agent.toml_lines import line_of, lines_by_path

LEAST_M: Final = 1.0
"""Of a floor's side: all receivers in a row still hear a strip."""

_PART: Final = re.compile(r"[A-Za-z_]\w*|\d+")
_Metres = Annotated[float, Meta(ge=-1000, le=1000)]
_Point = tuple[_Metres, _Metres]
_Name = Annotated[str, Meta(min_length=1, max_length=256)]


class _Store(msgspec.Struct, frozen=True):
    name: str | dict[str, str] = ""


class _Size(msgspec.Struct, frozen=True):
    width_m: Annotated[float, Meta(gt=0, le=1000)]
    height_m: Annotated[float, Meta(gt=0, le=1000)]


class _Presence(msgspec.Struct, frozen=True):
    gone_after_s: Annotated[float, Meta(gt=0, le=31_536_000)] = 30.0
    path_loss_exponent: Annotated[float, Meta(ge=1.5, le=6)] = 2.4


class _Receiver(msgspec.Struct, frozen=True):
    """`x`, `y`, `z` of a site file, or `position` and `height_m` of store.toml."""

    id: _Name
    x: _Metres | None = None
    y: _Metres | None = None
    z: _Metres | None = None
    position: _Point | None = None
    height_m: Annotated[float, Meta(ge=0, le=30)] = 2.5
    offset_db: Annotated[float, Meta(ge=-40, le=40)] = 0.0
    kind: str = ""


class _Zone(msgspec.Struct, frozen=True):
    id: _Name
    polygon: Annotated[list[_Point], Meta(min_length=3, max_length=64)]
    dwell_s: Annotated[float, Meta(gt=0)] = 10.0


class _File(msgspec.Struct, frozen=True):
    receivers: Annotated[list[_Receiver], Meta(min_length=1)]
    zones: list[_Zone]
    store: _Store = _Store()
    floor: _Size | None = None
    presence: _Presence = _Presence()


@dataclass(frozen=True, slots=True)
class Site:
    """A floor to replay on.

    Attributes:
        name: of the store.
        floor: in metres from its own top left corner.
        origin: where that corner lies in the file's coordinates.
        policy: the rules that the file sets.
    """

    name: str
    floor: Floor
    origin: Point
    policy: Policy

    def survey(self, file: Path | None) -> Survey | None:
        """The survey in `file`, in the floor's metres; raises `BadSurvey`."""
        if file is None:
            return None
        read = read_survey(file, [receiver.id for receiver in self.floor.receivers])
        dx, dy = self.origin
        points = tuple(SurveyPoint(p.x - dx, p.y - dy, p.receiver, p.rssi) for p in read.points)
        return replace(read, points=points)


def load_site(file: Path) -> Site:
    """The site in `file`.

    Raises:
        BadSettings: it cannot be read, or is no site; names the line and the remedy.
    """
    try:
        text = file.read_text("utf-8")
        tree = tomllib.loads(text)
    except OSError as err:
        raise BadSettings([Mistake(file, 1, f"cannot be read: {err.strerror}")]) from err
    except UnicodeDecodeError as err:
        raise BadSettings([Mistake(file, 1, "is not UTF-8 text: save it as UTF-8")]) from err
    except tomllib.TOMLDecodeError as err:
        raise BadSettings([Mistake(file, 1, f"is not TOML: {err}")]) from err
    lines = lines_by_path(text)

    def wrong(path: KeyPath, reason: str) -> BadSettings:
        return BadSettings([Mistake(file, line_of(lines, path), reason)])

    try:
        read = msgspec.convert(tree, _File)
    except msgspec.ValidationError as err:
        reason, _, place = str(err).partition(" - at `")
        raise wrong(_path(place), f"{place.rstrip('`') or 'the file'}: {reason}") from err
    return _site(read, wrong)


class _Wrong(Protocol):
    """Makes the error for a key of the file."""

    def __call__(self, path: KeyPath, reason: str, /) -> BadSettings: ...


def _site(read: _File, wrong: _Wrong) -> Site:
    places = [_place(one, index, wrong) for index, one in enumerate(read.receivers)]
    _refuse_twins("receivers", [one.id for one in read.receivers], wrong)
    _refuse_twins("zones", [one.id for one in read.zones], wrong)
    corners = [*places, *(point for zone in read.zones for point in zone.polygon)]
    origin, width, height = _extent(read.floor, corners)
    name = read.store.name
    return Site(
        name if isinstance(name, str) else name.get("en", next(iter(name.values()), "")),
        Floor(
            width,
            height,
            tuple(
                Zone(one.id, tuple(_from(origin, point) for point in one.polygon), one.dwell_s)
                for one in read.zones
            ),
            tuple(
                Receiver(
                    one.id,
                    _from(origin, place),
                    one.height_m if one.z is None else one.z,
                    one.offset_db,
                    one.kind in FILTERED_KINDS,
                )
                for one, place in zip(read.receivers, places, strict=True)
            ),
        ),
        origin,
        Policy(read.presence.gone_after_s, read.presence.path_loss_exponent),
    )


def _place(one: _Receiver, index: int, wrong: _Wrong) -> Point:
    if one.position is not None:
        return one.position
    if one.x is None or one.y is None:
        text = f"receiver {one.id!r}: say where it hangs, x and y in metres (z is its height)"
        raise wrong(("receivers", index), text)
    return one.x, one.y


def _refuse_twins(table: str, ids: Sequence[str], wrong: _Wrong) -> None:
    for index, name in enumerate(ids):
        if name in ids[:index]:
            raise wrong(
                (table, index), f"id {name!r} stands twice in [[{table}]]: each has its own"
            )


def _extent(size: _Size | None, corners: Sequence[Point]) -> tuple[Point, float, float]:
    """Top left corner, width and height: as said, or of all that the file places."""
    if size is not None:
        return (0.0, 0.0), size.width_m, size.height_m
    left, top = min(0.0, *(x for x, _ in corners)), min(0.0, *(y for _, y in corners))
    width, height = max(x for x, _ in corners) - left, max(y for _, y in corners) - top
    return (left, top), max(width, LEAST_M), max(height, LEAST_M)


def _from(origin: Point, point: Point) -> Point:
    return point[0] - origin[0], point[1] - origin[1]


def _path(place: str) -> KeyPath:
    """The keys in msgspec's word for a place, such as ``$.receivers[2].x``."""
    return tuple(int(part) if part.isdigit() else part for part in _PART.findall(place))
