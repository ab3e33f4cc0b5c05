"""`edge-agent tune`: what settings cost, on recordings with and without truth."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from edge_agent.replay import Decision
from edge_agent.scoring import Score, Truth
from tests.locate.recordings import LEFT, RIGHT, standing, write_gzip

DEAF = 8


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """A walk between two places with its truth, receiver b deaf; and one without truth."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    lines = [*standing(LEFT, 30), *standing(RIGHT, 30, start=30)]
    for line in lines:
        line["rssi"] -= DEAF * (line["receiver"] == "b")
    write_gzip(folder / "walk.sightings.jsonl.gz", lines)
    truth = [{"t": t, "x": (LEFT if t < 30 else RIGHT)[0], "y": 4.0} for t in range(2, 59)]
    write_gzip(folder / "walk.truth.jsonl.gz", truth)
    write_gzip(folder / "day.sightings.jsonl.gz", standing(LEFT, 20))
    return folder


def tune(*arguments: object) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "edge_agent", "tune", *map(str, arguments)]
    return subprocess.run(program, capture_output=True, text=True, check=False)


def report(*arguments: object) -> dict[str, Any]:
    ran = tune("--json", *arguments)
    assert ran.returncode == 0, ran.stderr
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def test_each_setting_that_a_site_can_change_is_tried_on_its_recordings(
    site: Path, recordings: Path
) -> None:
    told = report("--site", site, recordings)
    assert (told["recordings"], told["with_truth"]) == (2, 1)
    variants = [row["variant"] for row in told["settings"]]
    assert variants[0] == "as set"
    assert {"gone_after_s = 60", "path_loss_exponent = 2", "offset_db as below"} <= {*variants}
    assert sorted(row["variant"] for row in told["without"]) == ["a", "b", "c", "d"]
    first = told["settings"][0]
    assert first["accuracy"] > 0.8
    assert first["false_switches_per_hour"] == 0
    assert first["missed"] == 0


def test_a_deaf_receiver_is_found_and_evened_out(site: Path, recordings: Path) -> None:
    told = report("--site", site, recordings)
    offsets = told["offsets_db"]
    others = (offsets["a"] + offsets["c"] + offsets["d"]) / 3
    assert offsets["b"] - others == pytest.approx(DEAF, abs=2)
    by_variant = {row["variant"]: row for row in told["settings"]}
    better, before = by_variant["offset_db as below"], by_variant["as set"]
    assert better["median_error_m"] < before["median_error_m"]


def test_with_a_survey_nothing_is_tried_that_it_makes_void(
    site: Path, survey: Path, recordings: Path
) -> None:
    told = report("--site", site, "--survey", survey, recordings / "walk.sightings.jsonl.gz")
    assert not [row for row in told["settings"] if row["variant"].startswith("path_loss")]
    assert told["offsets_db"]["b"] == pytest.approx(DEAF, abs=2)


def test_a_table_is_printed_for_people(site: Path, recordings: Path) -> None:
    printed = tune("--site", site, recordings).stdout
    assert "2 recordings, 1 of them with truth" in printed
    assert "the least worth first" in printed


def test_no_recordings_and_a_damaged_truth_are_told(
    site: Path, recordings: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    ran = tune("--site", site, empty)
    assert (ran.returncode, ran.stderr.startswith("no recordings")) == (2, True)
    truth = write_gzip(recordings / "day.truth.jsonl.gz", [{"t": 1}])
    ran = tune("--site", site, recordings)
    assert ran.returncode == 2
    assert ran.stderr.startswith(f"{truth}:1: ")


def test_a_score_counts_false_switches_missed_visits_and_the_time_to_decide() -> None:
    truth = [
        Truth(float(t), (0.0, 0.0), "left" if t < 10 else "right", inner=t not in (9, 10))
        for t in range(20)
    ]
    decisions = [
        Decision(float(t), "tag", zone, 3.0, 4.0, 0.9)
        for t, zone in ((2, "left"), (5, "right"), (6, "left"), (13, "middle"))
    ]
    score = Score()
    score.add(decisions, truth, begun=0.0)
    assert (score.switches, score.true_switches) == (3, 1)
    assert score.false_switches_per_hour == pytest.approx(2 / 20 * 3600)
    assert score.accuracy == pytest.approx(6 / 18)
    assert (score.first_s, score.missed) == ([2.0], 1)
    assert score.median_error_m == 5.0
    assert score.unplaced == pytest.approx(2 / 20)
