import gzip
import json
from pathlib import Path

import pytest

from edge_agent.kernel.errors import Refused
from edge_agent.survey.files import BadJournal, Journal, write_survey
from edge_agent.survey.model import Spot
from tests.survey.world import Walk


@pytest.fixture
def walk(tmp_path: Path) -> Walk:
    return Walk(tmp_path / "survey.jsonl.gz.journal")


def test_what_is_heard_while_the_beacon_is_held_still_is_kept(walk: Walk) -> None:
    walk.record(1.0, 2.0)

    [spot] = walk.recorder.spots
    assert spot.at == Spot(1.0, 2.0)
    assert {receiver: len(values) for receiver, values in spot.rssi.items()} == {
        "left": 20,
        "middle": 20,
        "right": 20,
    }


def test_a_spot_is_on_the_disk_though_the_phone_asks_no_more(walk: Walk) -> None:
    walk.recorder.begin(Spot(1, 1), 60.0)
    walk.hear("left")
    walk.clock.monotonic += 61.0
    walk.hear("left", times=1)

    assert [spot.at for spot in Walk(walk.journal.file).recorder.spots] == [Spot(1, 1)]


def test_what_is_heard_between_two_spots_is_shown_and_not_kept(walk: Walk) -> None:
    walk.hear("left")
    walk.record(1.0, 2.0, receivers=("right",))

    assert "left" not in walk.recorder.spots[0].rssi
    walk.hear("left", rssi=-71.0)
    assert walk.recorder.heard_now() == {"left": -71.0}


def test_one_spot_is_recorded_at_a_time(walk: Walk) -> None:
    walk.recorder.begin(Spot(1, 1), 60.0)

    with pytest.raises(Refused, match="still being recorded"):
        walk.recorder.begin(Spot(2, 2), 60.0)


def test_a_spot_that_is_given_up_leaves_nothing(walk: Walk) -> None:
    walk.recorder.begin(Spot(1, 1), 60.0)
    walk.recorder.cancel()
    walk.clock.monotonic += 60.0

    assert walk.recorder.running is None
    assert not walk.recorder.spots


def test_a_place_beside_the_floor_is_refused(walk: Walk) -> None:
    with pytest.raises(Refused, match="not on the floor plan"):
        walk.recorder.begin(Spot(8.5, 1), 60.0)


def test_a_restart_goes_on_with_what_was_finished(walk: Walk) -> None:
    walk.record(1.0, 1.0)
    walk.record(3.0, 1.0)
    walk.recorder.delete(1)

    again = Walk(walk.journal.file)
    again.record(5.0, 1.0)

    assert [(spot.id, spot.at.x) for spot in again.recorder.spots] == [(2, 3.0), (3, 5.0)]


def test_a_line_that_the_power_cut_short_is_left_out(walk: Walk) -> None:
    walk.record(1.0, 1.0)
    file = walk.journal.file
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:40])

    again = Walk(file)
    again.record(3.0, 1.0)

    assert [spot.at.x for spot in Walk(file).recorder.spots] == [1.0, 3.0]


def test_a_journal_that_is_none_is_refused_by_line(tmp_path: Path) -> None:
    file = tmp_path / "journal"
    file.write_text('{"type": "deleted", "id": 1}\nnot one\n')

    with pytest.raises(BadJournal, match=r"journal:2: .*move the file away"):
        Journal(file).read()


def test_the_survey_holds_a_line_per_spot_and_receiver(walk: Walk, tmp_path: Path) -> None:
    walk.record(1.0, 2.0, receivers=("left", "right"))
    out = tmp_path / "survey.jsonl.gz"

    write_survey(out, walk.recorder.spots)

    lines = [json.loads(line) for line in gzip.decompress(out.read_bytes()).splitlines()]
    assert [(line["x"], line["y"], line["receiver"]) for line in lines] == [
        (1.0, 2.0, "left"),
        (1.0, 2.0, "right"),
    ]
    assert lines[0]["rssi"] == [-60.0] * 20
    assert [one.name for one in tmp_path.glob("*.new")] == []


def test_a_full_disk_is_told_and_the_spot_is_kept_once_there_is_room(
    walk: Walk, tmp_path: Path
) -> None:
    walk.record(1.0, 1.0)
    walk.recorder.begin(Spot(3, 1), 60.0)
    file = walk.journal.file
    walk.journal.file = tmp_path / "no such folder" / "journal"
    walk.clock.monotonic += 60.0
    walk.hear("left")

    with pytest.raises(Refused, match="cannot be saved"):
        _ = walk.recorder.running
    walk.journal.file = file
    assert walk.recorder.running is None
    assert [spot.at.x for spot in Walk(file).recorder.spots] == [1.0, 3.0]
