"""Replay the recordings, keep the figures, redraw docs/accuracy.md."""

import statistics
import tempfile
from pathlib import Path
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.progress import track as follow

from bench.accuracy.cases import cut, there
from bench.accuracy.figures import BIN, BINS, HALF_S, Judge, Scores, only_four, without
from bench.accuracy.page import Row, Table, write_page
from bench.harness import ROOT
from edge_agent.site import load_site

RESULT: Final = ROOT / "bench/results/accuracy/tetam.json"


class Deaths(msgspec.Struct, frozen=True):
    """What static accuracy loses when each receiver in turn is dead, by receiver."""

    from_the_start: dict[str, float]
    from_half_time: dict[str, float]


def accuracy() -> None:
    """Measure; without the recordings, say so and leave everything as it is."""
    console = Console(stderr=True)
    if not there():
        console.print("../shared/data/ble_tetam is not here: accuracy is left as it was")
        return
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch, "cases")
        cut(directory)
        judge = Judge(directory, Path(scratch, "made"))
        surveyed, unsurveyed = judge.everything(survey=True), judge.everything(survey=False)
        deaths = _deaths(judge, directory, surveyed, console)
        four = judge.static(only_four)
    rows = [
        *_rows(surveyed, unsurveyed),
        *_death_rows(deaths),
        _four_row(four),
        _sure_row(surveyed),
    ]
    _keep({"surveyed": surveyed.by_zoning, "unsurveyed": unsurveyed.by_zoning}, deaths, four, rows)
    heads = ["measure", "to reach", "best so far", "with survey", "without"]
    bins = [["said", "right", "seconds"], *map(list, _bins(surveyed))]
    write_page(
        Table(heads, [[r.what, r.to_reach, r.best, r.ours, r.unsurveyed] for r in rows]),
        Table(bins[0], bins[1:]),
    )
    for row in rows:
        console.print(f"{row.what}: {row.ours} (to reach {row.to_reach}, best {row.best})")


def _deaths(judge: Judge, directory: Path, whole: Scores, console: Console) -> Deaths:
    accuracy = whole.by_zoning["z9"]["static"]["accuracy_1m"]
    receivers = [each.id for each in load_site(directory / "site_z9.toml").floor.receivers]
    lost: tuple[dict[str, float], dict[str, float]] = ({}, {})
    for receiver in follow(receivers, description="dead receivers", console=console):
        for found, since in zip(lost, (0.0, HALF_S), strict=True):
            found[receiver] = round(accuracy - judge.static(without(receiver, since)), 4)
    return Deaths(*lost)


def _rows(surveyed: Scores, unsurveyed: Scores) -> list[Row]:
    def pair(scores: Scores, kind: str, name: str) -> str:
        return " / ".join(str(scores.by_zoning[z][kind][name]) for z in ("z9", "q4"))

    def row(what: str, to_reach: str, best: str, kind: str, name: str) -> Row:
        ours, without_one = (pair(scores, kind, name) for scores in (surveyed, unsurveyed))
        return Row(what, to_reach, best, ours, without_one)

    def share(scores: Scores, kind: str, part: str, whole: str) -> str:
        found = [scores.by_zoning[z][kind] for z in ("z9", "q4")]
        return " / ".join(f"{each[part]} of {each[whole]}" for each in found)

    return [
        row(
            "static, points at least 1 m from a border: Z9 / Q4",
            ">= .94 / >= .99",
            ".903 / 1.0",
            "static",
            "accuracy_1m",
        ),
        row(
            "false switches per hour, Z9 / Q4",
            "<= 5 / <= 2",
            "1.9 / .2",
            "static",
            "false_switches_per_hour",
        ),
        row(
            "walks, at least 1 m from borders: Z9 / Q4",
            ">= .90 / >= .93",
            ".900 / .933",
            "walk",
            "accuracy_1m",
        ),
        Row(
            "switches, of true switches on walks: Z9 / Q4",
            "<= 1.25 / <= 2",
            "1.05 / 2",
            share(surveyed, "walk", "switches", "true_switches"),
            share(unsurveyed, "walk", "switches", "true_switches"),
        ),
        row(
            "visits: mean dwell error, s: Z9 / Q4",
            "<= 12 / <= 2.5",
            "16.9 / 1.7",
            "visit",
            "mean_dwell_error_s",
        ),
        Row(
            "visits missed: Z9 / Q4",
            "<= 2 % (Z9)",
            "5.7 %",
            share(surveyed, "visit", "missed", "visits"),
            share(unsurveyed, "visit", "missed", "visits"),
        ),
        row("median position error, static, m", "<= 1.1", "1.14", "static", "median_error_m"),
    ]


def _death_rows(deaths: Deaths) -> list[Row]:
    return [
        Row(
            f"one receiver dead from {since}, Z9 static: mean / worst loss, points",
            "<= 2 / <= 8",
            best,
            f"{100 * statistics.fmean(lost.values()):.1f} / {100 * max(lost.values()):.1f}",
        )
        for since, best, lost in (
            ("the start", "2.2 / 9.3", deaths.from_the_start),
            ("half-time", "-", deaths.from_half_time),
        )
    ]


def _four_row(four: float) -> Row:
    return Row("only sensor10, 20, 30, 40: Z9 static", ">= .76", ".721", f"{four:.3f}")


def _sure_row(scores: Scores) -> Row:
    share, count = scores.right(*BIN)
    ours = "none said" if share is None else f"{share:.2f} of {count} s"
    return Row("confidence: of decisions said at .8-.9, right", ".75-.95", "-", ours)


def _bins(scores: Scores) -> list[tuple[str, str, str]]:
    found = []
    for low, high in BINS:
        share, count = scores.right(low, high if high < 1 else 1.01)
        if share is not None:
            found.append((f"{low:.1f}-{high:.1f}", f"{share:.2f}", f"{count:,}"))
    return found


def _keep(scores: dict[str, Any], deaths: Deaths, four: float, rows: list[Row]) -> None:
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    result = {"scores": scores, "deaths": deaths, "four_receivers": four, "measures": rows}
    RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
