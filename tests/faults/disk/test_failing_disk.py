"""The n-th write or sync fails below SQLite: refused visibly, resumed, and nothing is lost."""

import errno
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import pytest

from tests.faults.conftest import Publish
from tests.faults.disk.nth import Ending, Outcome
from tests.faults.disk.preload import SYNCS, WRITES, Fault, environment
from tests.faults.disk.recording import ROOT
from tests.faults.seeds import chance

UNITS: Final = 40
SAMPLED: Final = 4
"""Of each kind of fault, in the quick part; the long part takes every n."""

NEVER: Final = 10**9

GROWS: Final = "wc"
"""What a full disk refuses: to write and to create; not to cut short or to remove."""


class Trials:
    """A process that tries one fault after another."""

    def __init__(self, scratch: Path, seed: int, *options: str) -> None:
        self.full = scratch / "disk-is-full"
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.faults.disk.nth", str(scratch)),
                *("--units", str(UNITS), "--seed", str(seed), *options),
            ],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def outcome(self, fault: Fault) -> Outcome:
        """Of one run with `fault`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode(fault) + b"\n")
        self._process.stdin.flush()
        return msgspec.json.decode(self._process.stdout.readline(), type=Outcome)

    def every(self, kinds: str) -> range:
        """The n of a whole run."""
        return range(1, self.outcome(Fault(kinds, NEVER, errno.EIO)).counted + 1)

    def close(self) -> None:
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[Trials]:
    """On a database that is there already."""
    yield from _trials(tmp_path_factory.mktemp("nth"), seed)


@pytest.fixture(scope="module")
def first_trials(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[Trials]:
    """On a database that is made in the same run."""
    yield from _trials(tmp_path_factory.mktemp("first"), seed, "--fresh")


def _trials(scratch: Path, seed: int, *options: str) -> Iterator[Trials]:
    running = Trials(scratch, seed, *options)
    yield running
    running.close()
    shutil.rmtree(scratch)


class Failing(msgspec.Struct, frozen=True):
    """One way in which a disk fails.

    Attributes:
        lasts: from the n-th operation on; a full disk until somebody frees it.
        endings: of a run that such a disk may have.
    """

    name: str
    kinds: str
    error: int
    lasts: bool
    endings: frozenset[Ending]

    def at(self, nth: int, trials: Trials) -> Fault:
        return Fault(self.kinds, nth, self.error, until=str(trials.full) if self.lasts else "")


FAILS: Final = frozenset({Ending.FAILED, Ending.UNOPENED, Ending.WHOLE})
"""Whole where the disk failed while the storage was closing: the WAL simply stays."""

RESUMES: Final = frozenset({Ending.WHOLE, Ending.UNOPENED})

FAILINGS: Final = [
    Failing("write-error", WRITES, errno.EIO, lasts=False, endings=FAILS),
    Failing("disk-full-once", GROWS, errno.ENOSPC, lasts=False, endings=RESUMES),
    Failing("disk-full-until-freed", GROWS, errno.ENOSPC, lasts=True, endings=RESUMES),
    Failing("sync-error", SYNCS, errno.EIO, lasts=False, endings=FAILS),
    Failing("sync-errors-from-then-on", SYNCS, errno.EIO, lasts=True, endings=FAILS),
    Failing("disk-full-at-sync", SYNCS, errno.ENOSPC, lasts=False, endings=FAILS),
]
by_name = pytest.mark.parametrize("failing", FAILINGS, ids=lambda failing: failing.name)


def outcomes(failing: Failing, trials: Trials, every: list[int]) -> dict[int, Outcome]:
    return {nth: trials.outcome(failing.at(nth, trials)) for nth in every}


def wrong(failing: Failing, tried: dict[int, Outcome]) -> dict[int, Outcome]:
    """What broke a promise or came to an end that such a disk is no reason for."""
    return {
        nth: outcome
        for nth, outcome in tried.items()
        if outcome.broken or outcome.ending not in failing.endings
    }


@by_name
def test_when_some_write_or_sync_fails_nothing_acknowledged_is_lost(
    failing: Failing, trials: Trials, seed: int
) -> None:
    every = trials.every(failing.kinds)
    some = sorted(chance(seed, failing.name).sample(every, SAMPLED))
    assert wrong(failing, outcomes(failing, trials, some)) == {}


def test_after_a_failed_sync_of_the_log_nothing_is_acknowledged_until_a_restart(
    trials: Trials,
) -> None:
    outcome = trials.outcome(Fault(SYNCS, 15, errno.EIO, suffix="-wal"))
    assert outcome.ending is Ending.FAILED
    assert "is known after a restart" in outcome.reason
    assert outcome.broken == []


def test_a_folder_that_cannot_be_synced_keeps_the_storage_from_opening(trials: Trials) -> None:
    """SQLite passes over it: a power cut would take the name of the -wal, and all that is in it."""
    outcome = trials.outcome(Fault(SYNCS, 1, errno.EIO, suffix=".", until=str(trials.full)))
    assert outcome.ending is Ending.UNOPENED
    assert "is the disk full, read-only or failing?" in outcome.reason
    assert outcome.broken == []


def test_a_full_disk_refuses_until_it_is_freed_and_then_everything_is_kept(trials: Trials) -> None:
    full = Fault("w", 60, errno.ENOSPC, suffix="-wal", until=str(trials.full))
    outcome = trials.outcome(full)
    assert outcome.ending is Ending.WHOLE
    assert outcome.refusals >= 3
    assert outcome.broken == []


@pytest.mark.long
@pytest.mark.timeout(1800)
@by_name
def test_whichever_write_or_sync_fails_nothing_acknowledged_is_lost(
    failing: Failing, trials: Trials, publish: Publish
) -> None:
    tried = outcomes(failing, trials, list(trials.every(failing.kinds)))
    assert wrong(failing, tried) == {}
    _published(f"nth-{failing.name}", tried, publish)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("failing", FAILINGS[:4:2] + FAILINGS[3:4], ids=lambda each: each.name)
def test_whichever_write_or_sync_fails_while_the_database_is_made_a_restart_makes_it(
    failing: Failing, trials: Trials, first_trials: Trials, publish: Publish
) -> None:
    making = len(first_trials.every(failing.kinds)) - len(trials.every(failing.kinds))
    tried = outcomes(failing, first_trials, list(range(1, making + 1)))
    assert wrong(failing, tried) == {}
    _published(f"nth-making-{failing.name}", tried, publish)


def _published(name: str, tried: dict[int, Outcome], publish: Publish) -> None:
    endings = [outcome.ending for outcome in tried.values()]
    publish(
        name,
        faults=len(tried),
        whole=endings.count(Ending.WHOLE),
        failed=endings.count(Ending.FAILED),
        unopened=endings.count(Ending.UNOPENED),
        refused=sum(outcome.refusals > 0 for outcome in tried.values()),
        doubted=sum(outcome.doubted > 0 for outcome in tried.values()),
    )
