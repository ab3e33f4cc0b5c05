"""`store-sim walk`: who goes where, and what can be wrong with the radio meanwhile."""

import json
from collections import Counter
from typing import Any

import pytest
from typer.testing import CliRunner

from simulators.__main__ import build


def walk(*options: str) -> list[dict[str, Any]]:
    run = CliRunner().invoke(build("walk"), ["walk", "--seconds", "20", *options])
    assert run.exit_code == 0, run.output
    return [json.loads(line) for line in run.stdout.splitlines()]


def receivers(lines: list[dict[str, Any]]) -> Counter[str]:
    return Counter(line["receiver"] for line in lines if "raw_adv" in line)


def test_a_dead_receiver_hears_nothing_and_the_others_go_on() -> None:
    whole, broken = receivers(walk()), receivers(walk("--fault", "receiver-dead:pickup-omg"))
    assert whole["pickup-omg"] > 0
    assert set(whole) - set(broken) == {"pickup-omg"}


def test_people_walk_the_same_ways_whatever_is_broken() -> None:
    whole, broken = (
        [line for line in lines if "beacon" in line]
        for lines in (walk(), walk("--fault", "air-crowded", "--fault", "beacon-gone:person-2"))
    )
    assert whole == broken


@pytest.mark.parametrize("fault", ["none", "receiver-dead:nowhere", "beacon-gone:person-9"])
def test_a_fault_that_there_is_not_ends_the_program_with_a_word(fault: str) -> None:
    run = CliRunner().invoke(build("walk"), ["walk", "--fault", fault])
    assert run.exit_code == 2
    assert run.stderr.startswith("store-sim walk: ")
