"""`edge-agent tune`: what a site's settings cost, on its own recordings.

Each recording is replayed through the live tracker under each setting that a site can change.
"""

import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from edge_agent.capabilities.presence.decide.estimator import Estimator, SurveyPoint
from edge_agent.capabilities.presence.decide.survey_map import power_mean
from edge_agent.capabilities.presence.model import Floor, Policy
from edge_agent.locate import load
from edge_agent.replay import BadLine, Decision, Replay
from edge_agent.scoring import BadTruth, Recording, Score, recordings
from edge_agent.site import Site

GONE_AFTER_S: Final = (15.0, 30.0, 60.0)
"""Half and twice what Android's regions wait at the longest (facts/beacons.md)."""

EXPONENTS: Final = (2.0, 2.4, 2.8, 3.2)
"""Free space to a floor full of shelves and bodies."""

LEVEL_OVER_S: Final = 2.0
"""A receiver's level at a moment of truth is the power mean of what it heard within this."""

FEWEST_LEVELS: Final = 20
"""Levels that an offset is estimated from: fewer show where the beacon was, not the receiver."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A setting to try."""

    name: str
    floor: Floor
    policy: Policy


class Row(msgspec.Struct, frozen=True):
    """What one variant costs; None where the recordings do not tell."""

    variant: str
    accuracy: float | None
    false_switches_per_hour: float | None
    median_error_m: float | None
    decided_in_s: float | None
    missed: int
    unplaced: float | None


class Report(msgspec.Struct, frozen=True):
    """All of it.

    Attributes:
        settings: the site's own first, then each change of one setting.
        without: each receiver left out in turn, the least worth first.
        offsets_db: what `offset_db` would take out of each receiver, beside what is set.
    """

    recordings: int
    with_truth: int
    settings: list[Row]
    without: list[Row]
    offsets_db: dict[str, float]


def tune(site: Path, survey: Path | None, paths: Sequence[Path], *, as_json: bool) -> None:
    """Replay the recordings under each setting, and print what came of it."""
    read, surveyed = load(site, survey)
    points = surveyed.points if surveyed else ()
    try:
        found = recordings(paths, read)
        if not found:
            typer.echo("no recordings: name files, or folders of *.sightings.jsonl.gz", err=True)
            raise typer.Exit(2)
        report = _report(read, points, found)
    except (BadTruth, OSError) as err:
        typer.echo(str(err), err=True)
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(msgspec.json.encode(report))
    else:
        _print(report)


def _report(site: Site, points: Sequence[SurveyPoint], found: Sequence[Recording]) -> Report:
    offsets = _offsets(site, points, found)
    variants = [*_settings(site, points, offsets), *_without_each(site)]
    progress = Console(stderr=True)
    rows = [
        _row(variant, site, points, found)
        for variant in track(variants, "replaying", console=progress, transient=True)
    ]
    cut = len(rows) - len(site.floor.receivers)
    return Report(
        len(found),
        sum(recording.truth is not None for recording in found),
        rows[:cut],
        sorted(rows[cut:], key=_worth),
        offsets,
    )


def _worth(left_out: Row) -> tuple[float, float, str]:
    return -(left_out.accuracy or 0.0), left_out.false_switches_per_hour or 0.0, left_out.variant


def _settings(
    site: Site, points: Sequence[SurveyPoint], offsets: dict[str, float]
) -> Iterator[Variant]:
    yield Variant("as set", site.floor, site.policy)
    for seconds in GONE_AFTER_S:
        if seconds != site.policy.gone_after_s:
            policy = replace(site.policy, gone_after_s=seconds)
            yield Variant(f"gone_after_s = {seconds:g}", site.floor, policy)
    for exponent in () if points else EXPONENTS:
        if exponent != site.policy.path_loss_exponent:
            policy = replace(site.policy, path_loss_exponent=exponent)
            yield Variant(f"path_loss_exponent = {exponent:g}", site.floor, policy)
    if offsets:
        receivers = tuple(
            replace(one, offset_db=offsets.get(one.id, one.offset_db))
            for one in site.floor.receivers
        )
        yield Variant("offset_db as below", replace(site.floor, receivers=receivers), site.policy)


def _without_each(site: Site) -> Iterator[Variant]:
    receivers = site.floor.receivers
    for left_out in receivers:
        others = tuple(one for one in receivers if one is not left_out)
        yield Variant(left_out.id, replace(site.floor, receivers=others), site.policy)


def _row(
    variant: Variant, site: Site, points: Sequence[SurveyPoint], found: Sequence[Recording]
) -> Row:
    score = Score()
    for recording in found:
        replay = Replay(variant.floor, variant.policy, points, origin=site.origin)
        for begun, decisions in _decisions(replay, recording).values():
            score.add(decisions, recording.truth, begun=begun)
    return Row(
        variant.name,
        _rounded(score.accuracy, 3),
        _rounded(score.false_switches_per_hour, 1),
        _rounded(score.median_error_m, 2),
        _rounded(score.decided_in_s, 1),
        score.missed,
        _rounded(score.unplaced, 3),
    )


def _decisions(replay: Replay, recording: Recording) -> dict[str, tuple[float, list[Decision]]]:
    """By beacon: when it was heard first, and what was decided on it."""
    by_beacon: dict[str, tuple[float, list[Decision]]] = {}
    for line in recording.lines():
        try:
            decisions = replay.take(line)
        except BadLine:
            continue
        by_beacon.setdefault(line.beacon, (line.t, []))
        for decision in decisions:
            by_beacon[decision.beacon][1].append(decision)
    return by_beacon


def _offsets(
    site: Site, points: Sequence[SurveyPoint], found: Sequence[Recording]
) -> dict[str, float]:
    """What each receiver hears too little (+) or too much (-), by truth, else by the survey.

    What all receivers have in common is the beacon's, not theirs, where the map is geometry.
    """
    true = [level for recording in found for level in _levels(recording, site)]
    if not true and not points:
        return {}
    levels = true or [
        ((one.x, one.y), one.receiver, level)
        for one in points
        if (level := power_mean(one.rssi)) is not None
    ]
    surveyed = bool(true and points)
    estimator = Estimator(
        site.floor,
        points if surveyed else (),
        path_loss_exponent=site.policy.path_loss_exponent,
    )
    rows = {receiver.id: row for row, receiver in enumerate(site.floor.receivers)}
    misses: dict[str, list[float]] = defaultdict(list)
    for at, receiver, level in levels:
        cell = int(np.argmin(((estimator.cells - np.array(at)) ** 2).sum(axis=1)))
        misses[receiver].append(float(estimator.expected[rows[receiver], cell]) - level)
    medians = {
        receiver: statistics.median(off)
        for receiver, off in sorted(misses.items())
        if len(off) >= FEWEST_LEVELS
    }
    common = 0.0 if estimator.surveyed or not medians else statistics.fmean(medians.values())
    return {receiver: round(off - common, 1) for receiver, off in medians.items()}


def _levels(recording: Recording, site: Site) -> Iterator[tuple[tuple[float, float], str, float]]:
    """Where the beacon truly was, and what each receiver heard of it there, in dBm."""
    if not recording.truth:
        return
    known = {receiver.id for receiver in site.floor.receivers}
    heard: dict[tuple[str, int], list[float]] = defaultdict(list)
    for line in recording.lines():
        if line.receiver in known:
            heard[line.receiver, int(line.t // LEVEL_OVER_S)].append(line.rssi)
    seen: set[int] = set()
    for moment in recording.truth:
        span = int(moment.t // LEVEL_OVER_S)
        if span in seen:
            continue
        seen.add(span)
        at = (moment.at[0] - site.origin[0], moment.at[1] - site.origin[1])
        for receiver in known:
            level = power_mean(heard.get((receiver, span), ()))
            if level is not None:
                yield at, receiver, level


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _print(report: Report) -> None:
    console = Console()
    console.print(f"{report.recordings} recordings, {report.with_truth} of them with truth")
    console.print(_table("What the settings cost", "setting", report.settings))
    console.print(_table("Without one receiver, the least worth first", "left out", report.without))
    if report.offsets_db:
        table = Table("receiver", "offset_db", title="What would even the receivers out")
        for receiver, offset in report.offsets_db.items():
            table.add_row(receiver, f"{offset:+.1f}")
        console.print(table)


def _table(title: str, first: str, rows: Sequence[Row]) -> Table:
    table = Table(title=title)
    table.add_column(first)
    # Headings of two lines, and only the first column folds: 80 columns hold every figure.
    for column in ("right", "false/h", "error\nm", "decided\ns", "missed", "no\nzone"):
        table.add_column(column, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row.variant,
            _share(row.accuracy),
            _number(row.false_switches_per_hour),
            _number(row.median_error_m),
            _number(row.decided_in_s),
            str(row.missed),
            _share(row.unplaced),
        )
    return table


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
