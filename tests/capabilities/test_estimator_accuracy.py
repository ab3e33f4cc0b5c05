"""The estimator on a piece of real radio (tests/data/ble_tetam); docs/accuracy.md has the whole."""

import gzip
import json
import math
from pathlib import Path
from typing import Any

import pytest

from edge_agent.replay import BadLine, Decision, Replay, parse
from edge_agent.site import load_site

DATA = Path(__file__).parents[1] / "data/ble_tetam"
POINTS = ("01", "03", "11", "14", "16", "18")


@pytest.fixture(scope="module")
def rooms() -> dict[str, Replay]:
    """A replay of each recording, as `edge-agent locate` would make it."""
    site = load_site(DATA / "site_z9.toml")
    survey = site.survey(DATA / "survey.jsonl.gz")
    assert survey is not None
    names = [*(f"point_{point}" for point in POINTS), "walk"]
    return {name: Replay(site.floor, site.policy, survey.points) for name in names}


def decisions(replay: Replay, name: str) -> list[Decision]:
    made: list[Decision] = []
    with gzip.open(DATA / f"{name}.sightings.jsonl.gz", "rb") as lines:
        for line in lines:
            try:
                made += replay.take(parse(line))
            except BadLine:
                continue
    return made


def judged(made: list[Decision], name: str) -> tuple[list[bool], list[float]]:
    """Per second, 1 m from a border or more: whether the zone was right, and the error in m."""
    right, errors = [], []
    with gzip.open(DATA / f"{name}.truth.jsonl.gz", "rt") as lines:
        truth: list[dict[str, Any]] = [json.loads(line) for line in lines]
    for row in truth:
        said = [each for each in made if each.t <= row["t"]]
        if row["margin_z9"] < 1 or not said or said[-1].x is None or said[-1].y is None:
            continue
        right.append(said[-1].zone == row["z9"])
        errors.append(math.dist((said[-1].x, said[-1].y), (row["x"], row["y"])))
    return right, errors


@pytest.mark.parametrize("point", POINTS)
def test_a_tag_that_lies_somewhere_is_found_there(rooms: dict[str, Replay], point: str) -> None:
    name = f"point_{point}"
    right, errors = judged(decisions(rooms[name], name), name)
    assert len(right) > 40
    assert sum(right) / len(right) > 0.9
    assert sorted(errors)[len(errors) // 2] < 2.5


def test_a_tag_that_is_carried_through_the_room_is_followed(rooms: dict[str, Replay]) -> None:
    right, errors = judged(decisions(rooms["walk"], "walk"), "walk")
    assert len(right) > 30
    assert sum(right) / len(right) > 0.8
    assert sorted(errors)[len(errors) // 2] < 2.0
