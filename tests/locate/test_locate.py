"""`edge-agent locate`, the real program: a recording in, zones out, whatever it holds."""

import gzip
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from edge_agent.check import BadSettings
from edge_agent.site import load_site
from edge_agent.survey_file import BadSurvey, read_survey
from tests.locate.recordings import LEFT, RIGHT, SITE, Line, standing, text

PROGRAM = [sys.executable, "-m", "edge_agent", "locate", "--site"]


class Ran(NamedTuple):
    """What came of it."""

    decisions: list[Line]
    told: list[str]
    status: int


def locate(site: Path, recording: bytes, *options: str) -> Ran:
    ran = subprocess.run(
        [*PROGRAM, str(site), *options], input=recording, capture_output=True, check=False
    )
    decisions = [json.loads(line) for line in ran.stdout.splitlines()]
    return Ran(decisions, ran.stderr.decode().splitlines(), ran.returncode)


def zones(ran: Ran, beacon: str = "tag") -> list[Any]:
    """The zones of a beacon, in order, each once."""
    order: list[Any] = []
    for line in ran.decisions:
        if line["beacon"] == beacon and (not order or order[-1] != line["zone"]):
            order.append(line["zone"])
    return order


def test_a_beacon_is_followed_with_or_without_a_survey(site: Path, survey: Path) -> None:
    recording = text([*standing(LEFT, 20), *standing(RIGHT, 20, start=20)])
    for options in ((), ("--survey", str(survey))):
        ran = locate(site, recording, *options)
        assert ran.status == 0
        assert zones(ran) == ["left", "right"]
        assert ran.told == ["640 lines: 0 refused, 0 too late"]


def test_there_is_a_line_at_least_once_a_second_in_time_order_with_every_field(site: Path) -> None:
    decisions = locate(site, text(standing(LEFT, 20))).decisions
    times = [line["t"] for line in decisions]
    assert times[0] <= 1.0
    assert times[-1] >= 19.0
    assert all(0 < after - before <= 1.0 for before, after in pairwise(times))
    for line in decisions:
        assert line.keys() == {"t", "beacon", "zone", "x", "y", "confidence"}
        assert 0 <= line["confidence"] <= 1
        assert 0 <= line["x"] <= 12
        assert 0 <= line["y"] <= 8


def test_several_beacons_are_told_apart(site: Path) -> None:
    both = [*standing(LEFT, 10, beacon="ann", seed=2), *standing(RIGHT, 10, beacon="ben", seed=3)]
    ran = locate(site, text(sorted(both, key=lambda line: line["t"])))
    assert zones(ran, "ann") == ["left"]
    assert zones(ran, "ben") == ["right"]
    times = [line["t"] for line in ran.decisions]
    assert times == sorted(times)


def test_a_beacon_that_fell_silent_is_nowhere_once_it_counts_as_gone(site: Path) -> None:
    lines = [
        *standing(LEFT, 10),
        *standing(RIGHT, 60, start=10, beacon="other"),
        *standing(RIGHT, 5, start=70),
    ]
    ran = locate(site, text(lines))
    assert zones(ran) == ["left", None, "right"]
    gone = next(line for line in ran.decisions if line["zone"] is None)
    assert gone["t"] == pytest.approx(40, abs=1.5)
    assert (gone["x"], gone["y"], gone["confidence"]) == (None, None, None)


def test_what_cannot_be_read_is_refused_by_line_number_and_the_rest_counts(site: Path) -> None:
    good = list(standing(LEFT, 10))
    dirt = [
        b"{",
        b"",
        b"null",
        b"\xff\xfe",
        b"[" * 5000,
        json.dumps({**good[0], "rssi": 42}).encode(),
        json.dumps({**good[0], "rssi": 127}).encode(),
        json.dumps({**good[0], "rssi": "-60"}).encode(),
        json.dumps({**good[0], "t": None}).encode(),
        json.dumps({**good[0], "t": -1}).encode(),
        b'{"t": 1e999, "receiver": "a", "beacon": "tag", "rssi": -60}',
        json.dumps({**good[0], "receiver": "next-door"}).encode(),
        json.dumps({"t": 1.0}).encode(),
    ]
    ran = locate(site, text(good[:80]) + b"\n".join(dirt) + b"\n" + text(good[80:]))
    assert ran.status == 0
    assert [line.split(":")[0] for line in ran.told[:-1]] == [f"line {n}" for n in range(81, 94)]
    assert ran.told[-1] == f"{160 + len(dirt)} lines: {len(dirt)} refused, 0 too late"
    assert ran.decisions == locate(site, text(good)).decisions


def test_lines_up_to_two_seconds_late_count_and_later_ones_are_dropped(site: Path) -> None:
    lines = list(standing(LEFT, 20))
    late, too_late = ({**lines[0], "t": lines[100]["t"] - age, "rssi": -40} for age in (1.9, 2.5))
    ran = locate(site, text([*lines[:101], late, too_late, *lines[101:]]))
    assert ran.told == ["line 103: 2.5 s late", "322 lines: 0 refused, 1 too late"]
    assert ran.decisions != locate(site, text(lines)).decisions


def test_no_decision_depends_on_a_line_after_it(site: Path, survey: Path) -> None:
    lines = [*standing(LEFT, 10), *standing(RIGHT, 10, start=10)]
    whole = locate(site, text(lines), "--survey", str(survey)).decisions
    for cut in (40, 161, 200):
        part = locate(site, text(lines[:cut]), "--survey", str(survey)).decisions
        assert part == whole[: len(part)]
        assert lines[cut]["t"] - part[-1]["t"] <= 0.75


def test_it_answers_while_it_reads(site: Path) -> None:
    with subprocess.Popen(
        [*PROGRAM, str(site)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        for line in standing(LEFT, 3):
            program.stdin.write(text([line]))
            program.stdin.flush()
            if line["t"] in (0.75, 1.25, 1.75) and line["receiver"] == "a":
                answer = json.loads(program.stdout.readline())
                assert 0 < line["t"] - answer["t"] <= 0.25
        program.stdin.close()


def test_a_compressed_recording_is_read_too_and_a_damaged_one_is_told(site: Path) -> None:
    packed = gzip.compress(text(standing(LEFT, 10)))
    assert zones(locate(site, packed)) == ["left"]
    ran = locate(site, packed[:-20])
    assert ran.status == 1
    assert "cannot be read on" in ran.told[-1]


def test_a_pause_of_a_year_takes_no_longer_than_the_lines_do(site: Path) -> None:
    lines = [*standing(LEFT, 5), *standing(RIGHT, 5, start=31_536_000.0)]
    assert zones(locate(site, text(lines))) == ["left", None, "right"]


def test_the_stores_own_settings_are_a_site_too() -> None:
    settings = Path(__file__).parents[2] / "simulators" / "demo" / "store.toml"
    line = {"t": 1.0, "receiver": "ceiling-shoes", "beacon": "tag", "rssi": -60}
    ran = locate(settings, text([line, {**line, "t": 2.0}]))
    assert (ran.status, [line["t"] for line in ran.decisions]) == (0, [1.5, 2.0])


def test_coordinates_may_be_negative_and_answers_are_in_the_files_own(tmp_path: Path) -> None:
    moved = SITE
    for axis, shift in (("x", 100.0), ("y", 50.0)):
        for value in ("0.5", "11.5", "7.5"):
            moved = moved.replace(f"{axis} = {value}", f"{axis} = {float(value) - shift}")
    moved = moved.replace("[[0, 0], [6, 0], [6, 8], [0, 8]]", str(_moved(0, 6)))
    moved = moved.replace("[[6, 0], [12, 0], [12, 8], [6, 8]]", str(_moved(6, 12)))
    site = tmp_path / "moved.toml"
    site.write_text(moved, "utf-8")
    ran = locate(site, text(standing(RIGHT, 10)))
    assert zones(ran) == ["right"]
    last = ran.decisions[-1]
    assert (last["x"], last["y"]) == pytest.approx((RIGHT[0] - 100, RIGHT[1] - 50), abs=2)


def _moved(left: float, right: float) -> list[list[float]]:
    return [[left - 100, -50], [right - 100, -50], [right - 100, -42], [left - 100, -42]]


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("[store]", "[store", "is not TOML"),
        ("x = 11.5\ny = 0.5", "x = 11.5", ":11: receiver 'b': say where it hangs"),
        ('id = "d"', 'id = "a"', ":23: id 'a' stands twice in [[receivers]]"),
        ("x = 0.5\ny = 7.5", 'x = "left"\ny = 7.5', ":19: $.receivers[2].x: Expected"),
        ("[[6, 0], [12, 0], [12, 8], [6, 8]]", "[[6, 0]]", ":37: $.zones[1].polygon: Expected"),
        ("z = 2.5", "z = nan", "Expected"),
    ],
)
def test_a_site_that_cannot_be_used_is_told_by_file_line_and_remedy(
    site: Path, was: str, becomes: str, told: str
) -> None:
    assert was in SITE
    site.write_text(SITE.replace(was, becomes, 1), "utf-8")
    with pytest.raises(BadSettings) as bad:
        load_site(site)
    assert str(bad.value).startswith(f"{site}:")
    assert told in str(bad.value)


def test_a_file_that_cannot_be_used_ends_the_program_with_a_word_and_no_traceback(
    site: Path, tmp_path: Path
) -> None:
    ran = locate(tmp_path / "none.toml", b"")
    assert (ran.status, ran.told) == (
        2,
        [f"{tmp_path / 'none.toml'}:1: cannot be read: No such file or directory"],
    )
    ran = locate(site, b"", "--survey", str(site))
    assert ran.status == 2
    assert ran.told[0].startswith(f"{site}:1: ")


def test_a_survey_that_cannot_be_used_is_told_by_line(tmp_path: Path) -> None:
    survey = tmp_path / "survey.jsonl"
    survey.write_text('{"x": 1, "y": 1, "receiver": "a", "rssi": [-60]}\n{"x": 1}\n', "utf-8")
    with pytest.raises(BadSurvey, match=f"{survey}:2: "):
        read_survey(survey, ["a"])
    survey.write_text('{"x": 1, "y": 1, "receiver": "elsewhere", "rssi": [-60]}\n', "utf-8")
    with pytest.raises(BadSurvey, match=r"about a receiver of this floor \(a, b\)"):
        read_survey(survey, ["a", "b"])


def test_impossible_values_of_a_survey_are_left_out_and_counted(tmp_path: Path) -> None:
    survey = tmp_path / "survey.jsonl"
    survey.write_text('{"x": 1, "y": 2, "receiver": "a", "rssi": [-60, 42, 127, -61.4]}', "utf-8")
    read = read_survey(survey, ["a"])
    assert (list(read.points[0].rssi), read.impossible) == ([-60, -61], 2)


def test_a_survey_may_know_receivers_that_the_site_has_no_more(site: Path, survey: Path) -> None:
    without = SITE.replace('[[receivers]]\nid = "d"\nx = 11.5\ny = 7.5\nz = 2.5\n', "")
    site.write_text(without, "utf-8")
    lines = [line for line in standing(RIGHT, 10) if line["receiver"] != "d"]
    ran = locate(site, text(lines), "--survey", str(survey))
    assert zones(ran) == ["right"]
    assert "passed over, as the site does not have them: d" in ran.told[0]
