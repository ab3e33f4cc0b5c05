"""What a replay was worth: its decisions against the truth of the recording, where there is one.

Truth lies beside a recording, ``x.truth.jsonl.gz`` beside ``x.sightings.jsonl.gz``: lines of
``{"t", "x", "y"}`` in the site's metres, of the one beacon that was carried.
"""

import math
import re
import statistics
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec

from edge_agent.capabilities.presence.decide.zones import zone_at
from edge_agent.capabilities.presence.model import Point
from edge_agent.json_lines import opened
from edge_agent.kernel.errors import AisleError
from edge_agent.replay import BadLine, Decision, Line, parse
from edge_agent.site import Site

INNER_M: Final = 1.0
"""Nearer to a border than this, nobody can say which zone is right, not even the tape measure."""

VISIT_GAP_S: Final = 3.5
"""A truth silent for longer goes on with another visit; it is told every second at the least."""

SECONDS_AN_HOUR: Final = 3600.0

_NAME: Final = re.compile(r"^(?P<case>.+)\.sightings(?P<end>\.jsonl(\.gz)?)$")


class BadTruth(AisleError):
    """A truth file cannot be used; the text names file and line."""


class _TruthLine(msgspec.Struct, frozen=True):
    t: float
    x: float
    y: float


_TRUTH = msgspec.json.Decoder(_TruthLine)


@dataclass(frozen=True, slots=True)
class Truth:
    """Where the beacon was at `t`; `inner` when it is at least `INNER_M` from another zone."""

    t: float
    at: Point
    zone: str | None
    inner: bool


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording and its truth, None where nobody wrote it down."""

    file: Path
    truth: tuple[Truth, ...] | None

    def lines(self) -> Iterator[Line]:
        """The sightings that can be read; raises `OSError`."""
        with opened(self.file) as lines:
            for text in lines:
                try:
                    yield parse(text)
                except BadLine:
                    continue


def recordings(paths: Iterable[Path], site: Site) -> list[Recording]:
    """The recordings in files and folders.

    Raises:
        BadTruth: a truth beside one of them cannot be read.
    """
    files = [file for path in paths for file in _files(path)]
    return [Recording(file, _truth(file, site)) for file in files]


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*.jsonl*") if _NAME.match(file.name))


def _truth(recording: Path, site: Site) -> tuple[Truth, ...] | None:
    name = _NAME.match(recording.name)
    if name is None:
        return None
    file = recording.with_name(f"{name['case']}.truth{name['end']}")
    if not file.exists():
        return None
    try:
        with opened(file) as lines:
            return tuple(_true(text, site) for text in _told(lines, file))
    except OSError as err:
        msg = f"{file}:1: cannot be read: {err}"
        raise BadTruth(msg) from err


def _told(lines: Iterator[bytes], file: Path) -> Iterator[_TruthLine]:
    for number, text in enumerate(lines, 1):
        try:
            yield _TRUTH.decode(text)
        except (msgspec.MsgspecError, UnicodeDecodeError) as err:
            msg = f"{file}:{number}: {err}: a line of truth is {{t, x, y}}"
            raise BadTruth(msg) from err


def _true(line: _TruthLine, site: Site) -> Truth:
    at = (line.x - site.origin[0], line.y - site.origin[1])
    zone = zone_at(site.floor.zones, at)
    around = [
        (at[0] + INNER_M * math.cos(turn), at[1] + INNER_M * math.sin(turn))
        for turn in (eighth * math.pi / 4 for eighth in range(8))
    ]
    width, height = site.floor.width_m, site.floor.height_m
    inner = all(
        zone_at(site.floor.zones, (x, y)) == zone
        for x, y in around
        if 0 < x < width and 0 < y < height
    )
    return Truth(line.t, (line.x, line.y), zone, inner)


@dataclass(slots=True)
class Score:
    """Sums over recordings; the properties are None where nothing tells.

    Attributes:
        first_s: seconds from the begin of each visit (or recording) to the first right decision
            (or the first at all).
        missed: visits that were never told.
        unplaced_s: seconds in which somebody who was there was in no zone.
    """

    right: int = 0
    scored: int = 0
    switches: int = 0
    true_switches: int = 0
    seconds: float = 0.0
    unplaced_s: float = 0.0
    missed: int = 0
    errors_m: list[float] = field(default_factory=list)
    first_s: list[float] = field(default_factory=list)

    @property
    def accuracy(self) -> float | None:
        """Of the moments at least `INNER_M` from a border, the share in the right zone."""
        return self.right / self.scored if self.scored else None

    @property
    def false_switches_per_hour(self) -> float | None:
        """Switches beyond the true ones; without truth, all."""
        if not self.seconds:
            return None
        return max(0, self.switches - self.true_switches) / self.seconds * SECONDS_AN_HOUR

    @property
    def median_error_m(self) -> float | None:
        """Of the positions."""
        return statistics.median(self.errors_m) if self.errors_m else None

    @property
    def decided_in_s(self) -> float | None:
        """Nine of ten visits were told within this."""
        ordered = sorted(self.first_s)
        return ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))] if ordered else None

    @property
    def unplaced(self) -> float | None:
        """Share of the time."""
        return self.unplaced_s / self.seconds if self.seconds else None

    def add(
        self, decisions: Sequence[Decision], truth: Sequence[Truth] | None, *, begun: float
    ) -> None:
        """Add the decisions on one beacon, in time order; it was heard first at `begun`."""
        if truth:
            self._add_against(_History(decisions), truth)
        elif decisions:
            self.first_s.append(decisions[0].t - begun)
            self._add_alone(decisions)

    def _add_alone(self, decisions: Sequence[Decision]) -> None:
        for before, after in pairwise(decisions):
            if before.x is not None:
                self.seconds += after.t - before.t
                self.unplaced_s += after.t - before.t if before.zone is None else 0.0
        self.switches += _switches(decision.zone for decision in decisions)

    def _add_against(self, history: "_History", truth: Sequence[Truth]) -> None:
        found = [history.at(moment.t) for moment in truth]
        for moment, decision in zip(truth, found, strict=True):
            zone = decision.zone if decision else None
            if moment.inner:
                self.scored += 1
                self.right += zone == moment.zone
            if decision and decision.x is not None and decision.y is not None:
                self.errors_m.append(math.dist(moment.at, (decision.x, decision.y)))
        self.switches += _switches(one.zone if one else None for one in found)
        self.true_switches += _switches(moment.zone for moment in truth)
        for visit in _visits(truth):
            self._add_visit(visit, history)

    def _add_visit(self, visit: Sequence[Truth], history: "_History") -> None:
        step = (visit[-1].t - visit[0].t) / max(1, len(visit) - 1)
        zones = [one.zone if (one := history.at(moment.t)) else None for moment in visit]
        self.seconds += step * len(visit)
        self.unplaced_s += step * zones.count(None)
        if visit[0].zone is None:
            return
        right = [moment.t for moment, zone in zip(visit, zones, strict=True) if zone == moment.zone]
        if right:
            self.first_s.append(right[0] - visit[0].t)
        else:
            self.missed += 1


class _History:
    """Decisions, each of which holds until the next."""

    def __init__(self, decisions: Sequence[Decision]) -> None:
        self._decisions = decisions
        self._times = [decision.t for decision in decisions]

    def at(self, t: float) -> Decision | None:
        place = bisect_right(self._times, t) - 1
        return self._decisions[place] if place >= 0 else None


def _switches(zones: Iterable[str | None]) -> int:
    return sum(before != after for before, after in pairwise(z for z in zones if z is not None))


def _visits(truth: Sequence[Truth]) -> Iterator[list[Truth]]:
    """Runs of truth in one zone without a gap."""
    visit: list[Truth] = []
    for moment in truth:
        if visit and (moment.zone != visit[-1].zone or moment.t - visit[-1].t > VISIT_GAP_S):
            yield visit
            visit = []
        visit.append(moment)
    if visit:
        yield visit
