"""The floor plan, as `store.toml` draws it: metres, the origin at one corner, y downwards."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).parents[1] / "demo" / "store.toml"
"""The demo's store, for who brings none."""

Point = tuple[float, float]
Wall = tuple[float, float, float, float]
"""A straight wall from (x1, y1) to (x2, y2)."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A named area.

    Attributes:
        kind: entrance, shelf, fitting, pickup, till or floor.
        dwell_s: how long a visit must last before the store calls it one; None where it never does.
    """

    id: str
    kind: str
    polygon: tuple[Point, ...]
    dwell_s: float | None

    def contains(self, at: Point) -> bool:
        """Whether `at` lies inside (even-odd rule; a point on the border may fall either way)."""
        x, y = at
        inside = False
        before = self.polygon[-1]
        for corner in self.polygon:
            (x1, y1), (x2, y2) = before, corner
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                inside = not inside
            before = corner
        return inside

    @property
    def centre(self) -> Point:
        """The mean of the corners: inside for the convex zones that shops draw."""
        xs, ys = zip(*self.polygon, strict=True)
        return sum(xs) / len(xs), sum(ys) / len(ys)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The bounding box: left, top, right, bottom."""
        xs, ys = zip(*self.polygon, strict=True)
        return min(xs), min(ys), max(xs), max(ys)


@dataclass(frozen=True, slots=True)
class Receiver:
    """A radio at a fixed place.

    Attributes:
        kind: ``bluez`` (an adapter of the gateway), ``omg``, ``espresense`` (heard over the store
            broker), ``esphome`` or ``gateway`` (another gateway of ours).
        unit: the adapter's name (``hci0``), the name in the MQTT topic, the host or the device.
        height_m: above the floor.
    """

    id: str
    kind: str
    unit: str
    position: Point
    height_m: float = 2.5


@dataclass(frozen=True, slots=True)
class FixedBeacon:
    """A beacon of the store's own that does not move.

    Attributes:
        role: ``reference`` or ``sensor``.
        identity: as the settings name it.
    """

    id: str
    role: str
    identity: str
    position: Point


@dataclass(frozen=True, slots=True)
class Mirror:
    """A fitting-room mirror and the zone that it hangs in."""

    id: str
    zone: str
    position: Point


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """Everything of a store that a body or a radio wave can meet."""

    width_m: float
    height_m: float
    walls: tuple[Wall, ...]
    zones: tuple[Zone, ...]
    receivers: tuple[Receiver, ...]
    mirrors: tuple[Mirror, ...]
    lockers: Mapping[str, Point]
    beacons: tuple[FixedBeacon, ...] = ()

    def zone(self, zone_id: str) -> Zone:
        """The zone of that id.

        Raises:
            KeyError: when the plan has none.
        """
        for zone in self.zones:
            if zone.id == zone_id:
                return zone
        raise KeyError(zone_id)

    def zone_at(self, at: Point) -> Zone | None:
        """The zone that `at` lies in; None on the open floor."""
        return next((zone for zone in self.zones if zone.contains(at)), None)

    def of_kind(self, kind: str) -> Sequence[Zone]:
        """The zones of one kind, in the order of the file."""
        return [zone for zone in self.zones if zone.kind == kind]


def load_plan(path: Path) -> FloorPlan:
    """The floor plan in a `store.toml`.

    Raises:
        OSError: when the file cannot be read.
        tomllib.TOMLDecodeError: when it is no TOML.
        KeyError: when it lacks a table that a plan needs.
    """
    return read_plan(tomllib.loads(path.read_text(encoding="utf-8")))


def read_plan(store: Mapping[str, Any]) -> FloorPlan:
    """The floor plan in the tables of a `store.toml`."""
    floor = store["floor"]
    return FloorPlan(
        width_m=float(floor["width_m"]),
        height_m=float(floor["height_m"]),
        walls=tuple((float(a), float(b), float(c), float(d)) for a, b, c, d in floor["walls"]),
        zones=tuple(_zone(zone) for zone in store["zones"]),
        receivers=tuple(_receiver(receiver) for receiver in store["receivers"]),
        mirrors=tuple(
            Mirror(mirror["id"], mirror["zone"], _point(mirror["position"]))
            for mirror in store.get("mirrors", [])
        ),
        lockers={bank["id"]: _point(bank["position"]) for bank in store.get("lockers", [])},
        beacons=tuple(_beacon(each) for each in store.get("beacons", []) if "position" in each),
    )


def _zone(table: Mapping[str, Any]) -> Zone:
    polygon = tuple(_point(corner) for corner in table["polygon"])
    return Zone(table["id"], table["kind"], polygon, table.get("dwell_s"))


def _receiver(table: Mapping[str, Any]) -> Receiver:
    unit = table[_UNITS[table["kind"]]]
    height = float(table.get("height_m", 2.5))
    return Receiver(table["id"], table["kind"], unit, _point(table["position"]), height)


_UNITS = {
    "bluez": "adapter",
    "omg": "gateway",
    "espresense": "node",
    "esphome": "host",
    "gateway": "device",
}
"""Kind of receiver: the field of its table that names it on its wire."""


def _beacon(table: Mapping[str, Any]) -> FixedBeacon:
    identity = table.get("identity", "")
    return FixedBeacon(table["id"], table["role"], identity, _point(table["position"]))


def _point(pair: Sequence[float]) -> Point:
    x, y = pair
    return float(x), float(y)
