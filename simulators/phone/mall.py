"""Walks and floors of `data/ble_mall`: what a surveyor's phone heard and where, shops as GeoJSON.

Indoor Location Competition 2.0, MIT; the formats are in its `README.upstream.md`.

Most of that mall's beacons share their numbers with others (one triple comes from 530 addresses),
so each transmitter is renumbered here, as a store that wants to tell its beacons apart does: minor
is the rank of its address among those of the floor that were heard often.
"""

import csv
import gzip
import json
import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulators.phone.client import Entry

OWN_UUID = "0b1e3a11-9a11-4a11-8a11-0123456789ab"
HEARD_OFTEN = 20
"""Sightings of a transmitter on its floor from which on its place can be guessed."""

MOST_CORNERS = 64
"""Of a zone, in `store.toml`."""

DEGREE_M = 111_320.0
"""Metres of a degree of latitude."""

Point = tuple[float, float]


class NoSuchWalk(Exception):
    """The data have no such floor or path; the text says what there is."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One row of ``*_beacons.csv.gz``; `at` in seconds since 1970."""

    path: str
    at: float
    address: str
    rssi: float


class Floor:
    """What was heard on one floor of one site."""

    def __init__(self, data: Path, site: str, floor: str) -> None:
        """Reads the whole floor.

        Raises:
            OSError: the data are not there.
            NoSuchWalk: the site has no such floor.
        """
        rows = [row for row in _rows(data / f"{site}_beacons.csv.gz") if row["floor"] == floor]
        if not rows:
            known = sorted({row["floor"] for row in _rows(data / f"{site}_beacons.csv.gz")})
            msg = f"{site} has no floor {floor!r}; there are {', '.join(known)}"
            raise NoSuchWalk(msg)
        self._map = data / site / f"{floor}_geojson_map.json.gz"
        info = json.loads(
            gzip.decompress((data / site / f"{floor}_floor_info.json.gz").read_bytes())
        )
        self.width_m = float(info["map_info"]["width"])
        self.height_m = float(info["map_info"]["height"])
        self.sightings = [
            Sighting(row["path"], int(row["t_ms"]) / 1000, row["mac"], float(row["rssi"]))
            for row in rows
        ]
        self._ways = _ways(_rows(data / f"{site}_waypoints.csv.gz"), floor)
        often = Counter(one.address for one in self.sightings)
        named = sorted(address for address, count in often.items() if count >= HEARD_OFTEN)
        self._minor = {address: minor for minor, address in enumerate(named, 1)}

    @property
    def paths(self) -> Sequence[str]:
        """The walks, the one with most sightings first."""
        return [path for path, _ in Counter(one.path for one in self.sightings).most_common()]

    def identity(self, address: str) -> str | None:
        """How the renumbered transmitter names itself; None for one that was hardly heard."""
        minor = self._minor.get(address)
        return None if minor is None else f"ibeacon:{OWN_UUID}:1:{minor}"

    def walk(self, path: str) -> Iterator[tuple[float, Sequence[Entry], Point | None]]:
        """For each second of a walk: the second, what the phone heard in it, where it was.

        Raises:
            NoSuchWalk: the floor has no such path.
        """
        heard = sorted((one for one in self.sightings if one.path == path), key=lambda one: one.at)
        if not heard:
            msg = f"no walk {path!r} on this floor; the longest are {', '.join(self.paths[:3])}"
            raise NoSuchWalk(msg)
        start = math.floor(heard[0].at)
        by_second: defaultdict[int, list[Entry]] = defaultdict(list)
        for one in heard:
            identity = self.identity(one.address)
            if identity is not None:
                entry = Entry(identity, one.rssi, one.at - start)
                by_second[int(one.at - start) + 1].append(entry)
        for second in range(1, int(heard[-1].at - start) + 2):
            yield float(second), by_second[second], self._place(path, start + second)

    def beacons(self) -> Iterator[tuple[str, Point]]:
        """Each named transmitter's identity and its place: the mean of where it was heard.

        The loud weigh most, by amplitude: 10 dB count threefold.
        """
        sums: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
        for one in self.sightings:
            place = self._place(one.path, one.at)
            if place is not None and one.address in self._minor:
                weight = 10 ** (one.rssi / 20)
                total = sums[one.address]
                total[0] += weight * place[0]
                total[1] += weight * place[1]
                total[2] += weight
        for address, (x, y, weight) in sorted(sums.items()):
            identity = self.identity(address)
            if identity is not None:
                yield identity, (x / weight, y / weight)

    def shops(self) -> Iterator[tuple[str, Sequence[Point]]]:
        """Name and polygon of each shop, in metres from the top left."""
        tree = json.loads(gzip.decompress(self._map.read_bytes()))
        rings = [(_name(feature), ring) for feature in tree["features"] for ring in _rings(feature)]
        outline = rings[0][1]
        west, north = min(x for x, _ in outline), max(y for _, y in outline)
        metres_x = DEGREE_M * math.cos(math.radians(north))
        for name, ring in rings[1:]:
            corners = [((x - west) * metres_x, (north - y) * DEGREE_M) for x, y in ring[:-1]]
            inside = all(0 <= x <= self.width_m and 0 <= y <= self.height_m for x, y in corners)
            if name and inside and 3 <= len(corners) <= MOST_CORNERS:  # noqa: PLR2004 - a polygon
                yield name, corners

    def _place(self, path: str, at: float) -> Point | None:
        """Between two waypoints of the walk; y turned to run downwards."""
        way = self._ways.get(path, [])
        after = bisect_right(way, (at, math.inf, math.inf))
        if not way or not 0 < after < len(way):
            return None
        (t1, x1, y1), (t2, x2, y2) = way[after - 1], way[after]
        share = (at - t1) / (t2 - t1) if t2 > t1 else 0.0
        return x1 + share * (x2 - x1), self.height_m - (y1 + share * (y2 - y1))


def _rows(file: Path) -> Iterator[Mapping[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _ways(
    rows: Iterator[Mapping[str, str]], floor: str
) -> dict[str, list[tuple[float, float, float]]]:
    ways: defaultdict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for row in rows:
        if row["floor"] == floor:
            at = int(row["t_ms"]) / 1000
            ways[row["path"]].append((at, float(row["x"]), float(row["y"])))
    return {path: sorted(way) for path, way in ways.items()}


def _name(feature: Mapping[str, Any]) -> str:
    return str(feature["properties"].get("name") or "")


def _rings(feature: Mapping[str, Any]) -> Sequence[Sequence[Point]]:
    """The outer rings of a feature, as longitude and latitude."""
    geometry = feature["geometry"]
    polygons = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    elif geometry["type"] != "MultiPolygon":
        return []
    return [[(corner[0], corner[1]) for corner in polygon[0]] for polygon in polygons]
