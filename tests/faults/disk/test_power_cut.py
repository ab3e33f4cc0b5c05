"""The power goes at any moment of a run: what was acknowledged is there, the rest is a prefix."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.conftest import Publish
from tests.faults.disk.image import Cut
from tests.faults.disk.recording import PowerCut, acknowledgements, cut_power, record
from tests.faults.disk.script import Level
from tests.faults.disk.writelog import NOTES, Op
from tests.faults.seeds import chance

COMMITS = 200
SHORT = 40
CUTS = (Cut.DROPPED, Cut.SUBSET, Cut.TORN)
TOLD_EVERY = 4
SAMPLED = 15
"""Cuts after and between acknowledgements that the quick part takes; the long part takes all."""

Recorded = Callable[[int, Level], list[Op]]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """The write log of a run, made once."""
    known: dict[tuple[int, Level], list[Op]] = {}

    def recording(units: int, level: Level) -> list[Op]:
        if (units, level) not in known:
            known[units, level] = record(tmp_path_factory.mktemp(level), units, level)
        return known[units, level]

    return recording


def broken_by(
    ops: list[Op], cuts: list[PowerCut], scratch: Path, seed: int
) -> dict[str, list[str]]:
    """The cuts that broke something, and what."""
    return {
        str(cut): broken for cut, broken in cut_power(ops, cuts, scratch / "cuts", seed) if broken
    }


def moments(ops: list[Op]) -> list[int]:
    """After every operation that may change what a power cut leaves."""
    return [at for at, op in enumerate(ops, 1) if op.path != NOTES and not op.path.endswith("-shm")]


def test_sqlite_here_writes_and_syncs_through_what_stands_below_it(recorded: Recorded) -> None:
    """A SQLite that called the kernel by itself would pass every test that follows."""
    seen = Counter((op.kind, op.path) for op in recorded(COMMITS, "FULL"))
    assert seen["s", "edge.db-wal"] >= COMMITS
    assert seen["w", "edge.db-wal"] > 2 * COMMITS
    assert seen["w", "edge.db"] > 0
    assert seen["s", "edge.db"] > 0
    assert seen["s", "."] > 0


def test_what_was_acknowledged_survives_a_power_cut_after_any_acknowledgement(
    recorded: Recorded, tmp_path: Path, seed: int
) -> None:
    ops = recorded(COMMITS, "FULL")
    told = acknowledgements(ops)
    assert len(told) == COMMITS
    cuts = [PowerCut(at, CUTS[number % len(CUTS)]) for number, at in enumerate(told[::TOLD_EVERY])]
    assert broken_by(ops, cuts, tmp_path, seed) == {}


def test_what_was_acknowledged_survives_a_power_cut_between_acknowledgements(
    recorded: Recorded, tmp_path: Path, seed: int
) -> None:
    ops = recorded(COMMITS, "FULL")
    some = sorted(chance(seed, "moments").sample(moments(ops), SAMPLED))
    cuts = [PowerCut(at, cut) for at in some for cut in (Cut.KEPT, Cut.SUBSET)]
    assert broken_by(ops, cuts, tmp_path, seed) == {}


@pytest.mark.parametrize("level", ["NORMAL", "OFF"])
def test_the_suite_fails_with_less_than_full_synchrony(
    recorded: Recorded, tmp_path: Path, seed: int, level: Level
) -> None:
    ops = recorded(SHORT, level)
    cuts = [PowerCut(at, Cut.DROPPED) for at in acknowledgements(ops)[:: SHORT // 8]]
    broken = broken_by(ops, cuts, tmp_path, seed)
    assert len(broken) > len(cuts) / 2
    assert all("acknowledged and lost" in findings[0] for findings in broken.values())


@pytest.mark.long
@pytest.mark.parametrize("cut", list(Cut))
def test_what_was_acknowledged_survives_a_power_cut_at_every_operation(
    recorded: Recorded, tmp_path: Path, seed: int, publish: Publish, cut: Cut
) -> None:
    ops = recorded(COMMITS, "FULL")
    cuts = [PowerCut(at, cut) for at in moments(ops)]
    broken = broken_by(ops, cuts, tmp_path, seed)
    assert broken == {}
    publish(f"power-cut-{cut}", commits=COMMITS, cuts=len(cuts), broken=len(broken))


@pytest.mark.long
@pytest.mark.parametrize("level", ["NORMAL", "OFF"])
def test_what_less_than_full_synchrony_loses(
    recorded: Recorded, tmp_path: Path, seed: int, publish: Publish, level: Level
) -> None:
    ops = recorded(COMMITS, level)
    cuts = [PowerCut(at, cut) for at in acknowledgements(ops) for cut in CUTS]
    broken = broken_by(ops, cuts, tmp_path, seed)
    unopened = sum("does not open" in findings[0] for findings in broken.values())
    assert broken
    publish(
        f"power-cut-{level.lower()}",
        commits=COMMITS,
        cuts=len(cuts),
        broken=len(broken),
        unopened=unopened,
    )
