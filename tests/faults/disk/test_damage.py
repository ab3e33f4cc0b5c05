"""A file that has rotted is detected, set aside and declared, and the store goes on."""

from pathlib import Path

import pytest

from tests.faults.conftest import Publish
from tests.faults.disk.damage import (
    Files,
    Harm,
    Outcome,
    Rest,
    content_of,
    harmed,
    killed_files,
    rest_of,
)
from tests.faults.disk.recording import acknowledgements, record
from tests.faults.disk.script import DATABASE
from tests.faults.seeds import chance

UNITS = 120
KILLED_AFTER = 110
"""Units acknowledged when the files are taken: some are in the database, the newest in the WAL."""

SAMPLED = 4
MANY = 150
"""Damages of each kind, in the quick part and in the long one."""

by_harm = pytest.mark.parametrize("harm", list(Harm), ids=lambda harm: harm.name.lower())


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    ops = record(tmp_path_factory.mktemp("damage"), UNITS)
    return killed_files(ops[: acknowledgements(ops)[KILLED_AFTER]])


def rests(files: Files, harm: Harm, number: int, scratch: Path, seed: int) -> list[Rest]:
    content = content_of(files, scratch / "undamaged")
    return [
        rest_of(harmed(files, harm, chance(seed, harm, each)), scratch / str(each), content)
        for each in range(number)
    ]


def broken_in(rests: list[Rest]) -> dict[int, list[str]]:
    return {number: rest.broken for number, rest in enumerate(rests) if rest.broken}


@by_harm
def test_a_damaged_database_is_opened_again_and_says_what_it_has_lost(
    files: Files, harm: Harm, tmp_path: Path, seed: int
) -> None:
    assert broken_in(rests(files, harm, SAMPLED, tmp_path, seed)) == {}


def test_commits_that_are_gone_with_the_log_are_declared(
    files: Files, tmp_path: Path, seed: int
) -> None:
    (rest,) = rests(files, Harm.WAL_LOST, 1, tmp_path, seed)
    assert rest.outcome is Outcome.DECLARED


@pytest.mark.parametrize("text", [b"units/66", b"clock_quality"], ids=["value", "name"])
def test_a_text_that_is_none_any_more_is_taken_for_damage(
    files: Files, tmp_path: Path, text: bytes
) -> None:
    """Every page is in order, and SQLite does not mind; Python cannot read it, now or ever."""
    content = content_of(files, tmp_path / "undamaged")
    assert text in files[DATABASE]
    damaged = files | {DATABASE: files[DATABASE].replace(text, text[:-1] + b"\xff")}
    rest = rest_of(damaged, tmp_path / "damaged", content)
    assert rest == Rest(Outcome.DECLARED, aside=True, broken=[])


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_whatever_is_damaged_the_store_opens_and_says_what_it_has_lost(
    files: Files, tmp_path: Path, seed: int, publish: Publish
) -> None:
    outcomes: list[Outcome | None] = []
    broken: dict[str, list[str]] = {}
    for harm in Harm:
        found = rests(files, harm, MANY, tmp_path / harm.name, seed)
        outcomes += [rest.outcome for rest in found]
        broken |= {f"{harm} {number}": what for number, what in broken_in(found).items()}
    assert broken == {}
    publish(
        "damage",
        damages=len(outcomes),
        whole=outcomes.count(Outcome.WHOLE),
        declared=outcomes.count(Outcome.DECLARED),
        altered=outcomes.count(Outcome.ALTERED),
    )
